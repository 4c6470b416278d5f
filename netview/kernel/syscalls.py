"""System calls that Python has no name for."""

import ctypes
import errno
import os
import stat
import struct

_PIDFD_GETFD = 438  # The same on every architecture.
_KCMP, _KCMP_FILES = {"x86_64": 312, "i686": 349, "ppc64le": 354, "s390x": 343}, 2
_KCMP_ELSEWHERE = 272
_PIDFD_THREAD = os.O_EXCL
_AT_EMPTY_PATH, _AT_STATX_DONT_SYNC, _STATX_TYPE, _STATX_INO = 0x1000, 0x4000, 0x1, 0x100
_STATX_SIZE = 256
_INODE, _DEVICE = struct.Struct("=32xQ"), struct.Struct("=136xII")
_MODE, _SPECIAL = struct.Struct("=28xH"), struct.Struct("=128xII")
_libc = ctypes.CDLL(None, use_errno=True)


def pidfd_getfd(pidfd: int, descriptor: int) -> int:
    """A copy of another process's descriptor, for the caller to close; takes the right to trace it, raises OSError."""
    copy: int = _libc.syscall(_PIDFD_GETFD, pidfd, descriptor, 0)
    if copy < 0:
        raise _error()
    return copy


def identity(path: str, directory: int) -> tuple[int, int]:
    """Device and inode behind a path below a directory, or of that descriptor itself where the path is empty.

    It asks no file system's server, which may not answer: in /proc/<pid>/fd any file may stand. Raises OSError.
    """
    answer = _statx(path, directory, _STATX_INO)
    return os.makedev(*_DEVICE.unpack_from(answer)), _INODE.unpack_from(answer)[0]


def character_device(descriptor: int) -> tuple[int, int] | None:
    """Which one a descriptor leads to, by major and minor number; None: no such one. Asks no server either, raises OSError."""
    answer = _statx("", descriptor, _STATX_TYPE)
    major, minor = _SPECIAL.unpack_from(answer)
    return (major, minor) if stat.S_ISCHR(_MODE.unpack_from(answer)[0]) else None


def pidfd_open(task: int) -> int:
    """A descriptor of a process, or of a thread (Linux 6.9), for the caller to close; raises OSError."""
    try:
        return os.pidfd_open(task)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOENT}:
            raise
        return os.pidfd_open(task, _PIDFD_THREAD)


def share_files(task: int, other: int) -> bool:
    """Whether two tasks have their descriptors in common; so they are said to where the kernel does not tell."""
    number = _KCMP.get(os.uname().machine, _KCMP_ELSEWHERE)
    order: int = _libc.syscall(number, task, other, _KCMP_FILES, 0, 0)
    return order <= 0


def _statx(path: str, directory: int, wanted: int) -> ctypes.Array[ctypes.c_char]:
    answer = ctypes.create_string_buffer(_STATX_SIZE)
    if _libc.statx(directory, path.encode(), _AT_EMPTY_PATH | _AT_STATX_DONT_SYNC, wanted, answer):
        raise _error()
    return answer


def _error() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))
