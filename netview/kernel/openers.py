"""What leads to a namespace, and how it is opened without trusting what stands there by now."""

import errno
import fcntl
import os
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, NoReturn

from netview.decode.procfs import NsfsMount, nsfs_mounts
from netview.kernel.syscalls import character_device, identity, pidfd_getfd, pidfd_open

_SIOCGSKNS = 0x894C
_TUN = (10, 200)


class DescriptorWay(NamedTuple):
    """A process holds it open."""

    pid: int
    descriptor: int


class SocketWay(NamedTuple):
    """A process holds a socket that was made in it."""

    pid: int
    descriptor: int
    inode: int
    """The socket's."""


class TunWay(NamedTuple):
    """A process has /dev/net/tun open, and may make a device in it."""

    pid: int
    descriptor: int


class MountWay(NamedTuple):
    """It is mounted in another mount namespace: a process there, and the path as that process sees it."""

    pid: int
    path: str


Opener = str | DescriptorWay | SocketWay | TunWay | MountWay
"""A string is a path in /proc or in this mount namespace."""
OpenMount = Callable[[int, str], int | None]
"""Opens a path below a process's root somewhere where it may hang; None: nothing was opened in time."""


def open_namespace(opener: Opener, inode: int, open_mount: OpenMount) -> int:
    """A descriptor of the namespace, for the caller to check and to close; raises OSError."""
    if isinstance(opener, DescriptorWay):
        return open_held(f"/proc/{opener.pid}/fd/{opener.descriptor}", inode)
    if isinstance(opener, SocketWay):
        pidfd = pidfd_open(opener.pid)
        try:
            return open_by_socket(pidfd, opener.descriptor, opener.inode)
        finally:
            os.close(pidfd)
    if isinstance(opener, TunWay):
        return open_by_tun(opener.pid, opener.descriptor)
    if isinstance(opener, MountWay):
        descriptor = open_mount(opener.pid, opener.path)
        return _not_opened(opener, inode) if descriptor is None else descriptor
    # The bytes that the kernel gave, in any locale.
    return os.open(opener.encode("utf-8", "surrogateescape"), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)


def open_by_socket(pidfd: int, number: int, inode: int) -> int:
    """A descriptor of the namespace that another process's socket was made in; raises OSError."""
    duplicate = pidfd_getfd(pidfd, number)
    try:
        # By now it may be another file, whose answer could be waited for in vain.
        if os.readlink(f"/proc/thread-self/fd/{duplicate}") != f"socket:[{inode}]":
            raise FileNotFoundError(errno.ENOENT, "the socket is closed")
        return fcntl.ioctl(duplicate, _SIOCGSKNS)
    finally:
        os.close(duplicate)


def open_by_tun(pid: int, number: int) -> int:
    """A descriptor of the namespace in which another process has opened /dev/net/tun; raises OSError."""
    pidfd = pidfd_open(pid)
    try:
        duplicate = pidfd_getfd(pidfd, number)
    finally:
        os.close(pidfd)
    try:
        # Any file may be called so, and another one's answer could be waited for in vain.
        if character_device(duplicate) != _TUN:
            raise FileNotFoundError(errno.ENOENT, "the descriptor is closed")
        return fcntl.ioctl(duplicate, _SIOCGSKNS)
    finally:
        os.close(duplicate)


def _not_opened(opener: MountWay, inode: int) -> NoReturn:
    """Say whether it is gone or does not open."""
    with open(f"/proc/{opener.pid}/mountinfo", "rb") as file:
        if NsfsMount(inode, opener.path) not in nsfs_mounts(file.read()):
            raise FileNotFoundError(errno.ENOENT, "unmounted")
    raise TimeoutError(errno.ETIMEDOUT, "its mount does not open")


def open_held(path: str, inode: int) -> int:
    """A descriptor of the namespace behind a path such as /proc/<pid>/fd/7; raises OSError.

    By now another file may stand there, and opening that could hang or act: it is looked at first, unopened.
    """
    unopened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if identity("", unopened) != (nsfs(), inode):
            raise FileNotFoundError(errno.ENOENT, "the descriptor is closed")
        return os.open(f"/proc/thread-self/fd/{unopened}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(unopened)


@cache
def nsfs() -> int:
    """The device of all namespaces."""
    return os.stat("/proc/thread-self/ns/net").st_dev
