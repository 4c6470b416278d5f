"""Whose user namespace a network namespace belongs to."""

import fcntl
import os
import struct

_NS_GET_USERNS, _NS_GET_OWNER_UID = 0xB701, 0xB704
_UID = struct.Struct("=I")


def owner_uid(namespace: int) -> int | None:
    """Who made it, by the descriptor of a network namespace; None: it is netview's own, or not below that."""
    try:
        user = fcntl.ioctl(namespace, _NS_GET_USERNS)
    except OSError:
        return None  # A parent's may not be asked for.
    try:
        if os.fstat(user).st_ino == os.stat("/proc/thread-self/ns/user").st_ino:
            return None
        answer: bytes = fcntl.ioctl(user, _NS_GET_OWNER_UID, bytes(_UID.size))
        return int(_UID.unpack(answer)[0])
    except OSError:
        return None
    finally:
        os.close(user)
