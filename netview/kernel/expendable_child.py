"""Opens what may hang, in a process that is killed when it does; run by its path, it imports nothing of netview."""

import ctypes
import os
import socket
import struct
import sys

PR_SET_PDEATHSIG, SIGKILL = 1, 9
OPENAT2, RESOLVE_NO_MAGICLINKS, RESOLVE_IN_ROOT = 437, 0x02, 0x10
HOW = struct.Struct("=QQQ")
REQUEST = struct.Struct("=i")
"""A pid, before the path as that process sees it."""
_libc = ctypes.CDLL(None, use_errno=True)


def namespace(pid: int, path: bytes) -> int:
    """A descriptor of the namespace that is mounted there; raises OSError."""
    root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_CLOEXEC)
    try:
        unopened = _below(root, path)
    finally:
        os.close(root)
    try:
        if os.fstat(unopened).st_dev != os.stat("/proc/self/ns/net").st_dev:
            raise FileNotFoundError(2, "no namespace is mounted there")
        return os.open(f"/proc/self/fd/{unopened}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(unopened)


def _below(root: int, path: bytes) -> int:
    """The path for one who sees no more than this root; nothing is opened."""
    how = HOW.pack(os.O_PATH | os.O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
    descriptor: int = _libc.syscall(OPENAT2, root, path, how, len(how))
    if descriptor < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return descriptor


def serve(asked: socket.socket) -> None:
    """Say that it is there, then answer each request with a descriptor, or with the kernel's errno as text, to the end."""
    asked.send(b"0")
    while request := asked.recv(65536):
        (pid,) = REQUEST.unpack_from(request)
        try:
            descriptor = namespace(pid, request[REQUEST.size :])
        except OSError as error:
            asked.send(str(error.errno or 0).encode())
            continue
        try:
            socket.send_fds(asked, [b"0"], [descriptor])
        finally:
            os.close(descriptor)


if __name__ == "__main__":
    # It would outlive a netview that is killed while it hangs.
    _libc.prctl(PR_SET_PDEATHSIG, SIGKILL)
    if os.getppid() == int(sys.argv[1]):
        serve(socket.socket(fileno=0))
