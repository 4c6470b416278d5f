"""Whether one expression of a rule matches: yes, no, or nobody can tell."""

import sys
from ipaddress import ip_address

from netview.derive.netfilter.headers import EPHEMERAL, Cells, Seen, protocol
from netview.derive.netfilter.registers import Registers
from netview.derive.netfilter.surroundings import NEW, Surroundings
from netview.derive.path import fib
from netview.model import Family, Packet, Tables
from netview.model.ruleset import (
    Addresses,
    AddressType,
    Bitwise,
    Compare,
    ConnectionState,
    Conntrack,
    Expression,
    Fib,
    Icmp,
    Immediate,
    Mark,
    Meta,
    Multiport,
    Payload,
    Ports,
    Range,
)

_TYPES = {"unicast": 1, "local": 2, "broadcast": 3, "anycast": 4, "multicast": 5}
_LOADS = (Payload, Meta, Conntrack, Fib, Immediate, Bitwise)
CHECKS = (*_LOADS, Compare, Range, Ports, Multiport, Addresses, AddressType, ConnectionState, Mark, Icmp)
"""Expressions that only look."""
_LIMITED = 8 | 16
_STATES = 1 | 2 | 4 | 8
_LEAST = 4
"""Upper byte of the least port that the kernel hands out."""


_LONGEST = 16
"""Bytes that one load writes at most: an address of IPv6, the name of a link."""


def match(expression: Expression, seen: Seen, around: Surroundings, registers: Registers) -> bool | None:
    """Whether the packet goes on to the rule's next expression; None: it cannot be told. Loads write to the registers."""
    if isinstance(expression, _LOADS):
        return _load(expression, seen, around, registers)
    if isinstance(expression, (Compare, Range)):
        return _compared(expression, registers)
    return _matched(expression, seen.packet, around)


def _load(
    expression: Payload | Meta | Conntrack | Fib | Immediate | Bitwise, seen: Seen, around: Surroundings, registers: Registers
) -> bool | None:
    if isinstance(expression, Payload):
        cells = _bytes(expression, seen)
        if cells is None:
            return False
        registers.put_cells(expression.register, cells)
    elif isinstance(expression, Meta):
        registers.put(expression.register, known(expression.key, seen), _LONGEST)
    elif isinstance(expression, Conntrack):
        state = around.state.to_bytes(4, sys.byteorder) if expression.key == 0 else None
        registers.put(expression.register, state, _LONGEST)
    elif isinstance(expression, Fib):
        registers.put(expression.register, _fib(expression, seen.packet, around), _LONGEST)
    elif isinstance(expression, Immediate):
        registers.put(expression.register, expression.value)
    else:
        _masked(expression, registers)
    return True


def _bytes(expression: Payload, seen: Seen) -> Cells | None:
    """What a part of the packet is; None: it has no such part, and then the rule does not match."""
    if expression.base == 0:
        return [None] * expression.length
    header = seen.network if expression.base == 1 else seen.transport
    cells = header[expression.offset : expression.offset + expression.length]
    if len(cells) < expression.length:
        return [None] * expression.length if header else None
    return cells


def known(key: int, seen: Seen) -> bytes | None:
    """What the kernel knows of a packet (NFT_META_*); None: nobody can tell."""
    if key not in seen.meta:
        seen.meta[key] = _meta(key, seen.packet)
    return seen.meta[key]


def _meta(key: int, packet: Packet) -> bytes | None:
    flow, number = packet.flow, sys.byteorder
    iif, oif = packet.iif, packet.oif
    six = flow.family is Family.INET6
    told: dict[int, bytes] = {
        1: (0x86DD if six else 0x0800).to_bytes(2, "big"),
        3: flow.mark.to_bytes(4, number),
        4: (0 if iif is None else iif.ifindex).to_bytes(4, number),
        5: (0 if oif is None else oif.ifindex).to_bytes(4, number),
        6: _name("" if iif is None else iif.name),
        7: _name("" if oif is None else oif.name),
        15: bytes([flow.family]),
        16: bytes([protocol(flow)]),
    }
    if iif is not None:
        told[8] = iif.hardware_type.to_bytes(2, number)
    if oif is not None:
        told[9] = oif.hardware_type.to_bytes(2, number)
    if packet.uid is not None:
        told[10] = packet.uid.to_bytes(4, number)
    if packet.length is not None:
        told[0] = packet.length.to_bytes(4, number)
    return told.get(key)


def _name(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")[:16].ljust(16, b"\0")


def _fib(expression: Fib, packet: Packet, around: Surroundings) -> bytes | None:
    if expression.result != 3 or expression.flags & _LIMITED:
        return None
    address = packet.flow.source if expression.flags & 1 else packet.flow.destination
    return address_type(around.tables, address).to_bytes(4, sys.byteorder)


def address_type(tables: Tables, address: str) -> int:
    """RTN_*: what the table of local routes says, else unicast."""
    family = Family.INET6 if ":" in address else Family.INET
    key = fib.key(family, address, address, oif=0, tos=0, spare=frozenset())
    entry = fib.look_up((route for route in tables.routes if route.table == "local"), key)
    return _TYPES["unicast"] if entry is None else _TYPES.get(entry.route.type, 0)


def _masked(expression: Bitwise, registers: Registers) -> None:
    cells = registers.cells(expression.source, len(expression.mask))
    masked: Cells = [
        toggle if not mask else None if cell is None or cell < 0 else (cell & mask) ^ toggle
        for cell, mask, toggle in zip(cells, expression.mask, expression.toggle, strict=True)
    ]
    registers.put_cells(expression.register, masked)


def _compared(expression: Compare | Range, registers: Registers) -> bool | None:
    if isinstance(expression, Range):
        value = registers.value(expression.register, len(expression.first))
        handed_out = registers.cells(expression.register, 1) == [EPHEMERAL]
        if handed_out and len(expression.last) == 2 and expression.last[0] < _LEAST:
            return expression.inverted
        return None if value is None else (expression.first <= value <= expression.last) is not expression.inverted
    cells = registers.cells(expression.register, len(expression.value))
    if expression.operator in {0, 1}:
        equal = _equal(cells, expression.value)
        return None if equal is None else equal is (expression.operator == 0)
    value = registers.value(expression.register, len(expression.value))
    if value is None:
        return None
    order = {2: value < expression.value, 3: value <= expression.value, 4: value > expression.value}
    return order.get(expression.operator, value >= expression.value)


def _equal(cells: Cells, value: bytes) -> bool | None:
    """One byte that differs is enough to tell."""
    sure: bool | None = True
    for cell, byte in zip(cells, value, strict=True):
        if cell == byte:
            continue
        if cell is not None and (cell != EPHEMERAL or byte < _LEAST):
            return False
        sure = None
    return sure


def _matched(expression: Expression, packet: Packet, around: Surroundings) -> bool | None:
    """The matches of iptables."""
    if isinstance(expression, Ports):
        judged = _ports(expression, packet, around)
    elif isinstance(expression, Multiport):
        judged = _multiport(expression, packet)
    elif isinstance(expression, Addresses):
        judged = _between(expression, packet)
    elif isinstance(expression, AddressType):
        judged = _addresses(expression, packet, around)
    elif isinstance(expression, ConnectionState):
        judged = _state(expression, around)
    elif isinstance(expression, Mark):
        judged = (packet.flow.mark & expression.mask == expression.mark) is not expression.inverted
    else:
        judged = _icmp(expression, packet) if isinstance(expression, Icmp) else None
    return judged


def _between(expression: Addresses, packet: Packet) -> bool:
    sides = ((expression.source, packet.flow.source, 1), (expression.destination, packet.flow.destination, 2))
    for ends, address, bit in sides:
        if ends is not None:
            packed = ip_address(address).packed
            within = ends[0][: len(packed)] <= packed <= ends[1][: len(packed)]
            if within is bool(expression.inverted & bit):
                return False
    return True


def _state(expression: ConnectionState, around: Surroundings) -> bool | None:
    if expression.states & around.state:
        return not expression.inverted
    # Whether it was translated is a state of its own.
    return None if expression.states & ~_STATES else expression.inverted


def _ports(expression: Ports, packet: Packet, around: Surroundings) -> bool | None:
    flow = packet.flow
    if protocol(flow) != expression.protocol:
        return False
    source = _turned(_within(flow.source_port, expression.source), bool(expression.inverted & 1))
    destination = _turned(_within(flow.port, expression.destination), bool(expression.inverted & 2))
    mask, value = expression.flags
    flags = True if not mask else (mask & 0x02 == value) if around.state == NEW else None
    judged = (source, destination, flags)
    return False if False in judged else None if None in judged else True


def _within(port: int | None, ports: tuple[int, int]) -> bool | None:
    if ports == (0, 0xFFFF):
        return True
    if port is None:
        return None if ports[1] >= _LEAST << 8 else False
    return ports[0] <= port <= ports[1]


def _turned(judged: bool | None, inverted: bool) -> bool | None:
    return None if judged is None else judged is not inverted


def _multiport(expression: Multiport, packet: Packet) -> bool | None:
    flow = packet.flow
    ends = {"source": (flow.source_port,), "destination": (flow.port,), "either": (flow.source_port, flow.port)}
    judged = [_within(port, ports) for port in ends[expression.which] for ports in expression.ranges]
    if flow.protocol not in {"tcp", "udp"}:
        return False
    return _turned(True if True in judged else None if None in judged else False, expression.inverted)


def _addresses(expression: AddressType, packet: Packet, around: Surroundings) -> bool | None:
    if expression.flags & ~3:
        return None
    sides = (
        (expression.source, packet.flow.source, bool(expression.flags & 1)),
        (expression.destination, packet.flow.destination, bool(expression.flags & 2)),
    )
    return all(
        bool(1 << address_type(around.tables, address) & wanted) is not inverted for wanted, address, inverted in sides if wanted
    )


def _icmp(expression: Icmp, packet: Packet) -> bool | None:
    flow = packet.flow
    if flow.protocol not in {"icmp", "icmpv6"}:
        return False
    if flow.icmp_type is None:
        return None
    codes = expression.codes == (0, 255) or flow.icmp_code is None or expression.codes[0] <= flow.icmp_code <= expression.codes[1]
    return (expression.type == 255 or (expression.type == flow.icmp_type and codes)) is not expression.inverted
