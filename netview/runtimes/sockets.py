"""Where an engine listens, by its own descriptors."""

import os
from collections.abc import Iterator
from pathlib import Path

from netview.decode.procnet import socket_inode
from netview.decode.unix_sockets import listening
from netview.runtimes.proc import namespace, process_file, process_path

_LOCAL = "/run/"


def sockets_of(pid: int) -> tuple[str, ...]:
    """Paths that the process listens on, as it calls them."""
    content = process_file(pid, "net/unix")
    if content is None:
        return ()
    told = listening(content)
    return tuple(sorted({told[inode] for inode in _inodes(pid) if inode in told}))


def is_among_us(pid: int) -> bool:
    """Whether its mounts are ours, so that its paths are, too; one that may not be asked for is taken to be."""
    return namespace(pid, "mnt") in {None, namespace(os.getpid(), "mnt")}


def is_local(path: str) -> bool:
    """Whether it cannot hang: /run is memory, and shared with rootless engines."""
    return canonical(path).startswith(_LOCAL)


def is_same(path: str, descriptor: int) -> bool:
    """Whether the path leads here to what a descriptor is of; one that may hang is taken to lead elsewhere."""
    if not is_local(path):
        return False
    try:
        here, there = Path(canonical(path)).stat(), os.fstat(descriptor)
    except OSError:
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


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
