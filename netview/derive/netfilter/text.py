"""A rule as people read it: close to nft's language, in which what iptables wrote has no words of its own."""

import sys
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from typing import NamedTuple

from netview.model.ruleset import (
    Addresses,
    AddressType,
    Bitwise,
    Compare,
    ConnectionState,
    Conntrack,
    Counter,
    Expression,
    Fib,
    Icmp,
    Immediate,
    IpSet,
    Judgement,
    Limit,
    Lookup,
    Mark,
    MarkBits,
    Meta,
    Multiport,
    NftRule,
    Opaque,
    Passive,
    Payload,
    Ports,
    Range,
    Recent,
    SetMark,
    Touch,
    TouchIpSet,
    Translate,
)

_OPERATORS = ("", "!= ", "< ", "<= ", "> ", ">= ")
_META = {
    0: "meta length",
    1: "meta protocol",
    2: "meta priority",
    3: "meta mark",
    4: "iif",
    5: "oif",
    6: "iifname",
    7: "oifname",
    10: "meta skuid",
    11: "meta skgid",
    15: "meta nfproto",
    16: "meta l4proto",
    17: "ibrname",
    18: "obrname",
    19: "meta pkttype",
}
_NUMBERS = frozenset({0, 2, 3, 4, 5, 10, 11})
_NAMES = frozenset({6, 7, 17, 18})
_CONNTRACK = {0: "ct state", 1: "ct direction", 2: "ct status", 3: "ct mark"}
_STATES = ((1, "invalid"), (2, "established"), (4, "related"), (8, "new"), (64, "untracked"))
_PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "ipv6-icmp", 132: "sctp"}
_SHORT = {"ipv6-icmp": "icmpv6"}
_FAMILIES = {2: "ipv4", 10: "ipv6"}
_ETHERTYPES = {0x0800: "ip", 0x0806: "arp", 0x86DD: "ip6", 0x8100: "vlan"}
_TYPES = ("unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit")
_ICMP = {0: "echo-reply", 3: "destination-unreachable", 5: "redirect", 8: "echo-request", 11: "time-exceeded"}
_NETWORK: Mapping[tuple[int, int], str] = {(9, 1): "ip protocol", (8, 1): "ip ttl", (1, 1): "ip dscp", (6, 1): "ip6 nexthdr"}
_TRANSPORT: Mapping[tuple[int, int], str] = {(0, 2): "sport", (2, 2): "dport", (0, 1): "type", (1, 1): "code", (13, 1): "flags"}
_LINK: Mapping[tuple[int, int], str] = {(0, 6): "ether daddr", (6, 6): "ether saddr", (12, 2): "ether type"}


class _Field(NamedTuple):
    """What a register holds."""

    name: str
    value: Callable[[bytes], str]
    """How a value of it is written."""
    mask: bytes = b""


def rule_text(rule: NftRule, family: str) -> str:
    """A rule in one line. Words may hold names: see text.safe()."""
    told: list[str] = []
    for word in reversed(list(_Writer(family).written(rule.expressions))):
        if not (told and _is_implied(word, told[-1])):
            told.append(word)
    return " ".join(reversed(told))


def _is_implied(word: str, after: str) -> bool:
    """Whether the next part says the same, as nft itself writes it."""
    family = {"meta nfproto ipv4": ("ip ", "icmp "), "meta nfproto ipv6": ("ip6 ", "icmpv6 ")}.get(word)
    if family is not None:
        return after.startswith(family)
    protocol = word.removeprefix("meta l4proto ")
    return protocol != word and after.startswith(f"{_SHORT.get(protocol, protocol)} ")


class _Writer:
    """One rule's registers."""

    def __init__(self, family: str) -> None:
        self._six = family == "ip6"
        self._fields: dict[int, _Field] = {}
        self._protocol = "th"

    def written(self, expressions: tuple[Expression, ...]) -> Iterator[str]:
        """Its parts in order."""
        for expression in expressions:
            word = self._word(expression)
            if word:
                yield word

    def _word(self, expression: Expression) -> str:
        writer = _WRITERS.get(type(expression))
        return "" if writer is None else writer(self, expression)

    def payload(self, one: Payload) -> str:
        """A load says nothing until it is compared."""
        self._fields[one.register] = self._loaded(one)
        return ""

    def meta(self, one: Meta) -> str:
        """The same."""
        name = _META.get(one.key, f"meta {one.key}")
        value = _name if one.key in _NAMES else _number if one.key in _NUMBERS else _MEANT.get(name, _big)
        self._fields[one.register] = _Field(name, value)
        return ""

    def conntrack(self, one: Conntrack) -> str:
        """The same."""
        name = _CONNTRACK.get(one.key, f"ct {one.key}")
        self._fields[one.register] = _Field(name, _states if one.key == 0 else _number)
        return ""

    def fib(self, one: Fib) -> str:
        """The same."""
        sides = ((1, "saddr"), (2, "daddr"), (4, "mark"), (8, "iif"), (16, "oif"))
        asked = " . ".join(word for bit, word in sides if one.flags & bit)
        result = {1: "oif", 2: "oifname", 3: "type"}.get(one.result, str(one.result))
        self._fields[one.register] = _Field(f"fib {asked} {result}", _type if one.result == 3 else _number)
        return ""

    def immediate(self, one: Immediate) -> str:
        """What a later expression uses."""
        self._fields[one.register] = _Field(_plain(one.value), _plain)
        return ""

    def bitwise(self, one: Bitwise) -> str:
        """A mask for the comparison that follows."""
        field = self._fields.get(one.source)
        if field is not None:
            self._fields[one.register] = field._replace(mask=one.mask)
        return ""

    def compare(self, one: Compare) -> str:
        """One field and its value."""
        field = self._field(one.register)
        if field.name == "meta l4proto" and one.operator == 0:
            word = _PROTOCOLS.get(one.value[0], "th")
            self._protocol = _SHORT.get(word, word)
        if field.name == "meta nfproto":
            self._six = one.value == b"\x0a"
        if field.mask and field.value is _states:
            return f"{field.name} {'' if one.operator else '!= '}{_states(field.mask)}"
        masked = _prefix(field.mask)
        value = field.value(one.value)
        if field.mask and masked is None:
            return f"{field.name} & 0x{field.mask.hex()} {_OPERATORS[one.operator] or '== '}{value}"
        length = "" if masked is None or masked == 8 * len(field.mask) else f"/{masked}"
        return f"{field.name} {_OPERATORS[one.operator]}{value}{length}"

    def range(self, one: Range) -> str:
        """One field between two values."""
        field = self._field(one.register)
        return f"{field.name} {'!= ' if one.inverted else ''}{field.value(one.first)}-{field.value(one.last)}"

    def lookup(self, one: Lookup) -> str:
        """One field in a set, or what a map makes of it."""
        field = self._field(one.register)
        if one.target is None:
            return f"{field.name} {'!= ' if one.inverted else ''}@{one.set}"
        if one.target == 0:
            return f"{field.name} vmap @{one.set}"
        self._fields[one.target] = _Field(f"{field.name} map @{one.set}", _plain)
        return ""

    def set_mark(self, one: SetMark) -> str:
        """The mark, from a register."""
        field = self._field(one.register)
        return f"meta mark set {field.name if field.value is not _plain else _mark_value(field.name)}"

    def translate(self, one: Translate) -> str:
        """Another address or port."""
        address = one.address
        # What iptables writes has room for an address of IPv6.
        short = address[:4] if isinstance(address, bytes) and not self._six else address
        where = "" if short is None else self._field(short).name if isinstance(short, int) else _address(short)
        if one.last_address is not None:
            last = one.last_address if self._six or isinstance(one.last_address, int) else one.last_address[:4]
            where += f"-{self._field(last).name if isinstance(last, int) else _address(last)}"
        port = ""
        if isinstance(one.port, tuple):
            port = f":{one.port[0]}" if one.port[0] == one.port[1] else f":{one.port[0]}-{one.port[1]}"
        elif one.port is not None:
            port = f":{self._port(one.port)}"
            port += "" if one.last_port is None else f"-{self._port(one.last_port)}"
        return f"{one.kind} to {where}{port}" if where or port else one.kind

    def _port(self, register: int) -> str:
        name = self._field(register).name
        return str(int(name, 16)) if name.startswith("0x") else name

    def _field(self, register: int) -> _Field:
        return self._fields.get(register, _Field(f"register {register}", _plain))

    def _loaded(self, one: Payload) -> _Field:
        at = one.offset, one.length
        if one.base == 1:
            return self._network(one)
        if one.base == 2:
            name = f"{self._protocol} {_TRANSPORT[at]}" if at in _TRANSPORT else f"@th,{8 * one.offset},{8 * one.length}"
            return _Field(name, _icmp if name == "icmp type" else _big)
        name = _LINK.get(at, f"@ll,{8 * one.offset},{8 * one.length}")
        return _Field(name, _mac if at in {(0, 6), (6, 6)} else _ethertype if at == (12, 2) else _plain)

    def _network(self, one: Payload) -> _Field:
        """Addresses, whole or the first bytes of them."""
        six = self._six or one.length > 4
        whole = 16 if six else 4
        for offset, name in ((8 if six else 12, "saddr"), (24 if six else 16, "daddr")):
            if one.offset == offset and one.length <= whole:
                mask = b"\xff" * one.length + b"\0" * (whole - one.length) if one.length < whole else b""
                return _Field(f"{'ip6' if six else 'ip'} {name}", lambda value: _address(value.ljust(whole, b"\0")), mask)
        name = _NETWORK.get((one.offset, one.length), f"@nh,{8 * one.offset},{8 * one.length}")
        return _Field(name, _protocol if name in {"ip protocol", "ip6 nexthdr"} else _big)


def _prefix(mask: bytes) -> int | None:
    """The length of a mask that is a prefix; None: it is none."""
    bits = "".join(f"{byte:08b}" for byte in mask)
    ones = bits.rstrip("0")
    return len(ones) if ones and "0" not in ones else None


def _plain(value: bytes) -> str:
    return f"0x{value.hex()}" if len(value) not in {4, 16} else _address(value)


def _mark_value(text: str) -> str:
    """A mark, which has the length of an address."""
    return hex(int.from_bytes(ip_address(text).packed, sys.byteorder)) if text.count(".") == 3 else text


def _address(value: bytes) -> str:
    return str(ip_address(value)) if len(value) in {4, 16} else f"0x{value.hex()}"


def _big(value: bytes) -> str:
    return str(int.from_bytes(value, "big"))


def _number(value: bytes) -> str:
    return str(int.from_bytes(value, sys.byteorder))


def _name(value: bytes) -> str:
    whole, end, _ = value.partition(b"\0")
    return f'"{whole.decode("utf-8", "surrogateescape")}{"" if end else "*"}"'


def _mac(value: bytes) -> str:
    return value.hex(":")


def _protocol(value: bytes) -> str:
    return _PROTOCOLS.get(value[0], str(value[0]))


def _ethertype(value: bytes) -> str:
    number = int.from_bytes(value, "big")
    return _ETHERTYPES.get(number, f"{number:#06x}")


def _icmp(value: bytes) -> str:
    return _ICMP.get(value[0], str(value[0]))


def _states(value: bytes) -> str:
    number = int.from_bytes(value, sys.byteorder)
    return ",".join(word for bit, word in _STATES if number & bit) or str(number)


def _type(value: bytes) -> str:
    number = int.from_bytes(value, sys.byteorder)
    return _TYPES[number] if number < len(_TYPES) else str(number)


def _bits(number: int, words: tuple[str, ...]) -> str:
    return ",".join(word for bit, word in enumerate(words) if number >> bit & 1)


def _not(inverted: object) -> str:
    return "!= " if inverted else ""


def _ports(_: _Writer, one: Ports) -> str:
    protocol = _PROTOCOLS.get(one.protocol, str(one.protocol))
    told = [
        f"{protocol} {side} {_not(one.inverted & bit)}{_span(ports)}"
        for bit, side, ports in ((1, "sport", one.source), (2, "dport", one.destination))
        if ports != (0, 0xFFFF) or one.inverted & bit
    ]
    if one.flags[0]:
        told.append(f"tcp flags & {one.flags[0]:#04x} == {one.flags[1]:#04x}")
    return " ".join(told) or f"meta l4proto {protocol}"


def _span(ports: tuple[int, int]) -> str:
    return str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"


def _multiport(_: _Writer, one: Multiport) -> str:
    side = {"source": "sport", "destination": "dport", "either": "sport or dport"}[one.which]
    return f"th {side} {_not(one.inverted)}{{ {', '.join(_span(span) for span in one.ranges)} }}"


def _addrtype(_: _Writer, one: AddressType) -> str:
    sides = ((1, "saddr", one.source), (2, "daddr", one.destination))
    return " ".join(f"fib {side} type {_not(one.flags & bit)}{_bits(wanted, _TYPES)}" for bit, side, wanted in sides if wanted)


def _judgement(_: _Writer, one: Judgement) -> str:
    return one.word if one.chain is None else f"{one.word} {one.chain}"


def _connection(_: _Writer, one: ConnectionState) -> str:
    return f"ct state {_not(one.inverted)}{_states(one.states.to_bytes(2, sys.byteorder))}"


def _mark(_: _Writer, one: Mark) -> str:
    return f"meta mark & {one.mask:#x} {'!=' if one.inverted else '=='} {one.mark:#x}"


def _mark_bits(_: _Writer, one: MarkBits) -> str:
    return f"meta mark set {one.value:#x} mask {one.mask:#x}"


def _icmp_match(_: _Writer, one: Icmp) -> str:
    return f"icmp type {_not(one.inverted)}{'any' if one.type == 255 else _ICMP.get(one.type, one.type)}"


def _passive(_: _Writer, one: Passive) -> str:
    return one.name


def _addresses(_: _Writer, one: Addresses) -> str:
    sides = ((1, "saddr", one.source), (2, "daddr", one.destination))
    return " ".join(f"{side} {_not(one.inverted & bit)}{_first(ends[0])}-{_first(ends[1])}" for bit, side, ends in sides if ends)


def _first(value: bytes) -> str:
    """An address, of which one of IPv4 has four bytes of sixteen."""
    return _address(value if any(value[4:]) else value[:4])


def _touch(_: _Writer, one: Touch) -> str:
    return f"update @{one.set}"


def _touch_ipset(_: _Writer, one: TouchIpSet) -> str:
    return f"[SET {', '.join(f'#{number}' for number in one.numbers)}]"


def _counter(_: _Writer, _one: Counter) -> str:
    return "counter"


def _limit(_: _Writer, one: Limit) -> str:
    burst = "" if one.burst is None else f" burst {one.burst} packets"
    return f"limit rate {'over ' if one.inverted else ''}{one.words}{burst}"


def _recent(_: _Writer, one: Recent) -> str:
    within = f" seconds {one.seconds}" if one.seconds else ""
    often = f" hitcount {one.hits}" if one.hits else ""
    side = "saddr" if one.source else "daddr"
    return f"{_not(one.inverted)}[recent {one.action}{within}{often} name {one.name} {side}]"


def _ipset(_: _Writer, one: IpSet) -> str:
    sides = ",".join("src" if one.sides & 2 << at else "dst" for at in range(one.dimensions))
    return f"{_not(one.inverted)}[set #{one.number} {sides}]"


def _opaque(_: _Writer, one: Opaque) -> str:
    return f"[{one.name}]"


_MEANT: Mapping[str, Callable[[bytes], str]] = {
    "meta l4proto": _protocol,
    "meta nfproto": lambda value: _FAMILIES.get(value[0], str(value[0])),
    "meta protocol": _ethertype,
}
_WRITERS: Mapping[type, Callable[..., str]] = {
    Payload: _Writer.payload,
    Meta: _Writer.meta,
    Conntrack: _Writer.conntrack,
    Fib: _Writer.fib,
    Immediate: _Writer.immediate,
    Bitwise: _Writer.bitwise,
    Compare: _Writer.compare,
    Range: _Writer.range,
    Lookup: _Writer.lookup,
    SetMark: _Writer.set_mark,
    Translate: _Writer.translate,
    Ports: _ports,
    Multiport: _multiport,
    AddressType: _addrtype,
    Judgement: _judgement,
    ConnectionState: _connection,
    Mark: _mark,
    MarkBits: _mark_bits,
    Icmp: _icmp_match,
    Passive: _passive,
    Addresses: _addresses,
    Touch: _touch,
    TouchIpSet: _touch_ipset,
    Counter: _counter,
    Limit: _limit,
    Recent: _recent,
    IpSet: _ipset,
    Opaque: _opaque,
}
