"""A process for what may hang for good: opening a path below a container's root."""

import os
import socket
import sys
import time
from struct import Struct
from typing import TYPE_CHECKING

from netview.kernel import expendable_child
from netview.kernel.expendable_child import REQUEST

if TYPE_CHECKING:
    from subprocess import Popen

_PATIENCE_S = 0.2
_DESCRIPTOR = Struct("=i")
# The first answer takes as long as an interpreter takes to start.
_START_S = 3.0
# A path that hung once most likely hangs again.
_GRUDGE_S = 60.0


class Expendable:
    """Asks a child, which is started when it is first needed, killed when it does not answer, and ends with netview."""

    def __init__(self) -> None:
        self._child: Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._hung: dict[tuple[int, str], float] = {}

    def namespace(self, pid: int, path: str) -> int | None:
        """A descriptor of the namespace mounted at a path that a process sees; None: it hangs. Raises OSError."""
        asked = pid, path
        now = time.monotonic()
        if now - self._hung.get(asked, float("-inf")) < _GRUDGE_S:
            return None
        try:
            connection = self._started()
            connection.send(REQUEST.pack(pid) + os.fsencode(path))
            # socket.recv_fds() passes no flags on.
            answer, passed, _, _ = connection.recvmsg(16, socket.CMSG_SPACE(_DESCRIPTOR.size), socket.MSG_CMSG_CLOEXEC)
        except OSError:
            answer, passed = b"", []
        for _, _, payload in passed:
            descriptor: int = _DESCRIPTOR.unpack(payload)[0]
            return descriptor
        if answer:
            code = int(answer)
            raise OSError(code, os.strerror(code))
        self.close()
        self._hung = {one: at for one, at in self._hung.items() if now - at < _GRUDGE_S} | {asked: now}
        return None

    def close(self) -> None:
        """Kill the child."""
        child, self._child = self._child, None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if child is not None:
            child.kill()
            # Where it does not die at once, Python reaps it when the next process is started.
            deadline = time.monotonic() + _PATIENCE_S
            while child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)

    def _started(self) -> socket.socket:
        if self._socket is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._socket = ours
                self._child = _start(theirs)
            ours.settimeout(_START_S)
            ours.recv(1)
            ours.settimeout(_PATIENCE_S)
        return self._socket


def _start(connection: socket.socket) -> "Popen[bytes]":
    # Few hosts have mounts that only a child may open.
    from subprocess import DEVNULL, Popen  # noqa: PLC0415

    argv = [sys.executable, "-I", "-S", expendable_child.__file__, str(os.getpid())]
    return Popen(argv, stdin=connection.fileno(), stdout=DEVNULL, stderr=DEVNULL, cwd="/")
