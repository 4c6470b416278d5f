"""Which other address and port a rule gives to a connection (nf_nat_setup_info)."""

from dataclasses import replace
from ipaddress import ip_address

from netview.derive.netfilter.spread import chosen
from netview.derive.netfilter.walk import Decided, Stop, Walk
from netview.model import Family, Flow
from netview.model.ruleset import Translate

_AT_RANDOM, _PERSISTENT, _NETMAP = 0x04 | 0x10, 0x08, 0x40
_PRIVILEGED = 1024
_IN_ORDER = (6, 8)
"""The release from which on, as long ago, a destination's ports are not taken at random."""


class _UnknownError(Exception):
    """Nobody can tell."""


def translated(walk: Walk, by: Decided, action: Translate) -> Stop:
    """Let the packet go on as what the rule makes of it."""
    flow = walk.packet.flow
    if action.kind == "netmap":
        action = action._replace(kind="dnat" if walk.hook in {"prerouting", "output"} else "snat")
    try:
        address = _address(walk, action, flow)
        port = _port(walk, action, flow)
    except _UnknownError:
        return Stop("unsure", by._replace(word=f"{action.kind} to what is not known"))
    if _turns_destination(action):
        changed = replace(flow, destination=address or flow.destination, port=port)
        told = port if port != flow.port or action.port is not None else None
    else:
        changed = replace(flow, source=address or flow.source, source_port=port)
        told = port if action.port is not None else None
    walk.change(changed)
    to = address or "" if told is None else f"{address or ''}:{told}"
    walk.notes.append(by._replace(word=f"{action.kind} to {to}"))
    return Stop("translated", by)


def _turns_destination(action: Translate) -> bool:
    return action.kind in {"dnat", "redirect"}


def _address(walk: Walk, action: Translate, flow: Flow) -> str | None:
    """The address it gets; None: it keeps its own."""
    six = flow.family is Family.INET6
    if action.kind == "masquerade":
        return _own_address(walk, None if walk.packet.oif is None else walk.packet.oif.ifindex)
    if action.kind == "redirect":
        if walk.hook == "output":
            return "::1" if six else "127.0.0.1"
        return _own_address(walk, None if walk.packet.iif is None else walk.packet.iif.ifindex)
    if action.address is None:
        return None
    first = _bytes(walk, action.address, 16 if six else 4)
    if action.last_address is None:
        return str(ip_address(first))
    return _one_of(action, flow, first, _bytes(walk, action.last_address, len(first)))


def _one_of(action: Translate, flow: Flow, first: bytes, last: bytes) -> str:
    """One of several addresses."""
    own = ip_address(flow.destination if _turns_destination(action) else flow.source)
    if action.flags & _NETMAP:
        kept = int.from_bytes(first, "big") ^ int.from_bytes(last, "big")
        made = (int.from_bytes(own.packed, "big") & kept) | (int.from_bytes(first, "big") & ~kept)
        return str(ip_address(made.to_bytes(len(first), "big")))
    if action.kind == "snat" and not action.flags & _AT_RANDOM and first <= own.packed <= last and _keeps_port(action, flow):
        return str(own)
    if flow.protocol in {"icmp", "icmpv6"} or (flow.source_port is not None and flow.port is not None):
        turns = _turns_destination(action)
        persistent = bool(action.flags & _PERSISTENT)
        found = chosen(flow.source, flow.destination, first, last, turns_destination=turns, persistent=persistent)
        return str(ip_address(found))
    raise _UnknownError


def _keeps_port(action: Translate, flow: Flow) -> bool:
    if not isinstance(action.port, tuple):
        return action.port is None
    return flow.source_port is not None and action.port[0] <= flow.source_port <= action.port[1]


def _port(walk: Walk, action: Translate, flow: Flow) -> int | None:
    """The port that it has then; None: one that the kernel chooses, or it has none."""
    turns = _turns_destination(action)
    own = flow.port if turns else flow.source_port
    if flow.protocol in {"icmp", "icmpv6"}:
        return own
    at_random = bool(action.flags & _AT_RANDOM)
    ports = _ports(walk, action)
    if ports is None:
        return own if turns or not at_random else _handed_out(own or _PRIVILEGED)
    low, high = ports
    if low == high:
        return low
    if own is not None and low <= own <= high and not at_random:
        return own
    if not turns:
        return _handed_out(low)
    if own is None or at_random or walk.around.release < _IN_ORDER:
        raise _UnknownError
    return low


def _handed_out(least: int) -> int | None:
    """A port that the kernel chooses is taken for one of those that sockets get; raises where it may be less."""
    if least < _PRIVILEGED:
        raise _UnknownError
    return None


def _ports(walk: Walk, action: Translate) -> tuple[int, int] | None:
    if action.port is None or isinstance(action.port, tuple):
        return action.port
    registers = (action.port, action.port if action.last_port is None else action.last_port)
    low, high = (int.from_bytes(_bytes(walk, register, 2), "big") for register in registers)
    return min(low, high), max(low, high)


def _bytes(walk: Walk, told: bytes | int, length: int) -> bytes:
    value = walk.registers.value(told, length) if isinstance(told, int) else told[:length]
    if value is None:
        raise _UnknownError
    return value


def _own_address(walk: Walk, ifindex: int | None) -> str:
    family = walk.packet.flow.family
    own = [one for one in walk.around.tables.addresses if one.ifindex == ifindex and one.family is family]
    found = next((one.address for one in own if one.scope == "global"), None)
    if found is None:
        raise _UnknownError
    return found
