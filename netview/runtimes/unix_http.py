"""GET over an engine's unix socket, within one deadline and one size, whatever the other side does."""

import http.client
import re
import socket
import struct
import time
from types import TracebackType
from typing import NamedTuple, Self

SECONDS = 1.9
"""For everything: connecting, and every request made over the connection. Those who give an engine 2 s hear why it failed."""
SIZE = 16 * 2**20
"""Bytes of one answer, headers included."""
_PIECE = 2**16


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

    def __init__(self, path: str, allowed: re.Pattern[str], *, seconds: float = SECONDS, size: int = SIZE) -> None:
        self._allowed = allowed
        self._size = size
        self._limits = _Limits(time.monotonic() + seconds)
        self._connection = _Connection(path, self._limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def remaining(self) -> float:
        """Seconds left until the deadline; below zero once it has passed."""
        return self._limits.deadline - time.monotonic()

    def peer(self) -> Peer:
        """Who listens, as the kernel says (SO_PEERCRED)."""
        return self._connection.peer

    def get(self, target: str) -> Answer:
        """Ask; raises OSError as the socket does, TimeoutError at the deadline, BadAnswer for what is not HTTP or too long."""
        if not self._allowed.fullmatch(target):
            raise ValueError(target)
        self._limits.bytes_left = self._size
        try:
            self._connection.request("GET", target)
            with self._connection.getresponse() as response:
                return Answer(response.status, _body(response))
        except (http.client.RemoteDisconnected, http.client.IncompleteRead):
            self._connection.close()
            raise BadAnswer("hung up in the middle of an answer") from None
        except http.client.HTTPException:
            self._connection.close()
            raise BadAnswer("does not speak HTTP") from None
        except (OSError, BadAnswer):
            self._connection.close()
            raise


def _body(response: http.client.HTTPResponse) -> bytes:
    # Never read() whole: it would set aside as much memory as Content-Length claims.
    body = bytearray()
    while piece := response.read(_PIECE):
        body += piece
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(body)


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


class _Connection(http.client.HTTPConnection):
    """HTTP/1.1 to a socket's path."""

    def __init__(self, path: str, limits: _Limits) -> None:
        super().__init__("localhost")
        self._path = path
        self._limits = limits
        self.peer = Peer(0, 0)

    def connect(self) -> None:
        """Connect; a full backlog counts against the deadline too."""
        bounded = _Socket(self._limits)
        self.sock = bounded
        bounded.connect_within(self._path)
        self.peer = Peer(*struct.unpack_from("@iI", bounded.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))


class _Socket(socket.socket):
    """A unix socket whose every read and write stops at the limits: http.client does its reads through recv_into."""

    def __init__(self, limits: _Limits) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self._limits = limits

    def connect_within(self, path: str) -> None:
        seconds = self._limits.seconds()
        # A full backlog fails a non-blocking connect at once with EAGAIN; a blocking one waits as long as SO_SNDTIMEO says.
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", int(seconds), 1 + int(seconds % 1 * 999_998)))
        try:
            self.connect(path)
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
