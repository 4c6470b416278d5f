"""Neighbours and forwarding entries (RTM_NEWNEIGH)."""

from struct import Struct

from netview.decode import fields, words
from netview.decode.netlink import MalformedError, attributes
from netview.model import Family, FdbEntry, Neighbour, NeighbourState

RTM_NEWNEIGH = 28
_HEADER = Struct("=B3xiHBB")
_FAMILIES = {Family.INET.value: Family.INET, Family.INET6.value: Family.INET6}
_AF_BRIDGE = 7
_NTF_ROUTER = 0x80
_STATES: dict[int, NeighbourState] = {}


def neighbour(data: bytes, at: int, end: int) -> Neighbour | None:
    """An ARP or NDP entry; None for other families."""
    number, ifindex, state, flags, found = _parts(data, at, end)
    family = _FAMILIES.get(number)
    if family is None or 1 not in found:
        return None
    return Neighbour(
        ifindex=ifindex,
        family=family,
        ip=fields.ip(found[1]),
        mac=fields.mac(found[2]) if 2 in found else None,
        state=_state(state),
        router=bool(flags & _NTF_ROUTER),
    )


def fdb_entry(data: bytes, at: int, end: int) -> FdbEntry | None:
    """A bridge's or VXLAN device's forwarding entry; None for other families."""
    number, ifindex, state, flags, found = _parts(data, at, end)
    if number != _AF_BRIDGE or 2 not in found:
        return None
    return FdbEntry(
        ifindex=ifindex,
        bridge=fields.u32(found[9]) if 9 in found else None,
        mac=fields.mac(found[2]) or "",
        vlan=fields.u16(found[5]) if 5 in found else None,
        dst=fields.ip(found[1]) if len(found.get(1, b"")) in {4, 16} else None,
        state=words.fdb_state(state),
        flags=tuple(name for bit, name in words.FDB_FLAGS if flags & bit),
    )


def _parts(data: bytes, at: int, end: int) -> tuple[int, int, int, int, dict[int, bytes]]:
    if end - at < 12:
        raise MalformedError("a neighbour without a header")
    number, ifindex, state, flags, _ = _HEADER.unpack_from(data, at)
    return number, ifindex, state, flags, attributes(data, at + 12, end)


def _state(bits: int) -> NeighbourState:
    known = _STATES.get(bits)
    if known is None:
        known = _STATES[bits] = NeighbourState(bits)
    return known
