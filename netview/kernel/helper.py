"""A process of netview's own for what its threads must not or cannot do."""

import errno
import os
import socket
import sys
import time
from collections.abc import Hashable, Sequence
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

_DESCRIPTOR = Struct("=i")
# The first answer takes as long as an interpreter takes to start.
_START_S = 3.0
_LONGEST = 65536
_DEATH_S = 0.2
_MOST_STUCK = 8
"""Processes that were killed and do not die: with so many of them no other is started."""


class Helper:
    """Runs a script that answers with descriptors: started when it is first needed, killed when it does not answer in time.

    It ends with the thread that started it.
    """

    def __init__(self, script: str, patience_s: float, grudge_s: float) -> None:
        """What it did not answer once it is not asked again for as long as the grudge lasts, or the killed process itself."""
        self._script = script
        self._patience_s = patience_s
        self._grudge_s = grudge_s
        self._hung: dict[Hashable, float] = {}
        # Whose question a FUSE server has read, and does not answer, no signal ends.
        self._stuck: dict[Hashable, Popen[bytes]] = {}
        self._child: Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def descriptor(self, about: Hashable, request: bytes, descriptors: Sequence[int] = ()) -> int | None:
        """The descriptor that it answers with, for the caller to close; None: no answer. Raises OSError as it did there.

        `about`: what a grudge is borne against.
        """
        answer, passed = self._answered(about, request, descriptors)
        for _, _, payload in passed:
            descriptor: int = _DESCRIPTOR.unpack(payload)[0]
            return descriptor
        _raise(answer)
        return None

    def content(self, about: Hashable, request: bytes) -> bytes | None:
        """The bytes that it answers with; None: no answer. Raises OSError as it did there."""
        answer, _ = self._answered(about, request, ())
        if answer.startswith(b"="):
            return answer[1:]
        _raise(answer)
        return None

    def _answered(
        self, about: Hashable, request: bytes, descriptors: Sequence[int]
    ) -> tuple[bytes, list[tuple[int, int, bytes]]]:
        """What it answered, and what came with that; nothing: it is not asked again, or was killed. Raises OSError: not asked."""
        now = time.monotonic()
        self._stuck = {one: child for one, child in self._stuck.items() if child.poll() is None}
        if about in self._stuck or now - self._hung.get(about, float("-inf")) < self._grudge_s:
            return b"", []
        if len(self._stuck) >= _MOST_STUCK:
            raise OSError(errno.EAGAIN, "not asked for: too many others do not answer")
        try:
            connection = self._started()
            socket.send_fds(connection, [request], descriptors)
            # socket.recv_fds() passes no flags on.
            answer, passed, _, _ = connection.recvmsg(_LONGEST, socket.CMSG_SPACE(_DESCRIPTOR.size), socket.MSG_CMSG_CLOEXEC)
        except OSError:
            answer, passed = b"", []
        if not answer and not passed:
            child = self._killed()
            if child is not None:
                self._stuck[about] = child
            self._hung = {one: at for one, at in self._hung.items() if now - at < self._grudge_s} | {about: now}
        return answer, passed

    def close(self) -> None:
        """Kill the process."""
        self._killed()
        self._stuck = {one: child for one, child in self._stuck.items() if child.poll() is None}

    def _killed(self) -> "Popen[bytes] | None":
        """The process, if it does not die of it soon."""
        child, self._child = self._child, None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if child is None:
            return None
        child.kill()
        deadline = time.monotonic() + _DEATH_S
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        return child if child.poll() is None else None

    def _started(self) -> socket.socket:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._socket is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._socket = ours
                self._child = _start(self._script, theirs)
            ours.settimeout(_START_S)
            ours.recv(1)
            ours.settimeout(self._patience_s)
        return self._socket


def _raise(answer: bytes) -> None:
    if answer:
        code = int(answer)
        raise OSError(code, os.strerror(code))


def _start(script: str, connection: socket.socket) -> "Popen[bytes]":
    # Few hosts need any helper.
    from subprocess import DEVNULL, Popen  # noqa: PLC0415

    argv = [sys.executable, "-I", "-S", script, str(os.getpid())]
    return Popen(argv, stdin=connection.fileno(), stdout=DEVNULL, stderr=DEVNULL, cwd="/")
