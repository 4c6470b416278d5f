"""A packet's headers of layers 3 and 4, as far as there are any."""

from ipaddress import ip_address
from struct import Struct

from netview.model.headers import Headers

_FOUR, _SIX = Struct("!BBHHHBBH4s4s"), Struct("!IHBB16s16s")
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
_SYN, _ACK, _FIN, _RST, _PUSH = 2, 16, 1, 4, 8
_FLAGS = ((_SYN, "SYN"), (_FIN, "FIN"), (_RST, "RST"), (_PUSH, "PSH"), (_ACK, "ACK"))
_ECHO = {("icmp", 8): "echo request", ("icmp", 0): "echo reply", ("icmpv6", 128): "echo request", ("icmpv6", 129): "echo reply"}
_ICMP = {("icmp", 3): "unreachable", ("icmp", 11): "time exceeded", ("icmpv6", 1): "unreachable", ("icmpv6", 2): "too big"}


def headers(network: bytes, transport: bytes = b"") -> Headers | None:
    """What a header of IP and the begin of what it carries say; None: it is no IP, or less than a header."""
    told, version = network, network[0] >> 4 if network else 0
    if version == 4 and len(told) >= _FOUR.size:
        _, _, length, identity, _, ttl, number, _, source, destination = _FOUR.unpack_from(told)
        stays: tuple[object, ...] = (4, number, identity, length)
    elif version == 6 and len(told) >= _SIX.size:
        label, carried, number, ttl, source, destination = _SIX.unpack_from(told)
        length = carried + _SIX.size
        stays = (6, number, label & 0xFFFFF, length)
    else:
        return None
    protocol, body = _PROTOCOLS.get(number, str(number)), transport
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
