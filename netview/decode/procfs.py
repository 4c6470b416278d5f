"""Text of /proc."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_OCTAL = re.compile(rb"\\([0-7]{3})")

# The numbers are those of kernels before 5.8; hidepid=1 ("noaccess") refuses, which is met process by process.
_HIDDEN = frozenset({b"hidepid=2", b"hidepid=4", b"hidepid=invisible", b"hidepid=ptraceable"})
_PF_KTHREAD = 0x00200000


class NsfsMount(NamedTuple):
    """A namespace held by a mount."""

    inode: int
    path: str


class Stat(NamedTuple):
    """What /proc/<pid>/stat tells of a process."""

    comm: str
    started_ticks: int
    """Clock ticks after boot."""
    kernel_thread: bool


def nsfs_mounts(mountinfo: bytes) -> Iterator[NsfsMount]:
    """Network namespaces among the mounts of a mountinfo file, for each path the one on top, in the order of mounting."""
    top: dict[bytes, NsfsMount] = {}
    for line in mountinfo.split(b"\n"):  # Of a path's control characters a mountinfo escapes tab and newline alone.
        if b" net:[" not in line:
            continue
        fields = line.split(b" ")
        root, path = fields[3], fields[4]
        separator = fields.index(b"-") if b"-" in fields else len(fields)
        if fields[separator + 1 : separator + 2] != [b"nsfs"] or not root.startswith(b"net:["):
            continue
        top.pop(path, None)
        top[path] = NsfsMount(int(root[5:-1]), _unescape(path))
    yield from top.values()


def hides_processes(mountinfo: bytes) -> bool:
    """Whether the /proc on top may leave out other users' processes: with hidepid they are not even refused."""
    hides = False
    for line in mountinfo.split(b"\n"):
        mount, _, filesystem = line.partition(b" - ")
        if mount.split(b" ")[4:5] == [b"/proc"]:
            options = filesystem.rpartition(b" ")[2].split(b",")
            hides = not _HIDDEN.isdisjoint(options)
    return hides


def stat(content: bytes) -> Stat:
    """Name and start of a process; the name may hold anything, brackets and blanks too."""
    opening, closing = content.index(b"("), content.rindex(b")")
    fields = content[closing + 2 :].split()
    comm = content[opening + 1 : closing].decode("utf-8", "surrogateescape")
    return Stat(comm, int(fields[19]), kernel_thread=bool(int(fields[6]) & _PF_KTHREAD))


def namespace_inode(target: str) -> int:
    """The inode in a link such as "net:[4026531833]"."""
    return int(target[target.index("[") + 1 : -1])


def _unescape(path: bytes) -> str:
    return _OCTAL.sub(_octal, path).decode("utf-8", "surrogateescape")


def _octal(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8) & 0xFF])
