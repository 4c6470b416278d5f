"""Sockets of the unix domain that somebody listens on (/proc/<pid>/net/unix)."""

_ACCEPTS, _STREAM = 0x10000, 1


def listening(content: bytes) -> dict[int, str]:
    """Paths of listening stream sockets by inode; abstract names, which start with "@", are no paths."""
    paths = {}
    for line in content.splitlines()[1:]:
        fields = line.split(b" ", 6)
        words = fields[-1].split(maxsplit=1)
        try:
            accepts, kind = int(fields[3], 16) & _ACCEPTS, int(fields[4], 16)
            inode, path = int(words[0]), words[1]
        except (IndexError, ValueError):
            continue
        if accepts and kind == _STREAM and path.startswith(b"/"):
            paths[inode] = path.decode("utf-8", "surrogateescape")
    return paths
