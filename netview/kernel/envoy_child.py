"""Opens what namespaces are read with inside user namespaces; run by its path, it imports nothing of netview."""

import ctypes
import os
import select
import signal
import socket
import struct
import sys
from typing import NoReturn

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
REQUEST = struct.Struct("=i")
"""A netlink protocol, before a message to send; below zero, before the path of a file of /proc."""
SIZE, PATIENCE_MS = 4096, 1000
_libc = ctypes.CDLL(None, use_errno=True)


def opened(request: bytes, user: int, network: int) -> int:
    """A descriptor of what is asked for, with the process inside from now on; raises OSError."""
    for namespace, kind in ((user, CLONE_NEWUSER), (network, CLONE_NEWNET)):
        if _libc.setns(namespace, kind):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    # The kernel forgets it on the way into a user namespace.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    (protocol,) = REQUEST.unpack_from(request)
    if protocol < 0:
        return os.open(request[REQUEST.size :], os.O_RDONLY | os.O_CLOEXEC)
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, protocol)
    if len(request) > REQUEST.size:
        made.send(request[REQUEST.size :])
    return made.detach()


def answer(asked: socket.socket, request: bytes, user: int, network: int) -> NoReturn:
    """Send the descriptor, or the kernel's errno as text, and end: nobody leaves a user namespace once in it."""
    code = 1
    try:
        try:
            descriptor = opened(request, user, network)
        except OSError as error:
            asked.send(str(error.errno or 0).encode())
        else:
            socket.send_fds(asked, [b"0"], [descriptor])
        code = 0
    finally:
        os._exit(code)


def ended(child: int) -> bool:
    """Whether a process ends well and in time: what is in the namespaces might stop it."""
    pidfd = os.pidfd_open(child)
    try:
        waiting = select.poll()
        waiting.register(pidfd, select.POLLIN)
        if not waiting.poll(PATIENCE_MS):
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(pidfd)
    return os.waitpid(child, 0)[1] == 0


def serve(asked: socket.socket) -> None:
    """Say that it is there, then have a process answer each request; to the end, or until one has died without an answer."""
    asked.send(b"0")
    while True:
        request, inside, _, _ = socket.recv_fds(asked, SIZE, 2)
        if not request:
            return
        child = os.fork()
        if child == 0:
            answer(asked, request, *inside)
        for descriptor in inside:
            os.close(descriptor)
        if not ended(child):
            return


if __name__ == "__main__":
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == int(sys.argv[1]):
        serve(socket.socket(fileno=0))
