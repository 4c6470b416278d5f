"""Opens and reads what may hang, in a process that is killed when it does; run by its path, it imports nothing of netview."""

import ctypes
import os
import socket
import struct
import sys

PR_SET_PDEATHSIG, SIGKILL = 1, 9
OPENAT2, RESOLVE_NO_MAGICLINKS, RESOLVE_IN_ROOT = 437, 0x02, 0x10
HOW = struct.Struct("=QQQ")
REQUEST = struct.Struct("=ci")
"""What is wanted and a pid, before the path as that process sees it."""
NAMESPACE, CONTENT, SOCKET = b"n", b"c", b"s"
LONGEST = 65536
S_IFMT, S_IFREG, S_IFSOCK = 0o170000, 0o100000, 0o140000
ENOTSUP = 95
SLOW = frozenset({b"fuse", b"fuseblk", b"nfs", b"nfs4", b"cifs", b"smb3", b"9p", b"autofs", b"ceph", b"glusterfs", b"afs"})
"""File systems that somebody else may answer for, or not; with "fuse." before them others, too."""
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


def content(pid: int, path: bytes) -> bytes:
    """The first 64 KiB of a regular file there; raises OSError, ENOTSUP where its file system may not answer."""
    unopened = _quick(pid, path)
    try:
        if os.fstat(unopened).st_mode & S_IFMT != S_IFREG:
            raise OSError(22, "it is no regular file")
        opened = os.open(f"/proc/self/fd/{unopened}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    finally:
        os.close(unopened)
    try:
        return os.read(opened, LONGEST - 1)
    finally:
        os.close(opened)


def listener(pid: int, path: bytes) -> int:
    """A descriptor of the socket there, to connect to; raises OSError, ENOTSUP where its file system may not answer."""
    unopened = _quick(pid, path)
    if os.fstat(unopened).st_mode & S_IFMT == S_IFSOCK:
        return unopened
    os.close(unopened)
    raise OSError(22, "it is no socket")


def _quick(pid: int, path: bytes) -> int:
    """A descriptor of what is there, unopened; raises OSError, ENOTSUP where its file system may not answer."""
    slow = _slow(pid)
    if any(path == mount or path.startswith(mount.rstrip(b"/") + b"/") for mount in slow.values()):
        raise OSError(ENOTSUP, "its file system may hang")
    root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_CLOEXEC)
    try:
        unopened = _below(root, path)
    finally:
        os.close(root)
    device = os.fstat(unopened).st_dev
    if f"{os.major(device)}:{os.minor(device)}".encode() not in slow:
        return unopened
    os.close(unopened)
    raise OSError(ENOTSUP, "its file system may hang")


def _slow(pid: int) -> "dict[bytes, bytes]":
    """The mounts of a process that may hang, by device."""
    with open(f"/proc/{pid}/mountinfo", "rb") as file:
        lines = [line.split() for line in file]
    found = {}
    for words in lines:
        kind = words[words.index(b"-") + 1]
        if kind in SLOW or kind.startswith(b"fuse."):
            found[words[2]] = words[4]
    return found


def _below(root: int, path: bytes) -> int:
    """The path for one who sees no more than this root; nothing is opened."""
    how = HOW.pack(os.O_PATH | os.O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
    descriptor: int = _libc.syscall(OPENAT2, root, path, how, len(how))
    if descriptor < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return descriptor


def serve(asked: socket.socket) -> None:
    """Say that it is there, then answer each request to the end.

    With a descriptor, with "=" and a file's content, or with the kernel's errno as text.
    """
    asked.send(b"0")
    while request := asked.recv(65536):
        kind, pid = REQUEST.unpack_from(request)
        path = request[REQUEST.size :]
        try:
            if kind == CONTENT:
                asked.send(b"=" + content(pid, path))
                continue
            descriptor = listener(pid, path) if kind == SOCKET else namespace(pid, path)
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
