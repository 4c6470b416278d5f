"""A netlink socket of the namespace at a place."""

import os
import socket
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from netview.decode.netlink import (
    HEADER,
    NLM_F_ACK,
    NLM_F_DUMP,
    NLM_F_DUMP_INTR,
    NLM_F_REQUEST,
    NLMSG_DONE,
    NLMSG_ERROR,
    error_code,
    messages,
)
from netview.kernel.place import HERE, Place

_SO_NETNS_COOKIE = 71
_SOL_NETLINK, _GET_STRICT_CHK = 270, 12
# A dump answers in pieces of 32 KiB, but a link with all the alternative names it may have takes 65 KiB and more.
_RECEIVE = 98304
# So many answers have room in a socket: each takes three times its size and more.
_AT_ONCE = 100
# No kernel takes this long: a bound all the same, since the thread must not hang.
_TIMEOUT = struct.pack("@ll", 5, 0)


class RouteSocket:
    """NETLINK_ROUTE, for dumps and single requests; raises OSError with the kernel's errno."""

    protocol = socket.NETLINK_ROUTE
    guarded = False
    """Whether the kernel answers those alone who have rights in the namespace."""

    def __init__(self, place: Place = HERE) -> None:
        self._place = place
        self._socket = place.netlink(self.protocol)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEOUT)
        self._sequence = 0
        self.interrupted = False
        """Whether something changed during a dump, which may be neither the old state nor the new one."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket, which would pin its namespace."""
        self._socket.close()

    def cookie(self) -> int | None:
        """The namespace's identity, never used again (SO_NETNS_COOKIE); None before Linux 5.14."""
        try:
            return int.from_bytes(self._socket.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8), sys.byteorder)
        except OSError:
            return None

    def be_strict(self) -> None:
        """Have the kernel look at all of a dump's request: filters need it (Linux 4.20)."""
        self._socket.setsockopt(_SOL_NETLINK, _GET_STRICT_CHK, 1)

    def read(self, kind: int, body: bytes, take: Callable[[bytes], bool]) -> None:
        """Ask for a dump and have each of its datagrams taken; `take` says whether it was the last (see `ended`)."""
        self._send(kind, NLM_F_DUMP, body)
        while not take(self._receive()):
            pass

    def dump(self, kind: int, answer: int, body: bytes) -> Iterator[tuple[bytes, int, int]]:
        """Each message of type `answer` of a dump: its datagram, begin and end of its body there."""
        self._send(kind, NLM_F_DUMP, body)
        while True:
            data = self._receive()
            for found, flags, at, end in messages(data):
                if flags & NLM_F_DUMP_INTR:
                    self.interrupted = True
                if found == answer:
                    yield data, at, end
                elif ends(found, data, at, end):
                    return

    def request(self, kind: int, body: bytes, flags: int = 0) -> tuple[bytes, int, int] | None:
        """Ask for one answer; None where the kernel only says that it is done."""
        self._send(kind, NLM_F_ACK | flags, body)
        answer: tuple[bytes, int, int] | None = None
        while True:
            data = self._receive()
            for found, _, at, end in messages(data):
                if found == NLMSG_ERROR:
                    _raise(error_code(data, at))
                    return answer
                answer = data, at, end

    def each(self, kind: int, bodies: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
        """Ask for one answer to each, all at once; each with its place among them, but what the kernel refuses to answer."""
        for first in range(0, len(bodies), _AT_ONCE):
            asked = bodies[first : first + _AT_ONCE]
            begin, last = self._sequence + 1, self._sequence + len(asked)
            numbered = zip(range(begin, last + 1), asked, strict=True)
            self._socket.send(b"".join(_message(kind, NLM_F_REQUEST, number, body) for number, body in numbered))
            while self._sequence < last:
                data = self._socket.recv(_RECEIVE)
                number = int.from_bytes(data[8:12], sys.byteorder)
                if self._sequence < number <= last:
                    self._sequence = number
                    if int.from_bytes(data[4:6], sys.byteorder) != NLMSG_ERROR:
                        yield first + number - begin, data

    def _receive(self) -> bytes:
        """The next datagram of the newest answer; what is left of one that was given up on is passed over."""
        while True:
            data = self._socket.recv(_RECEIVE)
            if int.from_bytes(data[8:12], sys.byteorder) == self._sequence:
                return data

    def _send(self, kind: int, flags: int, body: bytes) -> None:
        self._sequence += 1
        message = _message(kind, NLM_F_REQUEST | flags, self._sequence, body)
        if self.guarded and self._place is not HERE:
            self._socket.close()
            self._socket = self._place.asked(self.protocol, message)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEOUT)
        else:
            self._socket.send(message)


class MonitorSocket(RouteSocket):
    """NETLINK_SOCK_DIAG, the monitor of sockets."""

    protocol = 4


def _message(kind: int, flags: int, number: int, body: bytes) -> bytes:
    return HEADER.pack(16 + len(body), kind, flags, number, 0) + body


def ended(data: bytes) -> bool:
    """Whether this is a dump's last datagram: since Linux 6.9 the end may share one with the rest. Raises OSError."""
    return any(ends(kind, data, at, end) for kind, _, at, end in messages(data))


def ends(kind: int, data: bytes, at: int, end: int) -> bool:
    """Whether a message ends a dump; raises OSError where it ends it with an error."""
    if kind == NLMSG_ERROR or (kind == NLMSG_DONE and end - at >= 4):
        _raise(error_code(data, at))
    return kind == NLMSG_DONE


def _raise(code: int) -> None:
    if code:
        raise OSError(code, os.strerror(code))
