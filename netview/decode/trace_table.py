"""The one table that netview ever writes: what has packets traced, as messages for the kernel and as nft would print it.

Its flag "owner" binds it to the socket that made it: the kernel removes it with that socket, however its process ends.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from netview.decode.netlink import NLM_F_ACK, NLM_F_CREATE, NLM_F_REQUEST, attribute
from netview.decode.nftables import NFNL_SUBSYS_NFTABLES
from netview.model.trace import TraceMatch

BATCH_BEGIN, BATCH_END = 0x10, 0x11
_NEWTABLE, _NEWCHAIN, _NEWRULE = ((NFNL_SUBSYS_NFTABLES << 8) | number for number in (0, 3, 6))
_NESTED = 0x8000
_OWNER = 2
_INET, _BRIDGE = 1, 7
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}
_NFPROTO, _L4PROTO, _NFTRACE, _ETHERTYPE = 15, 16, 12, 1
_NETWORK, _TRANSPORT = 1, 2
_APPEND = 0x800
# After the kernel has put fragments together (-400) and before all rules that people write (-300).
FIRST, LAST = -350, 2**31 - 2


class TraceChain(NamedTuple):
    """A chain of the table."""

    name: str
    hook: int
    """NF_INET_*, the same for bridges."""
    priority: int
    arms: bool
    """Whether it marks packets; else it only tells that marked ones came by."""


CHAINS = (
    TraceChain("prerouting_begin", 0, FIRST, arms=True),
    TraceChain("prerouting_end", 0, LAST, arms=False),
    TraceChain("input_end", 1, LAST, arms=False),
    TraceChain("forward_end", 2, LAST, arms=False),
    TraceChain("output_begin", 3, FIRST, arms=True),
    TraceChain("output_end", 3, LAST, arms=False),
    TraceChain("postrouting_end", 4, LAST, arms=False),
)
_HOOKS = ("prerouting", "input", "forward", "output", "postrouting")
Message = tuple[int, int, bytes]
"""Type, flags and body."""


def table_messages(name: str, matches: Sequence[TraceMatch], *, bridge: bool = False) -> list[Message]:
    """What adds the table for IPv4 and IPv6, or that for bridges, as one batch: all of it or nothing."""
    family = _BRIDGE if bridge else _INET
    table = _text(1, name)
    made = [(_NEWTABLE, NLM_F_CREATE, _of(family, table + attribute(2, _u32(_OWNER))))]
    for chain in CHAINS:
        hook = attribute(1, _u32(chain.hook)) + attribute(2, (chain.priority & 0xFFFFFFFF).to_bytes(4, "big"))
        body = table + _text(3, chain.name) + attribute(_NESTED | 4, hook) + _text(7, "filter")
        made.append((_NEWCHAIN, NLM_F_CREATE, _of(family, body)))
        for match in matches if chain.arms else ():
            listed = b"".join(attribute(_NESTED | 1, one) for one in _rule(match, bridge=bridge))
            body = table + _text(2, chain.name) + attribute(_NESTED | 4, listed)
            made.append((_NEWRULE, NLM_F_CREATE | _APPEND, _of(family, body)))
    begin = (BATCH_BEGIN, 0, bytes([0, 0]) + NFNL_SUBSYS_NFTABLES.to_bytes(2, "big"))
    acknowledged = [(kind, flags | NLM_F_ACK, body) for kind, flags, body in made]
    asked = [begin, *acknowledged, (BATCH_END, 0, begin[2])]
    return [(kind, flags | NLM_F_REQUEST, body) for kind, flags, body in asked]


def table_lines(name: str, matches: Sequence[TraceMatch], *, bridge: bool = False) -> Iterator[str]:
    """The same in the language of nft."""
    yield f"table {'bridge' if bridge else 'inet'} {name} {{"
    yield "    flags owner"
    for chain in CHAINS:
        hook = f"type filter hook {_HOOKS[chain.hook]} priority {chain.priority}; policy accept;"
        if chain.arms:
            yield f"    chain {chain.name} {{"
            yield f"        {hook}"
            yield from (f"        {f'{words(match)} meta nftrace set 1'.lstrip()}" for match in matches)
            yield "    }"
        else:
            yield f"    chain {chain.name} {{ {hook} }}"
    yield "}"


def words(match: TraceMatch) -> str:
    """A match in the language of nft."""
    six = _six(match)
    told = [] if match.protocol is None else [f"meta l4proto {'ipv6-icmp' if match.protocol == 'icmpv6' else match.protocol}"]
    if six is not None:
        family = "ip6" if six else "ip"
        sides = (("saddr", match.source), ("daddr", match.destination))
        told += [f"{family} {side} {address}" for side, address in sides if address is not None]
    ports = (("sport", match.source_port), ("dport", match.port))
    return " ".join((*told, *(f"th {side} {port}" for side, port in ports if port is not None)))


def _rule(match: TraceMatch, *, bridge: bool) -> Iterator[bytes]:
    """Its expressions."""
    six = _six(match)
    if six is not None and bridge:
        yield from _equal(_meta(_ETHERTYPE), (0x86DD if six else 0x0800).to_bytes(2, "big"))
    elif six is not None:
        yield from _equal(_meta(_NFPROTO), bytes([10 if six else 2]))
    if match.protocol is not None:
        yield from _equal(_meta(_L4PROTO), bytes([_PROTOCOLS[match.protocol]]))
    for address, four, sixth in ((match.source, 12, 8), (match.destination, 16, 24)):
        if address is not None:
            packed = ip_address(address).packed
            yield from _equal(_payload(_NETWORK, sixth if len(packed) == 16 else four, len(packed)), packed)
    for port, offset in ((match.source_port, 0), (match.port, 2)):
        if port is not None:
            yield from _equal(_payload(_TRANSPORT, offset, 2), port.to_bytes(2, "big"))
    value = attribute(1, _u32(1)) + attribute(_NESTED | 2, attribute(1, b"\1"))
    yield _expression("immediate", value)
    yield _expression("meta", attribute(2, _u32(_NFTRACE)) + attribute(3, _u32(1)))


def _equal(load: bytes, value: bytes) -> tuple[bytes, bytes]:
    compared = attribute(1, _u32(1)) + attribute(2, _u32(0)) + attribute(_NESTED | 3, attribute(1, value))
    return load, _expression("cmp", compared)


def _meta(key: int) -> bytes:
    return _expression("meta", attribute(2, _u32(key)) + attribute(1, _u32(1)))


def _payload(base: int, offset: int, length: int) -> bytes:
    numbers = enumerate((1, base, offset, length), 1)
    return _expression("payload", b"".join(attribute(kind, _u32(number)) for kind, number in numbers))


def _expression(name: str, told: bytes) -> bytes:
    return _text(1, name) + attribute(_NESTED | 2, told)


def _six(match: TraceMatch) -> bool | None:
    """Whether it is about IPv6; None: about both."""
    address = match.source or match.destination
    return None if address is None else ":" in address


def _of(family: int, attributes: bytes) -> bytes:
    return bytes([family, 0, 0, 0]) + attributes


def _text(kind: int, text: str) -> bytes:
    return attribute(kind, text.encode() + b"\0")


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "big")
