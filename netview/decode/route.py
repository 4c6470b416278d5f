"""Routes and policy rules (RTM_NEWROUTE, RTM_NEWRULE)."""

from collections.abc import Mapping
from struct import Struct

from netview.decode import fields, words
from netview.decode.netlink import MalformedError, attributes
from netview.model import Family, NextHop, Route, Rule

RTM_NEWROUTE, RTM_NEWRULE = 24, 32
_ROUTE = Struct("=BBBBBBBBI")
_NEXTHOP = Struct("=HBBi")
_FAMILIES = {Family.INET.value: Family.INET, Family.INET6.value: Family.INET6}
_RTM_F_CLONED = 0x200
_RTNH_FLAGS = 0xFF
_FIB_RULE_INVERT = 0x2
_PORTS, _UIDS = Struct("=HH"), Struct("=II")
# FRA_* that are told apart below, or that select nothing: FLOW, PAD, PROTOCOL.
_PORT_MASKS = frozenset({28, 29})
_KNOWN = frozenset({1, 2, 3, 4, 6, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24})


def route(data: bytes, at: int, end: int) -> Route | None:
    """A route; None for other families (multicast routing) and for cached exceptions, which `ip route` hides too."""
    return _route(data, at, end, cloned=False)


def resolved(data: bytes, at: int, end: int) -> Route | None:
    """The answer of a lookup (RTM_GETROUTE): where one destination's packets go."""
    return _route(data, at, end, cloned=True)


def _route(data: bytes, at: int, end: int, *, cloned: bool) -> Route | None:
    if end - at < 12:
        raise MalformedError("a route without a header")
    number, dst_len, src_len, tos, table, protocol, scope, kind, flags = _ROUTE.unpack_from(data, at)
    family = _FAMILIES.get(number)
    if family is None or (flags & _RTM_F_CLONED and not cloned):
        return None
    found = attributes(data, at + 12, end)
    get = found.get
    metrics = attributes(found[8]) if 8 in found else {}
    return Route(
        family=family,
        table=words.word(fields.u32(found[15]) if 15 in found else table, words.TABLES),
        type=words.word(kind, words.ROUTE_TYPES),
        protocol=words.word(protocol, words.PROTOCOLS),
        scope=words.word(scope, words.SCOPES),
        dst=_prefix(get(1), dst_len, "default"),
        prefsrc=fields.ip(found[7]) if 7 in found else None,
        gateway=_gateway(found),
        oif=fields.u32(found[4]) if 4 in found else None,
        metric=fields.u32(found[6]) if 6 in found else None,
        nexthops=_nexthops(found[9]) if 9 in found else (),
        src=_prefix(get(2), src_len, "default") if src_len else None,
        tos=tos,
        flags=flags & _RTNH_FLAGS,
        mtu=fields.u32(metrics[2]) if 2 in metrics else None,
        nhid=fields.u32(found[30]) if 30 in found else None,
    )


def _prefix(payload: bytes | None, length: int, everything: str) -> str:
    if payload is None:
        if length:
            raise MalformedError("a prefix without an address")
        return everything
    return f"{fields.ip(payload)}/{length}" if length else everything


def _gateway(found: dict[int, bytes]) -> str | None:
    if 5 in found:
        return fields.ip(found[5])
    return fields.ip(found[18][2:]) if 18 in found else None  # RTA_VIA: a family, then an address of it.


def _nexthops(data: bytes) -> tuple[NextHop, ...]:
    at, hops = 0, []
    while at + 8 <= len(data):
        length, flags, weight, oif = _NEXTHOP.unpack_from(data, at)
        if length < 8 or at + length > len(data):
            raise MalformedError("a next hop that is cut off")
        found = attributes(data, at + 8, at + length)
        hops.append(NextHop(_gateway(found), oif or None, weight + 1, flags))
        at += (length + 3) & ~3
    return tuple(hops)


def rule(data: bytes, at: int, end: int) -> Rule | None:
    """A policy rule; None for other families."""
    if end - at < 12:
        raise MalformedError("a rule without a header")
    number, dst_len, src_len, tos, table, _, _, action, flags = _ROUTE.unpack_from(data, at)
    family = _FAMILIES.get(number)
    if family is None:
        return None
    found = attributes(data, at + 12, end)
    number = fields.u32(found[15]) if 15 in found else table
    mark = fields.u32(found[10]) if 10 in found else 0
    return Rule(
        family=family,
        priority=fields.u32(found[6]) if 6 in found else 0,
        src=_prefix(found.get(2), src_len, "all"),
        dst=_prefix(found.get(1), dst_len, "all"),
        iif=fields.name(found[3]) if 3 in found else None,
        oif=fields.name(found[17]) if 17 in found else None,
        fwmark=words.fwmark(mark, fields.u32(found[16]) if 16 in found else (0xFFFFFFFF if mark else 0)),
        action=words.word(action, words.RULE_ACTIONS),
        table=words.word(number, words.TABLES) if number else None,
        inverted=bool(flags & _FIB_RULE_INVERT),
        tos=tos,
        protocol=fields.u8(found[22]) if 22 in found else None,
        source_ports=_range(_PORTS, found.get(23)),
        ports=_range(_PORTS, found.get(24)),
        uids=_range(_UIDS, found.get(20)),
        target=fields.u32(found[4]) if 4 in found else None,
        suppress_prefixlength=_limit(found.get(14)),
        suppress_ifgroup=_limit(found.get(13)),
        l3mdev=bool(fields.u8(found[19])) if 19 in found else False,
        others=_others(found),
    )


def _others(found: Mapping[int, bytes]) -> tuple[int, ...]:
    """Attributes of a rule whose meaning is not known here; a mask of one whole port says nothing more."""
    return tuple(sorted(kind for kind in found.keys() - _KNOWN if kind not in _PORT_MASKS or found[kind] != b"\xff\xff"))


def _range(layout: Struct, payload: bytes | None) -> tuple[int, int] | None:
    if payload is None:
        return None
    if len(payload) < layout.size:
        raise MalformedError("a range that is cut off")
    first, last = layout.unpack_from(payload)
    return first, last


def _limit(payload: bytes | None) -> int | None:
    """The kernel says -1 where nothing is suppressed."""
    limit = None if payload is None else fields.s32(payload)
    return None if limit == -1 else limit
