"""Matches and targets of iptables inside nftables' rules, by name and revision (struct xt_*)."""

from collections.abc import Callable, Mapping
from struct import Struct, error

from netview.decode import fields
from netview.model.ruleset import (
    Addresses,
    AddressType,
    ConnectionState,
    Expression,
    Icmp,
    IpSet,
    Judgement,
    Limit,
    Mark,
    MarkBits,
    Multiport,
    Opaque,
    Passive,
    Ports,
    Recent,
    TouchIpSet,
    Translate,
)

_TCP, _UDP = Struct("=HHHHBBBB"), Struct("=HHHHB")
_ADDRTYPE, _ADDRTYPE_0 = Struct("=HHI"), Struct("=HHII")
_MARK = Struct("=IIB")
_MARK_BITS = Struct("=II")
_MULTIPORT = Struct("=BB30s15sB")
_ICMP = Struct("=BBBB")
# Four addresses with their masks stand before the rest (struct xt_conntrack_mtinfo3).
_CONNTRACK, _CONNTRACK_1 = Struct("=128x8x10xHHHH"), Struct("=128x8x10xHHBB")
_CONNTRACK_STATE, _STATE_ALIAS, _STATE_MASK = 0x1, 0x2000, Struct("=I")
_NAT_2, _NAT_4 = Struct("=I16s16s2s2s"), Struct("=II4s4s2s2s")
_MAP_IPS, _PROTO_SPECIFIED, _FLAGS = 1, 2, 0x1C
_IPRANGE, _NETMAP = Struct("=16s16s16s16sB"), 0x40
_LIMIT, _LIMIT_SCALE = Struct("=II"), 10_000
_RECENT, _RECENT_MASK = Struct("=IIBB200sB"), Struct("=212x16s")
_RECENT_ACTIONS: Mapping[int, str] = {1: "check", 2: "set", 4: "update", 8: "remove"}
_RECENT_TTL, _RECENT_REAP = 0x10, 0x20
_SET, _NO_SET = Struct("=HBB"), 0xFFFF
# How packets and bytes are compared, and flags (struct xt_set_info_match_v3 and _v4).
_SET_REST = {3: Struct("=8xB7x8xB7x8xI"), 4: Struct("=8x8xB7x8xB7xI")}
_INVERTED, _SIDES, _RETURN_NOMATCH = 0x01, 0x0E, 0x80
_PASSIVE = frozenset(
    {"comment", "LOG", "NFLOG", "TRACE", "CHECKSUM", "TCPMSS", "CT", "NOTRACK", "TCPOPTSTRIP", "CLASSIFY", "CONNMARK", "ULOG"}
)
Build = Callable[[bytes, int], Expression]


def match(name: str, revision: int, data: bytes) -> Expression:
    """A match; Opaque where its form is not known."""
    return _known(_MATCHES, name, revision, data)


def target(name: str, revision: int, data: bytes) -> Expression:
    """A target; Opaque where its form is not known."""
    found = _known(_TARGETS, name, revision, data)
    return Opaque(found.name, acts=True) if isinstance(found, Opaque) else found


def _known(builders: Mapping[str, Build], name: str, revision: int, data: bytes) -> Expression:
    if name in _PASSIVE:
        return Passive(name)
    build = builders.get(name)
    try:
        return Opaque(name) if build is None else build(data, revision)
    except error:
        return Opaque(name)


def _tcp(data: bytes, _revision: int) -> Expression:
    first, last, to_first, to_last, option, mask, value, inverted = _TCP.unpack_from(data)
    if option or inverted & ~3:
        return Opaque("tcp")
    return Ports(6, (first, last), (to_first, to_last), inverted, (mask, value))


def _udp(data: bytes, _revision: int) -> Expression:
    first, last, to_first, to_last, inverted = _UDP.unpack_from(data)
    return Ports(17, (first, last), (to_first, to_last), inverted)


def _addrtype(data: bytes, revision: int) -> Expression:
    if revision == 0:
        source, destination, not_source, not_destination = _ADDRTYPE_0.unpack_from(data)
        return AddressType(source, destination, bool(not_source) | bool(not_destination) << 1)
    source, destination, flags = _ADDRTYPE.unpack_from(data)
    return AddressType(source, destination, flags)


def _conntrack(data: bytes, revision: int) -> Expression:
    if revision < 1:
        return Opaque("conntrack")
    layout = _CONNTRACK_1 if revision == 1 else _CONNTRACK
    match_flags, invert_flags, state_mask, _ = layout.unpack_from(data)
    if match_flags & ~_STATE_ALIAS != _CONNTRACK_STATE:
        return Opaque("conntrack")
    return ConnectionState(state_mask, bool(invert_flags & _CONNTRACK_STATE))


def _state(data: bytes, _revision: int) -> Expression:
    return ConnectionState(_STATE_MASK.unpack_from(data)[0], inverted=False)


def _mark(data: bytes, revision: int) -> Expression:
    if revision != 1:
        return Opaque("mark")
    mark, mask, inverted = _MARK.unpack_from(data)
    return Mark(mark, mask, bool(inverted))


def _set_mark(data: bytes, revision: int) -> Expression:
    return MarkBits(*_MARK_BITS.unpack_from(data)) if revision == 2 else Opaque("MARK")


def _multiport(data: bytes, revision: int) -> Expression:
    if revision != 1:
        return Opaque("multiport")
    which, count, packed, flags, inverted = _MULTIPORT.unpack_from(data)
    words = {0: "source", 1: "destination", 2: "either"}
    if which not in words or count > 15:
        return Opaque("multiport")
    ports = Struct(f"={count}H").unpack_from(packed)
    ranges: list[tuple[int, int]] = []
    at = 0
    while at < count:
        step = 2 if flags[at] and at + 1 < count else 1
        ranges.append((ports[at], ports[at + step - 1]))
        at += step
    return Multiport(words[which], tuple(ranges), bool(inverted))  # type: ignore[arg-type]


def _icmp(data: bytes, _revision: int) -> Expression:
    kind, first, last, inverted = _ICMP.unpack_from(data)
    return Icmp(kind, (first, last), bool(inverted & 1))


def _nat(kind: str, data: bytes, revision: int) -> Expression:
    if len(data) >= _NAT_2.size:
        flags, first, last, low, high = _NAT_2.unpack_from(data)
    elif revision == 0 and len(data) >= _NAT_4.size:
        # struct nf_nat_ipv4_multi_range_compat: a count, then the range.
        count, flags, first, last, low, high = _NAT_4.unpack_from(data)
        if count != 1:
            return Opaque(kind)
    else:
        return Opaque(kind)
    if flags & ~(_MAP_IPS | _PROTO_SPECIFIED | _FLAGS | (_NETMAP if kind == "netmap" else 0)):
        return Opaque(kind)
    ports = (int.from_bytes(low, "big"), int.from_bytes(high, "big")) if flags & _PROTO_SPECIFIED else None
    address = first if flags & _MAP_IPS else None
    several = last if flags & _MAP_IPS and first != last else None
    return Translate(kind, address, ports, several, flags=flags & _FLAGS)  # type: ignore[arg-type]


def _netmap(data: bytes, revision: int) -> Expression:
    found = _nat("netmap", data, revision)
    return found._replace(flags=_NETMAP) if isinstance(found, Translate) and found.address is not None else Opaque("NETMAP")


def _iprange(data: bytes, revision: int) -> Expression:
    if revision != 1:
        return Opaque("iprange")
    *told, flags = _IPRANGE.unpack_from(data)
    sides = [(told[at], told[at + 1]) if flags & bit else None for at, bit in ((0, 1), (2, 2))]
    return Addresses(sides[0], sides[1], flags >> 4 & 3)


def _limit(data: bytes, _revision: int) -> Expression:
    average, burst = _LIMIT.unpack_from(data)
    second = _LIMIT_SCALE / average if average else 0.0
    for word, seconds in (("second", 1), ("minute", 60), ("hour", 3600), ("day", 86400)):
        if second * seconds >= 1:
            return Limit(burst, False, f"{second * seconds:.0f}/{word}")
    return Limit(burst, False, "never")


def _touch(data: bytes, revision: int) -> Expression:
    numbers = [_SET.unpack_from(data, at)[0] for at in (0, 4, 8)[: 3 if revision == 3 else 2]]
    # What a map has of it goes into the packet's mark and the like.
    if not 1 <= revision <= 3 or numbers[2:] not in ([], [_NO_SET]):
        return Opaque("SET")
    return TouchIpSet(tuple(number for number in numbers if number != _NO_SET))


def _recent(data: bytes, revision: int) -> Expression:
    seconds, hits, check, inverted, name, side = _RECENT.unpack_from(data)
    action = _RECENT_ACTIONS.get(check & ~(_RECENT_TTL | _RECENT_REAP))
    if action is None or revision > 1:
        return Opaque("recent", acts=True)
    mask = _RECENT_MASK.unpack_from(data)[0] if revision else b"\xff" * 16
    ttl = bool(check & _RECENT_TTL)
    return Recent(fields.name(name), action, seconds, hits, bool(inverted), side == 0, mask, ttl)  # type: ignore[arg-type]


def _set(data: bytes, revision: int) -> Expression:
    index, dimensions, flags = _SET.unpack_from(data)
    packets, bytes_, more = _SET_REST[revision].unpack_from(data) if revision in _SET_REST else (0, 0, 0)
    if not 1 <= revision <= 4 or flags & ~(_INVERTED | _SIDES) or packets or bytes_ or more & _RETURN_NOMATCH:
        return Opaque("set")
    return IpSet(index, dimensions, flags & _SIDES, bool(flags & _INVERTED))


_MATCHES: Mapping[str, Build] = {
    "tcp": _tcp,
    "udp": _udp,
    "addrtype": _addrtype,
    "conntrack": _conntrack,
    "state": _state,
    "mark": _mark,
    "multiport": _multiport,
    "icmp": _icmp,
    "icmp6": _icmp,
    "iprange": _iprange,
    "limit": _limit,
    "recent": _recent,
    "set": _set,
}
_TARGETS: Mapping[str, Build] = {
    "DNAT": lambda data, revision: _nat("dnat", data, revision),
    "SNAT": lambda data, revision: _nat("snat", data, revision),
    "MASQUERADE": lambda data, revision: _nat("masquerade", data, revision),
    "REDIRECT": lambda data, revision: _nat("redirect", data, revision),
    "NETMAP": _netmap,
    "SET": _touch,
    "MARK": _set_mark,
    "REJECT": lambda _data, _revision: Judgement("reject"),
    "ACCEPT": lambda _data, _revision: Judgement("accept"),
    "DROP": lambda _data, _revision: Judgement("drop"),
}
