"""GET over an engine's unix socket, within one deadline and one size, whatever the other side does."""

import re
import socket
import struct
import time
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from netview.runtimes.reach import Reach, connect

if TYPE_CHECKING:
    from netview.runtimes.http_connection import HttpConnection

SECONDS = 1.9
"""For everything: connecting, and every request made over the connection. Those who give an engine 2 s hear why it failed."""
SIZE = 16 * 2**20
"""Bytes of one answer, headers included."""


class BadAnswer(Exception):  # noqa: N818 - it is the engine's error; this names what came
    """An answer of no use; its text says why, in netview's words alone."""


class Answer(NamedTuple):
    """What an engine answered."""

    status: int
    body: bytes


class Peer(NamedTuple):
    """The process that listens on a socket."""

    pid: int
    """0: one that this pid namespace does not have."""
    uid: int


class UnixHttp:
    """A session of GETs, kept alive between them; only targets that `allowed` matches in full are sent."""

    def __init__(
        self, path: str, allowed: re.Pattern[str], *, reach: Reach | None = None, seconds: float = SECONDS, size: int = SIZE
    ) -> None:
        self._allowed = allowed
        self._size = size
        self._limits = _Limits(time.monotonic() + seconds)
        self._path = path
        self._reach = reach
        self._peer = Peer(0, 0)
        self._connection: HttpConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._connection is not None:
            self._connection.close()

    def remaining(self) -> float:
        """Seconds left until the deadline; below zero once it has passed."""
        return self._limits.deadline - time.monotonic()

    def peer(self) -> Peer:
        """Who listens, as the kernel says (SO_PEERCRED)."""
        return self._peer

    def get(self, target: str) -> Answer:
        """Ask; raises OSError as the socket does, TimeoutError at the deadline, BadAnswer for what is not HTTP or too long."""
        if not self._allowed.fullmatch(target):
            raise ValueError(target)
        self._limits.bytes_left = self._size
        if self._connection is None:
            self._connection = self._connected()
        try:
            return Answer(*self._connection.answer(target))
        except (OSError, BadAnswer):
            self._connection.close()
            raise

    def _connected(self) -> "HttpConnection":
        opened = self._open()
        # It takes 13 ms to load, in vain where nobody listens.
        from netview.runtimes.http_connection import HttpConnection  # noqa: PLC0415

        return HttpConnection(opened, self._open)

    def _open(self) -> socket.socket:
        """Connect; a full backlog counts against the deadline too."""
        bounded = _Socket(self._limits)
        try:
            bounded.connect_within(self._path, self._reach)
        except OSError:
            bounded.close()
            raise
        self._peer = Peer(*struct.unpack_from("@iI", bounded.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))
        return bounded


class _Limits:
    """What is left of the deadline and of the size."""

    __slots__ = ("bytes_left", "deadline")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.bytes_left = 0

    def seconds(self) -> float:
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class _Socket(socket.socket):
    """A unix socket whose every read and write stops at the limits: http.client does its reads through recv_into."""

    def __init__(self, limits: _Limits) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self._limits = limits

    def connect_within(self, path: str, reach: Reach | None) -> None:
        seconds = self._limits.seconds()
        # A full backlog fails a non-blocking connect at once with EAGAIN; a blocking one waits as long as SO_SNDTIMEO says.
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", int(seconds), 1 + int(seconds % 1 * 999_998)))
        try:
            connect(self, path, reach)
        except BlockingIOError:
            raise TimeoutError from None

    def sendall(self, data: object, flags: int = 0, /) -> None:
        self.settimeout(self._limits.seconds())
        super().sendall(data, flags)  # type: ignore[arg-type]

    def recv_into(self, buffer: object, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(self._limits.seconds())
        count = super().recv_into(buffer, nbytes, flags)  # type: ignore[arg-type]
        self._limits.bytes_left -= count
        if self._limits.bytes_left < 0:
            raise BadAnswer("answers without end")
        return count
