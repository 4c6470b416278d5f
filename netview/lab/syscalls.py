"""The system calls that Python learnt in 3.12 or not at all; errors are OSError with the name of the call."""

import ctypes
import os
from enum import IntFlag

PR_SET_NAME = 15
PR_SET_CHILD_SUBREAPER = 36


class Clone(IntFlag):
    """Kinds of namespaces (CLONE_*)."""

    NEWNS = 0x00020000
    NEWUTS = 0x04000000
    NEWIPC = 0x08000000
    NEWUSER = 0x10000000
    NEWPID = 0x20000000
    NEWNET = 0x40000000


class Mount(IntFlag):
    """Flags of mount(2) (MS_*)."""

    NOSUID = 0x2
    NODEV = 0x4
    NOEXEC = 0x8
    BIND = 0x1000
    REC = 0x4000
    PRIVATE = 0x40000
    SLAVE = 0x80000


NO_FLAGS = Mount(0)

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(kinds: Clone) -> None:
    """Put this thread (for NEWPID: its later children) into new namespaces."""
    what = " ".join(f"CLONE_{kind.name}" for kind in kinds)
    _checked(f"unshare {what}", _libc.unshare(ctypes.c_int(kinds)))


def setns(fd: int, kind: Clone) -> None:
    """Put this thread into the namespace that `fd` refers to."""
    _checked("setns", _libc.setns(ctypes.c_int(fd), ctypes.c_int(kind)))


def mount(source: str, target: str, fstype: str = "", flags: Mount = NO_FLAGS, data: str = "") -> None:
    """Mount a file system, or change how a mount propagates."""
    done = _libc.mount(os.fsencode(source), os.fsencode(target), os.fsencode(fstype), ctypes.c_ulong(flags), os.fsencode(data))
    _checked(f"mount {target}", done)


def unmount(target: str) -> None:
    """Take a mount away at once and let go of it when nobody uses it any more (MNT_DETACH)."""
    _checked(f"umount {target}", _libc.umount2(os.fsencode(target), ctypes.c_int(2)))


def prctl(option: int, value: int | bytes) -> None:
    """Change a property of this process or thread (PR_*)."""
    argument = ctypes.c_char_p(value) if isinstance(value, bytes) else ctypes.c_ulong(value)
    _checked("prctl", _libc.prctl(ctypes.c_int(option), argument, ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)))


def _checked(call: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), call)
