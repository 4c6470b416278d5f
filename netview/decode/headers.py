"""A packet's headers of layers 3 and 4, as far as there are any."""

from ipaddress import ip_address
from struct import Struct

from netview.model.headers import Headers

_FOUR, _SIX = Struct("!BBHHHBBH4s4s"), Struct("!IHBB16s16s")
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
_TOLD = 20
"""Bytes that a trace tells of what is carried; captures look at as many."""
_SKIPPED = frozenset({0, 43, 44, 60})
_UDP, _VXLAN, _ETHERNET = 8, 8, 14
_FRAGMENT, _EXTENSIONS, _LATER = 44, 8, 0x1FFF
_SYN, _ACK, _FIN, _RST, _PUSH = 2, 16, 1, 4, 8
_FLAGS = ((_SYN, "SYN"), (_FIN, "FIN"), (_RST, "RST"), (_PUSH, "PSH"), (_ACK, "ACK"))
_ECHO = {("icmp", 8): "echo request", ("icmp", 0): "echo reply", ("icmpv6", 128): "echo request", ("icmpv6", 129): "echo reply"}
_ICMP = {("icmp", 3): "unreachable", ("icmp", 11): "time exceeded", ("icmpv6", 1): "unreachable", ("icmpv6", 2): "too big"}


def headers(network: bytes, transport: bytes = b"", carried: int | None = None) -> Headers | None:
    """What a header of IP and the begin of what it carries say; None: it is no IP, or less than a header.

    `carried`: the protocol behind IPv6's extension headers.
    """
    told, version = network, network[0] >> 4 if network else 0
    if version == 4 and len(told) >= _FOUR.size:
        _, _, length, identity, fragment, ttl, number, _, source, destination = _FOUR.unpack_from(told)
        transport = b"" if fragment & _LATER else transport
        stays: tuple[object, ...] = (4, number, identity, length)
    elif version == 6 and len(told) >= _SIX.size:
        label, rest, number, ttl, source, destination = _SIX.unpack_from(told)
        number = number if carried is None else carried
        length = rest + _SIX.size
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


def packet_headers(data: bytes, at: int) -> Headers | None:
    """The same of a packet whose network layer begins at a place."""
    network = data[at : at + 60]
    if not network:
        return None
    if network[0] >> 4 == 4:
        return headers(network, data[at + (network[0] & 0xF) * 4 :][:_TOLD])
    beyond = _beyond_extensions(data, at) if network[0] >> 4 == 6 else None
    return headers(network) if beyond is None else headers(network, data[beyond[1] :][:_TOLD], beyond[0])


def tunnelled(data: bytes, at: int, ports: frozenset[int]) -> Headers | None:
    """The headers of the packet that a VXLAN packet carries; None: it is no such packet. `ports`: those of VXLANs."""
    version = data[at] >> 4 if at < len(data) else 0
    begin = at + (data[at] & 0xF) * 4 if version == 4 else at + _SIX.size
    carried = data[at + 9 : at + 10] if version == 4 else data[at + 6 : at + 7]
    if carried != b"\x11" or int.from_bytes(data[begin + 2 : begin + 4], "big") not in ports:
        return None
    if version == 4 and int.from_bytes(data[at + 6 : at + 8], "big") & _LATER:
        return None  # What stands there is no header.
    frame = begin + _UDP + _VXLAN
    if data[frame + 12 : frame + 14] not in {b"\x08\x00", b"\x86\xdd"}:
        return None
    return packet_headers(data, frame + _ETHERNET)


def _beyond_extensions(data: bytes, at: int) -> tuple[int, int] | None:
    """What an IPv6 packet carries, and where; None: behind headers that are not known, or in a later fragment."""
    if at + _SIX.size > len(data):
        return None
    following, begin = data[at + 6], at + _SIX.size
    for _ in range(_EXTENSIONS):
        if following not in _SKIPPED:
            return following, begin
        if begin + 8 > len(data) or (following == _FRAGMENT and int.from_bytes(data[begin + 2 : begin + 4], "big") >> 3):
            return None
        following, begin = data[begin], begin + (8 if following == _FRAGMENT else 8 * (data[begin + 1] + 1))
    return None


def _said(protocol: str, body: bytes) -> tuple[str, tuple[object, ...]]:
    """What it is in words, and what of it stays."""
    if protocol == "tcp" and len(body) >= 14:
        flags = body[13]
        return " ".join(word for bit, word in _FLAGS if flags & bit), (body[4:12], flags)
    if protocol == "udp":
        return "", (body[8:],)
    if protocol in {"icmp", "icmpv6"} and len(body) >= 8:
        kind = protocol, body[0]
        if kind in _ECHO:
            return f"{_ECHO[kind]} {int.from_bytes(body[6:8], 'big')}", (body[:2], body[6:8])
        # Nobody translates what IPv6's neighbours say, which has no identity of its own.
        return _ICMP.get(kind, f"type {body[0]} code {body[1]}"), (body if protocol == "icmpv6" else body[:2],)
    return "", ()
