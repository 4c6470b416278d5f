"""A traced packet's headers, as far as the kernel tells them."""

from dataclasses import dataclass
from ipaddress import ip_address
from struct import Struct

from netview.model.trace import TraceHit

_FOUR, _SIX = Struct("!BBHHHBBH4s4s"), Struct("!IHBB16s16s")
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
_SYN, _ACK, _FIN, _RST, _PUSH = 2, 16, 1, 4, 8
_FLAGS = ((_SYN, "SYN"), (_FIN, "FIN"), (_RST, "RST"), (_PUSH, "PSH"), (_ACK, "ACK"))
_ECHO = {("icmp", 8): "echo request", ("icmp", 0): "echo reply", ("icmpv6", 128): "echo request", ("icmpv6", 129): "echo reply"}
_ICMP = {("icmp", 3): "unreachable", ("icmp", 11): "time exceeded", ("icmpv6", 1): "unreachable", ("icmpv6", 2): "too big"}


@dataclass(frozen=True, slots=True)
class Headers:
    """A packet at one place on its way."""

    protocol: str
    """ "tcp", "udp", "icmp", "icmpv6"; another one as its number."""
    source: str
    destination: str
    source_port: int | None
    port: int | None
    length: int
    """Bytes of the whole network-layer packet."""
    ttl: int
    what: str
    """ "SYN", "echo request 3", …; "" where there is nothing to say."""
    stays: tuple[object, ...]
    """What no router and no translation of addresses changes."""

    @property
    def flow(self) -> str:
        """From where to where, in words."""
        return f"{_end(self.source, self.source_port)} → {_end(self.destination, self.port)}"


def headers(hit: TraceHit) -> Headers | None:
    """What a line tells of its packet; None: nothing, or what is no IP."""
    told, version = hit.network, hit.network[0] >> 4 if hit.network else 0
    if version == 4 and len(told) >= _FOUR.size:
        _, _, length, identity, _, ttl, number, _, source, destination = _FOUR.unpack_from(told)
        stays: tuple[object, ...] = (4, number, identity, length)
    elif version == 6 and len(told) >= _SIX.size:
        label, carried, number, ttl, source, destination = _SIX.unpack_from(told)
        length = carried + _SIX.size
        stays = (6, number, label & 0xFFFFF, length)
    else:
        return None
    protocol, body = _PROTOCOLS.get(number, str(number)), hit.transport
    ports = protocol in {"tcp", "udp"} and len(body) >= 4
    what, more = _said(protocol, body)
    return Headers(
        protocol,
        str(ip_address(source)),
        str(ip_address(destination)),
        int.from_bytes(body[:2], "big") if ports else None,
        int.from_bytes(body[2:4], "big") if ports else None,
        length,
        ttl,
        what,
        (*stays, *more),
    )


def _said(protocol: str, body: bytes) -> tuple[str, tuple[object, ...]]:
    """What it is in words, and what of it stays."""
    if protocol == "tcp" and len(body) >= 14:
        flags = body[13]
        return " ".join(word for bit, word in _FLAGS if flags & bit), (body[4:12], flags)
    if protocol in {"icmp", "icmpv6"} and len(body) >= 8:
        kind = protocol, body[0]
        if kind in _ECHO:
            return f"{_ECHO[kind]} {int.from_bytes(body[6:8], 'big')}", (body[:2], body[6:8])
        return _ICMP.get(kind, f"type {body[0]} code {body[1]}"), (body[:2],)
    return "", ()


def _end(address: str, port: int | None) -> str:
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
