"""Where an engine listens, by its own descriptors."""

import os
from collections.abc import Iterator

from netview.decode.procnet import socket_inode
from netview.decode.unix_sockets import listening
from netview.runtimes.proc import namespace, process_file, process_path

_LOCAL = "/run/"


def sockets_of(pid: int) -> tuple[str, ...]:
    """Paths that the process listens on, as far as they can be the same here."""
    content = process_file(pid, "net/unix")
    if content is None:
        return ()
    told = listening(content)
    paths = {canonical(told[inode]) for inode in _inodes(pid) if inode in told}
    # Elsewhere a path may lead to anything, a disk that never answers too; /run is memory, and shared with rootless engines.
    here = namespace(pid, "mnt") in {None, namespace(os.getpid(), "mnt")}
    return tuple(sorted(path for path in paths if here or path.startswith(_LOCAL)))


def _inodes(pid: int) -> Iterator[int]:
    """Of the sockets that a process has open."""
    try:
        for descriptor in (process_path(pid) / "fd").iterdir():
            inode = socket_inode(str(descriptor.readlink()))
            if inode is not None:
                yield inode
    except OSError:
        return


def canonical(path: str) -> str:
    """/var/run is a link to /run."""
    return path.removeprefix("/var") if path.startswith("/var/run/") else path
