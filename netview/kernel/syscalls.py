"""System calls that Python has no name for."""

import ctypes
import os
import struct

_PIDFD_GETFD = 438  # The same on every architecture.
_AT_EMPTY_PATH, _AT_STATX_DONT_SYNC, _STATX_INO = 0x1000, 0x4000, 0x100
_STATX_SIZE = 256
_INODE, _DEVICE = struct.Struct("=32xQ"), struct.Struct("=136xII")
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
    answer = ctypes.create_string_buffer(_STATX_SIZE)
    if _libc.statx(directory, path.encode(), _AT_EMPTY_PATH | _AT_STATX_DONT_SYNC, _STATX_INO, answer):
        raise _error()
    return os.makedev(*_DEVICE.unpack_from(answer)), _INODE.unpack_from(answer)[0]


def _error() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))
