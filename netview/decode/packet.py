"""A captured frame layer by layer, by dpkt; whatever is malformed is told as bytes and never raises."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from struct import error as StructError  # noqa: N812 - as the library's other errors are called
from typing import Any, NamedTuple

import dpkt

_ETHERTYPES = {0x0800: "IPv4", 0x0806: "ARP", 0x86DD: "IPv6", 0x8100: "802.1Q", 0x88A8: "802.1ad", 0x88CC: "LLDP"}
_PROTOCOLS = {1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP", 47: "GRE", 58: "ICMPv6", 89: "OSPF", 132: "SCTP"}
_FLAGS = ((2, "SYN"), (1, "FIN"), (4, "RST"), (8, "PSH"), (16, "ACK"), (32, "URG"))
_QUERIES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 65: "HTTPS"}
_DHCP = {1: "discover", 2: "offer", 3: "request", 4: "decline", 5: "ack", 6: "nak", 7: "release", 8: "inform"}
_DNS_PORTS, _DHCP_PORTS = frozenset({53, 5353}), frozenset({67, 68})
_DEEPEST = 8
_SHOWN = 32

# dpkt raises its own errors, and those of what it stumbles over.
_MALFORMED = (dpkt.Error, StructError, ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError)


class Layer(NamedTuple):
    """One layer: its name, one line, and its fields."""

    name: str
    summary: str
    fields: tuple[tuple[str, str], ...] = ()


def layers(data: bytes, network: int, vxlan: frozenset[int] = frozenset({4789})) -> tuple[Layer, ...]:
    """The layers of a frame, the outermost first; what cannot be decoded is a last layer of bytes.

    `network`: where the network layer begins, 14 or more behind a header of Ethernet, 0 without one.
    """
    found: list[Layer] = []
    for layer in _ethernet(data, vxlan, 0) if network else _network(data, vxlan, 0):
        found.append(layer)
        if len(found) >= 4 * _DEEPEST:
            break
    return tuple(found)


def summary(data: bytes, network: int) -> str:
    """A frame in one line: what its innermost layer that is understood says."""
    known = [layer for layer in layers(data, network) if layer.name != "bytes"]
    return f"{known[-1].name} {known[-1].summary}" if known else f"{len(data)} bytes"


def _ethernet(data: bytes, vxlan: frozenset[int], depth: int) -> Iterator[Layer]:
    if len(data) < 14:
        yield from _rest(data)
        return
    kind, begin = int.from_bytes(data[12:14], "big"), 14
    target, source = data[:6].hex(":"), data[6:12].hex(":")
    told = [("destination", target), ("source", source)]
    while kind in {0x8100, 0x88A8} and len(data) >= begin + 4:
        told.append(("vlan", str(int.from_bytes(data[begin : begin + 2], "big") & 0xFFF)))
        kind, begin = int.from_bytes(data[begin + 2 : begin + 4], "big"), begin + 4
    told.append(("type", _ETHERTYPES.get(kind, f"{kind:#06x}")))
    yield Layer("Ethernet", f"{source} → {target} {told[-1][1]}", tuple(told))
    if kind == 0x0806:
        yield from _tried(_arp, data[begin:])
    elif kind in {0x0800, 0x86DD}:
        yield from _network(data[begin:], vxlan, depth)
    else:
        yield from _rest(data[begin:])


def _arp(data: bytes) -> Iterator[Layer]:
    one = dpkt.arp.ARP(data)
    asks = one.op == dpkt.arp.ARP_OP_REQUEST
    sender, target = _address(one.spa), _address(one.tpa)
    words = f"who has {target}, tell {sender}" if asks else f"{sender} is at {one.sha.hex(':')}"
    told = (("sender", f"{sender} {one.sha.hex(':')}"), ("target", f"{target} {one.tha.hex(':')}"))
    yield Layer("ARP", words, (("operation", "request" if asks else "reply" if one.op == 2 else str(one.op)), *told))


def _network(data: bytes, vxlan: frozenset[int], depth: int) -> Iterator[Layer]:
    if not data or data[0] >> 4 not in {4, 6} or depth >= _DEEPEST:
        yield from _rest(data)
        return
    build = _four if data[0] >> 4 == 4 else _six
    yield from _tried(lambda raw: build(raw, vxlan, depth), data)


def _four(data: bytes, vxlan: frozenset[int], depth: int) -> Iterator[Layer]:
    header = (data[0] & 0xF) * 4
    # dpkt would decode what is carried as well, and what that carries, as deep as its sender likes.
    one = dpkt.ip.IP(data[: max(header, 20)])
    source, target = _address(one.src), _address(one.dst)
    protocol = _PROTOCOLS.get(one.p, str(one.p))
    offset = (data[6] & 0x1F) << 8 | data[7]
    marks = [word for bit, word in ((0x40, "DF"), (0x20, "MF")) if data[6] & bit]
    told = [("source", source), ("destination", target), ("protocol", protocol), ("ttl", str(one.ttl)), ("id", str(one.id))]
    told += [("length", str(one.len)), ("tos", f"{one.tos:#04x}")]
    told += [("flags", " ".join(marks))] if marks else []
    told += [("fragment at", str(offset * 8))] if offset else []
    yield Layer("IPv4", f"{source} → {target} {protocol} {one.len} bytes", tuple(told))
    body = data[header : one.len or None]
    yield from _rest(body) if offset else _carried(one.p, body, vxlan, depth)


def _six(data: bytes, vxlan: frozenset[int], depth: int) -> Iterator[Layer]:
    if len(data) < 40:
        raise dpkt.NeedData
    source, target = _address(data[8:24]), _address(data[24:40])
    following, begin = data[6], 40
    length, later = int.from_bytes(data[4:6], "big"), False
    told = [("source", source), ("destination", target), ("hop limit", str(data[7])), ("length", str(length + 40))]
    for _ in range(_DEEPEST):
        if following not in {0, 43, 44, 60} or begin + 8 > len(data):
            break
        told.append(("extension", str(following)))
        later = later or (following == 44 and int.from_bytes(data[begin + 2 : begin + 4], "big") >> 3 > 0)
        following, begin = data[begin], begin + (8 if following == 44 else 8 * (data[begin + 1] + 1))
    protocol = _PROTOCOLS.get(following, str(following))
    yield Layer("IPv6", f"{source} → {target} {protocol} {length + 40} bytes", (*told, ("next header", protocol)))
    body = data[begin : 40 + length if length else None]
    yield from _rest(body) if later else _carried(following, body, vxlan, depth)


def _carried(protocol: int, data: bytes, vxlan: frozenset[int], depth: int) -> Iterator[Layer]:
    builders: Mapping[int, Callable[[bytes], Iterator[Layer]]] = {
        1: _icmp,
        6: _tcp,
        58: _icmp6,
        17: lambda raw: _udp(raw, vxlan, depth),
        4: lambda raw: _network(raw, vxlan, depth + 1),
        41: lambda raw: _network(raw, vxlan, depth + 1),
    }
    build = builders.get(protocol)
    yield from _rest(data) if build is None else _tried(build, data)


def _icmp(data: bytes) -> Iterator[Layer]:
    one = dpkt.icmp.ICMP(data[:8])  # Without the packet that it quotes, which dpkt would decode.
    words = {0: "echo reply", 3: "unreachable", 5: "redirect", 8: "echo request", 11: "time exceeded"}
    word = words.get(one.type, f"type {one.type}")
    told = [("type", str(one.type)), ("code", str(one.code))]
    if one.type in {0, 8} and len(data) >= 8:
        told += [("id", str(int.from_bytes(data[4:6], "big"))), ("sequence", str(int.from_bytes(data[6:8], "big")))]
        word = f"{word} {told[-1][1]}"
    elif one.type == 3:
        word = f"{word}, code {one.code}"
    yield Layer("ICMP", word, tuple(told))
    yield from _rest(data[8:])


def _icmp6(data: bytes) -> Iterator[Layer]:
    if len(data) < 4:
        raise dpkt.NeedData
    words = {1: "unreachable", 2: "too big", 3: "time exceeded", 128: "echo request", 129: "echo reply"}
    words |= {133: "router solicitation", 134: "router advertisement", 135: "who has", 136: "is here"}
    kind, word = data[0], words.get(data[0], f"type {data[0]}")
    told = [("type", str(kind)), ("code", str(data[1]))]
    if kind in {135, 136} and len(data) >= 24:
        word = f"{word} {_address(data[8:24])}"
    elif kind in {128, 129} and len(data) >= 8:
        told += [("id", str(int.from_bytes(data[4:6], "big"))), ("sequence", str(int.from_bytes(data[6:8], "big")))]
        word = f"{word} {told[-1][1]}"
    yield Layer("ICMPv6", word, tuple(told))
    yield from _rest(data[8:])


def _tcp(data: bytes) -> Iterator[Layer]:
    one = dpkt.tcp.TCP(data)
    flags = " ".join(word for bit, word in _FLAGS if one.flags & bit)
    told = (("source port", str(one.sport)), ("destination port", str(one.dport)), ("flags", flags))
    numbers = (("sequence", str(one.seq)), ("acknowledged", str(one.ack)), ("window", str(one.win)))
    yield Layer("TCP", f"{one.sport} → {one.dport} {flags} {len(one.data)} bytes", (*told, *numbers))
    yield from _rest(bytes(one.data))


def _udp(data: bytes, vxlan: frozenset[int], depth: int) -> Iterator[Layer]:
    if len(data) < 8:
        raise dpkt.NeedData
    source, target, length = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2, 4))
    body = data[8 : length if length >= 8 else None]
    told = (("source port", str(source)), ("destination port", str(target)), ("length", str(length)))
    yield Layer("UDP", f"{source} → {target} {len(body)} bytes", told)
    ports = {source, target}
    if target in vxlan and len(body) >= 8 and depth < _DEEPEST:
        yield Layer("VXLAN", f"vni {int.from_bytes(body[4:7], 'big')}", (("vni", str(int.from_bytes(body[4:7], "big"))),))
        yield from _ethernet(body[8:], vxlan, depth + 1)
    elif ports & _DNS_PORTS:
        yield from _tried(_dns, body)
    elif ports & _DHCP_PORTS:
        yield from _tried(_dhcp, body)
    else:
        yield from _rest(body)


def _dns(data: bytes) -> Iterator[Layer]:
    one = dpkt.dns.DNS(data)
    # Names that point to one another make a packet far longer than it is.
    asked = [f"{_QUERIES.get(query.type, query.type)} {query.name or '.'}" for query in one.qd[:_SHOWN]]
    answers = [_answer(record) for record in one.an[:_SHOWN]]
    for told, all_ in ((asked, one.qd), (answers, one.an)):
        told.extend([f"{len(all_) - _SHOWN} more"] if len(all_) > _SHOWN else [])
    word = "answer" if one.qr else "query"
    fields = (*(("asked", one) for one in asked), *(("answer", one) for one in answers))
    shown = f" → {', '.join(answers) or f'no answer (code {one.rcode})'}" if one.qr else ""
    yield Layer("DNS", f"{word} {', '.join(asked)}{shown}", (("id", str(one.id)), *fields))


def _answer(record: Any) -> str:
    if record.type in {1, 28}:
        return _address(record.rdata)
    names = {2: "nsname", 5: "cname", 12: "ptrname", 15: "mxname", 33: "srvname"}
    return str(getattr(record, names.get(record.type, ""), "")) or f"type {record.type}"


def _dhcp(data: bytes) -> Iterator[Layer]:
    one = dpkt.dhcp.DHCP(data)
    options = {kind: value for kind, value in one.opts if isinstance(value, bytes)}
    kind = options.get(53, b"\0")[0]
    told = [("client", one.chaddr[:6].hex(":")), ("your address", _address(one.yiaddr.to_bytes(4, "big")))]
    told += [("asked for", _address(options[50]))] if len(options.get(50, b"")) == 4 else []
    yield Layer("DHCP", f"{_DHCP.get(kind, f'type {kind}')} {told[0][1]}", (("message", _DHCP.get(kind, str(kind))), *told))


def _tried(build: Callable[[bytes], Iterator[Layer]], data: bytes) -> Iterator[Layer]:
    """The layers that are told before anything is malformed, and then the bytes."""
    told = False
    try:
        for layer in build(data):
            told = True
            yield layer
    except _MALFORMED:
        if not told:
            yield from _rest(data)


def _rest(data: bytes) -> Iterator[Layer]:
    if data:
        more = "…" if len(data) > _SHOWN else ""
        yield Layer("bytes", f"{len(data)} bytes: {data[:_SHOWN].hex(' ')}{more}")


def _address(packed: bytes) -> str:
    return str(ip_address(packed)) if len(packed) in {4, 16} else packed.hex(":")
