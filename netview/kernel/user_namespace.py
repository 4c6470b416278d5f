"""Whose user namespace a network namespace belongs to."""

import errno
import fcntl
import os
import struct

_NS_GET_USERNS, _NS_GET_PARENT, _NS_GET_OWNER_UID = 0xB701, 0xB702, 0xB704
_UID = struct.Struct("=I")


def owner_uid(namespace: int) -> int | None:
    """Who made it, by the descriptor of a network namespace; None: it is netview's own, or not below that."""
    try:
        user = fcntl.ioctl(namespace, _NS_GET_USERNS)
    except OSError:
        return None  # A parent's may not be asked for.
    try:
        if os.fstat(user).st_ino == _here():
            return None
        return _uid(user)
    except OSError:
        return None
    finally:
        os.close(user)


def own_user_namespace(namespace: int) -> int:
    """A descriptor of it, for the caller to close, where this user made it or one around it; else raises OSError."""
    user = fcntl.ioctl(namespace, _NS_GET_USERNS)
    # Who made a child of the user namespace that they are in may do all in that child, and in what is below it.
    try:
        if not _below_own(user):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
    except OSError:
        os.close(user)
        raise
    return user


def _below_own(user: int) -> bool:
    here, uid, level = _here(), os.geteuid(), os.dup(user)
    try:
        while os.fstat(level).st_ino != here:
            parent = fcntl.ioctl(level, _NS_GET_PARENT)
            if os.fstat(parent).st_ino == here and _uid(level) == uid:
                os.close(parent)
                return True
            os.close(level)
            level = parent
    finally:
        os.close(level)
    return False


def _uid(user: int) -> int:
    answer: bytes = fcntl.ioctl(user, _NS_GET_OWNER_UID, bytes(_UID.size))
    return int(_UID.unpack(answer)[0])


def _here() -> int:
    return os.stat("/proc/thread-self/ns/user").st_ino
