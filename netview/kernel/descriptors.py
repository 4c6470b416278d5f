"""What a process holds open of namespaces and of sockets."""

import fcntl
import os
from itertools import islice
from typing import NamedTuple

from netview.kernel.openers import nsfs, open_held
from netview.kernel.syscalls import identity

LIMIT = 20_000
"""Descriptors of one process that are looked at: about 40 ms."""
_MOST_TUNS = 64
_NS_GET_NSTYPE, _CLONE_NEWNET = 0xB703, 0x40000000
_NO_MOUNTS = ("/dev/null", "/dev/pts/", "/memfd:", "/dmabuf:")


class Descriptors(NamedTuple):
    """Descriptors by inode, one for each; tun devices have none of their own."""

    namespaces: dict[int, int]
    sockets: dict[int, int]
    tuns: tuple[int, ...]
    """Those of /dev/net/tun."""
    partly: bool
    """Whether it has more than were looked at."""


def descriptors(pid: int) -> Descriptors:
    """Raises PermissionError where they may not be listed, and FileNotFoundError or ProcessLookupError where it has ended."""
    namespaces: dict[int, int] = {}
    sockets: dict[int, int] = {}
    tuns: list[int] = []
    folder = os.open(f"/proc/{pid}/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        names = os.listdir(folder)
        for name in islice(names, LIMIT):
            try:
                target = os.readlink(name, dir_fd=folder)
                # A file's path begins with a slash, whatever it is called.
                if target.startswith("socket:["):
                    sockets.setdefault(int(target[8:-1]), int(name))
                elif target.startswith("net:["):
                    namespaces.setdefault(int(target[5:-1]), int(name))
                elif target == "/dev/net/tun":
                    tuns.append(int(name))
                elif target.startswith("/") and not target.startswith(_NO_MOUNTS):
                    inode = _opened_by_mount(pid, folder, name)
                    if inode is not None:
                        namespaces.setdefault(inode, int(name))
            except OSError:
                continue  # Closed by now.
    finally:
        os.close(folder)
    return Descriptors(namespaces, sockets, tuple(tuns[:_MOST_TUNS]), len(names) > LIMIT)


def _opened_by_mount(pid: int, folder: int, name: str) -> int | None:
    """The inode where it is a network namespace that was opened by the path of a mount, which the link then tells instead."""
    device, inode = identity(name, folder)
    if device != nsfs():
        return None
    descriptor = open_held(f"/proc/{pid}/fd/{name}", inode)
    try:
        return inode if fcntl.ioctl(descriptor, _NS_GET_NSTYPE) == _CLONE_NEWNET else None
    finally:
        os.close(descriptor)
