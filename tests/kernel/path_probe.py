"""One real packet, and a watch on every link for where it is seen."""

import errno
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

_ETH_P_ALL, _SO_TIMESTAMPNS = 3, 35
_REQUESTS, _REPLIES = frozenset({8, 128}), frozenset({0, 129})
_MTU_DISCOVER, _MTU_DISCOVER6, _DO = 10, 23, 2
_HEADERS = {socket.AF_INET: 28, socket.AF_INET6: 48}
_FIRST_PORT = 20_000
_OFFSETS = frozenset({42, 62, 92, 112})
"""Where the payload of an echo begins, by IPv4 and IPv6, and in a VXLAN; not in the errors that quote it."""


class Sighting(NamedTuple):
    """A link that a frame was seen at."""

    at: float
    kind: str
    """ "request", "reply", or "ask" for a neighbour being looked for."""
    place: str


class Watch:
    """Sees every frame of the namespace that it is made in."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)

    def sightings(self, number: int) -> Iterator[Sighting]:
        """Those of a packet, and of who looks for a neighbour."""
        with self._socket, suppress(BlockingIOError):
            while True:
                data, ancillary, _, address = self._socket.recvmsg(4096, 64)
                kind = _kind(data, number)
                if kind is not None:
                    seconds, nanoseconds = struct.unpack("@qq", ancillary[0][2])
                    yield Sighting(seconds + nanoseconds / 1e9, kind, f"{self._namespace} {address[0]}")

    def close(self) -> None:
        """Stop watching."""
        self._socket.close()


class Probe:
    """Sends its packet when it is made, in the namespace that it is made in."""

    def __init__(self, number: int, source: str, to: str, port: int, size: int) -> None:
        family = socket.AF_INET6 if ":" in to else socket.AF_INET
        self.answered = False
        self.refused = False
        self._port = port
        if port:
            self.socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            self.socket.bind((source or ("::" if ":" in to else "0.0.0.0"), _FIRST_PORT + number))  # noqa: S104
            code = self.socket.connect_ex((to, port))
            self._failed(code)
            return
        protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
        self.socket = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, protocol)
        level, option = (socket.IPPROTO_IPV6, _MTU_DISCOVER6) if family == socket.AF_INET6 else (socket.IPPROTO_IP, _MTU_DISCOVER)
        self.socket.setsockopt(level, option, _DO)
        if source:
            self.socket.bind((source, 0))
        self._marker = _marker(number)
        body = self._marker.ljust(max(len(self._marker), size - _HEADERS[family]), b"\0")
        head = struct.pack("!BBHHH", 128 if family == socket.AF_INET6 else 8, 0, 0, number, 1)
        sum_ = 0 if family == socket.AF_INET6 else _checksum(head + body)
        with suppress(OSError):
            self.socket.sendto(head[:2] + struct.pack("!H", sum_) + head[4:] + body, (to, 0))

    def look(self) -> bool:
        """Whether it is known what became of it."""
        if self._port:
            self._failed(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            with suppress(OSError):
                self.socket.getpeername()
                self.answered = True
        else:
            with suppress(BlockingIOError):
                while not self.answered:
                    data = self.socket.recv(65536)
                    at = data.find(self._marker)
                    self.answered = at >= 8 and data[at - 8] in _REPLIES
        return self.answered or self.refused

    def _failed(self, code: int) -> None:
        self.refused = self.refused or code == errno.ECONNREFUSED


def _marker(number: int) -> bytes:
    return b"netview probe %05d" % number


def _kind(data: bytes, number: int) -> str | None:
    at = data.find(_marker(number))
    if at in _OFFSETS:
        return "request" if data[at - 8] in _REQUESTS else "reply" if data[at - 8] in _REPLIES else None
    port = struct.pack("!H", _FIRST_PORT + number)
    if data[12:14] in {b"\x08\x00", b"\x86\xdd"} and port in data[34:58]:
        return "request" if data.find(port) in {34, 54} else "reply"
    arp = data[12:14] == b"\x08\x06" and data[20:22] == b"\0\x01"
    solicitation = data[12:14] == b"\x86\xdd" and data[54:55] == b"\x87"
    return "ask" if arp or solicitation else None


def _checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data[: len(data) // 2 * 2]))
    if len(data) % 2:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
