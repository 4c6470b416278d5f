"""Chains and rules of nftables (NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE); all numbers in them are of network order."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from netview.decode import fields, xtables
from netview.decode.netlink import MalformedError, attribute, attribute_list, attributes
from netview.model.ruleset import (
    Bitwise,
    Chain,
    ChainKey,
    Compare,
    Conntrack,
    Counter,
    Element,
    Expression,
    Fib,
    Immediate,
    Judgement,
    Limit,
    Lookup,
    Meta,
    NftRule,
    Opaque,
    Passive,
    Payload,
    Range,
    SetMark,
    Touch,
    Translate,
)

NFNL_SUBSYS_NFTABLES = 10
NEWCHAIN, GETCHAIN, NEWRULE, GETRULE = ((NFNL_SUBSYS_NFTABLES << 8) | number for number in (3, 4, 6, 7))
NEWSET, GETSET, GETSETELEM = ((NFNL_SUBSYS_NFTABLES << 8) | number for number in (9, 10, 13))
GETGEN = (NFNL_SUBSYS_NFTABLES << 8) | 16
_NESTED = 0x8000
HEADER = 4
"""Bytes of struct nfgenmsg."""
FAMILIES: Mapping[int, str] = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
_HOOKS = ("prerouting", "input", "forward", "output", "postrouting", "ingress")
_VERDICTS: Mapping[int, str] = {0: "drop", 1: "accept", 2: "stolen", 3: "queue", -1: "continue", -2: "continue"}
_JUMPS: Mapping[int, str] = {-3: "jump", -4: "goto", -5: "return"}
_META_MARK = 3
_NAT_FLAGS = 0x5C
_PACKETS, _USUAL_BURST = 0, 5
_UNITS = {1: "second", 60: "minute", 3600: "hour", 86400: "day", 604800: "week"}
_PASSIVE = frozenset({"log", "notrack", "dup", "last", "flow_offload"})
_OBJECTS: Mapping[int, Expression] = {
    1: Passive("counter"),
    2: Opaque("quota"),
    3: Passive("ct helper"),
    4: Opaque("limit"),
    5: Opaque("connlimit"),
    7: Passive("ct timeout"),
    8: Passive("secmark"),
    9: Passive("ct expectation"),
}
_NOTING = frozenset({"counter", "last"})
_LOADS = frozenset({"connlimit", "quota", "numgen", "hash", "rt", "socket", "osf", "exthdr", "tunnel", "xfrm", "byteorder"})
Found = dict[int, bytes]


def chain(data: bytes, at: int, end: int) -> Chain:
    """A chain without its rules."""
    family, found = _message(data, at, end)
    hook = attributes(found[4]) if 4 in found else {}
    number = _u32(hook.get(1)) if hook else None
    return Chain(
        family=family,
        table=_text(found, 1),
        name=_text(found, 3),
        hook=None if number is None else _HOOKS[number] if number < len(_HOOKS) else str(number),
        priority=_s32(hook.get(2)) if hook else 0,
        policy="drop" if found.get(5) == bytes(4) else "accept",
        type=fields.name(found[7]) if 7 in found else "filter",
    )


def rule(data: bytes, at: int, end: int) -> tuple[ChainKey, NftRule]:
    """A rule, and the chain that it belongs to."""
    family, found = _message(data, at, end)
    listed = attribute_list(found.get(4, b""))
    expressions = tuple(_expression(payload) for _, payload in listed)
    key = family, _text(found, 1), _text(found, 2)
    return key, NftRule(int.from_bytes(found.get(3, b""), "big"), expressions)


def ask_rule(place: ChainKey, handle: int) -> bytes:
    """The body of a question for one rule (NFT_MSG_GETRULE)."""
    family, table, name = place
    number = next(number for number, word in FAMILIES.items() if word == family)
    names = (attribute(kind, text.encode("utf-8", "surrogateescape") + b"\0") for kind, text in ((1, table), (2, name)))
    return bytes([number, 0, 0, 0]) + b"".join(names) + attribute(3, handle.to_bytes(8, "big"))


def set_key(data: bytes, at: int, end: int) -> tuple[ChainKey, int]:
    """A set, and how many bytes its keys have."""
    family, found = _message(data, at, end)
    return (family, _text(found, 1), _text(found, 2)), _u32(found.get(5))


def element(data: bytes, at: int, end: int) -> Element:
    """What a set says of the one key that was asked for."""
    _, found = _message(data, at, end)
    listed = attribute_list(found.get(3, b""))
    told = attributes(listed[0][1]) if listed else {}
    value = attributes(told[2]) if 2 in told else {}
    try:
        verdict = _verdict(value[2]) if 2 in value else None
    except KeyError:
        raise MalformedError("a verdict not met before") from None
    return Element(bool(listed), value.get(1), verdict if isinstance(verdict, Judgement) else None)


def ask_element(place: ChainKey, key: bytes) -> bytes:
    """The body of a question for one key (NFT_MSG_GETSETELEM)."""
    family, table, name = place
    number = next(number for number, word in FAMILIES.items() if word == family)
    asked = attribute(_NESTED | 1, attribute(_NESTED | 1, attribute(1, key)))
    names = (attribute(kind, text.encode("utf-8", "surrogateescape") + b"\0") for kind, text in ((1, table), (2, name)))
    return bytes([number, 0, 0, 0]) + b"".join(names) + attribute(_NESTED | 3, asked)


def generation(data: bytes, at: int, end: int) -> int:
    """Counts changes of the rules (NFTA_GEN_ID)."""
    return _u32(_message(data, at, end)[1].get(1))


def _text(found: Found, kind: int) -> str:
    if kind not in found:
        raise MalformedError("a name is missing")
    return fields.name(found[kind])


def _message(data: bytes, at: int, end: int) -> tuple[str, Found]:
    if end - at < HEADER:
        raise MalformedError("a message of nftables without a header")
    found = attributes(data, at + HEADER, end)
    return FAMILIES.get(data[at], str(data[at])), found


@lru_cache(1 << 13)  # Most rules say the same in their parts.
def _expression(payload: bytes) -> Expression:
    told = attributes(payload)
    name, found = fields.name(told.get(1, b"")), attributes(told[2]) if 2 in told else {}
    if name in _PASSIVE:
        return Passive(name)
    build = _EXPRESSIONS.get(name)
    try:
        return Opaque(name, acts=name not in _LOADS) if build is None else build(found)
    except (KeyError, MalformedError):
        return Opaque(name, acts=True)  # Of a form not met before.


def _payload(found: Found) -> Expression:
    if 5 in found:
        return Opaque("payload set", acts=True)
    return Payload(_u32(found[1]), _u32(found[2]), _u32(found[3]), _u32(found[4]))


def _meta(found: Found) -> Expression:
    if 3 in found:
        return SetMark(_u32(found[3])) if _u32(found[2]) == _META_MARK else Passive("meta set")
    return Meta(_u32(found[1]), _u32(found[2]))


def _conntrack(found: Found) -> Expression:
    return Passive("ct set") if 4 in found else Conntrack(_u32(found[1]), _u32(found[2]))


def _fib(found: Found) -> Expression:
    return Fib(_u32(found[1]), _u32(found[2]), _u32(found[3]))


def _compare(found: Found) -> Expression:
    return Compare(_u32(found[1]), _u32(found[2]), _value(found[3]))


def _range(found: Found) -> Expression:
    return Range(_u32(found[1]), _u32(found[2]) == 1, _value(found[3]), _value(found[4]))


def _bitwise(found: Found) -> Expression:
    if 6 in found and _u32(found[6]):
        return Opaque("bitwise shift")
    return Bitwise(_u32(found[1]), _u32(found[2]), _value(found[4]), _value(found[5]))


def _immediate(found: Found) -> Expression:
    told = attributes(found[2])
    if 2 in told:
        return _verdict(told[2])
    return Immediate(_u32(found[1]), told[1])


def _verdict(payload: bytes) -> Expression:
    told = attributes(payload)
    code = _s32(told.get(1))
    if code in _JUMPS:
        return Judgement(_JUMPS[code], fields.name(told[2]) if 2 in told else None)  # type: ignore[arg-type]
    return Judgement(_VERDICTS[code & 0xFF if code >= 0 else code])  # type: ignore[arg-type]


def _lookup(found: Found) -> Expression:
    inverted = 5 in found and bool(_u32(found[5]) & 1)
    return Lookup(_u32(found[2]), _text(found, 1), inverted, _u32(found[3]) if 3 in found else None)


def _nat(found: Found) -> Expression:
    return _translate("dnat" if _u32(found[1]) == 1 else "snat", found, (3, 4), (5, 6), 7)


def _translate(kind: str, found: Found, addresses: tuple[int, int], ports: tuple[int, int], flags: int) -> Expression:
    """The registers of the first and the last; of one alone both are the same."""
    registers = [_u32(found[number]) if number in found else None for number in (*addresses, *ports)]
    address, last_address, port, last_port = registers
    return Translate(
        kind,  # type: ignore[arg-type]
        address,
        port,
        None if last_address == address else last_address,
        None if last_port == port else last_port,
        _u32(found.get(flags)) & _NAT_FLAGS,
    )


def _counter(found: Found) -> Expression:
    return Counter(_u32(found.get(2)))


def _limit(found: Found) -> Expression:
    rate, seconds, kind = _u32(found[1]), _u32(found[2]), _u32(found.get(4))
    burst = (_u32(found.get(3)) or _USUAL_BURST) if kind == _PACKETS else None
    unit = "" if kind == _PACKETS else " bytes"
    return Limit(burst, bool(_u32(found.get(5)) & 1), f"{rate}{unit}/{_UNITS.get(seconds, f'{seconds} s')}")


def _match(found: Found) -> Expression:
    return xtables.match(_text(found, 1), _u32(found[2]), found.get(3, b""))


def _target(found: Found) -> Expression:
    return xtables.target(_text(found, 1), _u32(found[2]), found.get(3, b""))


def _object(found: Found) -> Expression:
    """What a rule refers to by name; which one a map decides, nobody can tell."""
    return _OBJECTS.get(_u32(found[1]), Opaque("objref", acts=True)) if 1 in found else Opaque("objref", acts=True)


def _touch(found: Found) -> Expression:
    """An element with a limit or the like of its own is a match as well."""
    inner = [found[7]] if 7 in found else [payload for _, payload in attribute_list(found.get(10, b""))]
    names = {fields.name(attributes(payload).get(1, b"")) for payload in inner}
    if names - _NOTING or _u32(found.get(9)) & 1:
        return Opaque("dynset")
    return Touch(_text(found, 1))


def _value(payload: bytes) -> bytes:
    return attributes(payload)[1]


def _u32(payload: bytes | None) -> int:
    return int.from_bytes(payload or b"", "big")


def _s32(payload: bytes | None) -> int:
    return int.from_bytes(payload or b"", "big", signed=True)


_EXPRESSIONS: Mapping[str, Callable[[Found], Expression]] = {
    "payload": _payload,
    "meta": _meta,
    "ct": _conntrack,
    "fib": _fib,
    "cmp": _compare,
    "range": _range,
    "bitwise": _bitwise,
    "immediate": _immediate,
    "lookup": _lookup,
    "nat": _nat,
    "masq": lambda found: _translate("masquerade", found, (0, 0), (2, 3), 1),
    "redir": lambda found: _translate("redirect", found, (0, 0), (1, 2), 3),
    "counter": _counter,
    "limit": _limit,
    "dynset": _touch,
    "objref": _object,
    "reject": lambda _found: Judgement("reject"),
    "match": _match,
    "target": _target,
}
