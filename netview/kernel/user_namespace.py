"""In which user namespace a network namespace was made."""

import errno
import fcntl
import os
import struct

from netview.model import UserNamespace

_NS_GET_USERNS, _NS_GET_PARENT, _NS_GET_OWNER_UID = 0xB701, 0xB702, 0xB704
_UID = struct.Struct("=I")


def own() -> int:
    """The inode of the one that the thread is in."""
    return os.stat("/proc/thread-self/ns/user").st_ino


def user_namespace(namespace: int, here: int) -> UserNamespace | None:
    """By the descriptor of a network namespace; None: it was made in the one that the thread is in, or in none below that."""
    levels: list[tuple[int, int]] = []
    try:
        level = fcntl.ioctl(namespace, _NS_GET_USERNS)
    except OSError:
        return None  # A parent's may not be asked for.
    try:
        while (inode := os.fstat(level).st_ino) != here:
            levels.append((inode, _owner_uid(level)))
            parent = fcntl.ioctl(level, _NS_GET_PARENT)
            os.close(level)
            level = parent
    except OSError:
        return None
    finally:
        os.close(level)
    told = None
    for inode, uid in reversed(levels):
        told = UserNamespace(inode, uid, told)
    return told


def own_user_namespace(namespace: int) -> int:
    """A descriptor of it, for the caller to close, where this user made it or one around it; else raises PermissionError."""
    # Who made a child of the user namespace that they are in may do all in that child, and in what is below it.
    user = user_namespace(namespace, own())
    if user is None or user.outermost.owner_uid != os.geteuid():
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
    descriptor: int = fcntl.ioctl(namespace, _NS_GET_USERNS)
    return descriptor


def _owner_uid(user: int) -> int:
    answer: bytes = fcntl.ioctl(user, _NS_GET_OWNER_UID, bytes(_UID.size))
    return int(_UID.unpack(answer)[0])
