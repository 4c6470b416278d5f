"""What one multicast message of rtnetlink tells of a change."""

from struct import Struct

from netview.decode import fields
from netview.decode.address import RTM_NEWADDR, address
from netview.decode.kinds import port
from netview.decode.link import RTM_NEWLINK, link
from netview.decode.neighbour import RTM_NEWNEIGH, fdb_entry, neighbour
from netview.decode.netlink import MalformedError, attributes
from netview.decode.route import RTM_NEWROUTE, RTM_NEWRULE
from netview.model.change import AddressTold, Change, FdbTold, LinkGone, LinkTold, LinkUnclear, NeighbourTold, PortTold, TableTold

_RTM_DELLINK, _RTM_DELADDR, _RTM_DELROUTE, _RTM_DELNEIGH, _RTM_DELRULE = 17, 21, 25, 29, 33
_RTM_NEWQDISC, _RTM_DELQDISC = 36, 37
_LINK = Struct("=BxHi")
_NEIGHBOUR = Struct("=B3xiHB")
_QDISC = Struct("=B3xiII")
_AF_UNSPEC, _AF_BRIDGE = 0, 7
_NTF_PROXY = 0x08
_TC_H_ROOT = 0xFFFFFFFF
_IFLA_MASTER, _IFLA_PROTINFO = 10, 12


_TABLES: dict[int, Change] = {
    RTM_NEWROUTE: TableTold("routes"),
    _RTM_DELROUTE: TableTold("routes"),
    RTM_NEWRULE: TableTold("rules"),
    _RTM_DELRULE: TableTold("rules"),
}


def change(kind: int, data: bytes, at: int, end: int) -> Change | None:
    """What a message with this body says; None where it is nothing that is kept. Raises MalformedError."""
    if kind in {RTM_NEWLINK, _RTM_DELLINK}:
        return _link(kind, data, at, end)
    if kind in {RTM_NEWADDR, _RTM_DELADDR}:
        found = address(data, at, end)
        return None if found is None else AddressTold(found, kind == _RTM_DELADDR)
    if kind in {RTM_NEWNEIGH, _RTM_DELNEIGH}:
        return _neighbour(data, at, end, gone=kind == _RTM_DELNEIGH)
    if kind in {_RTM_NEWQDISC, _RTM_DELQDISC}:
        return _qdisc(data, at, end)
    return _TABLES.get(kind)


def _link(kind: int, data: bytes, at: int, end: int) -> Change | None:
    if end - at < 16:
        raise MalformedError("a link without a header")
    family, _, ifindex = _LINK.unpack_from(data, at)
    if family == _AF_BRIDGE:
        # A DELLINK of this family only says that the link is no port any more.
        return _port(ifindex, data, at, end) if kind == RTM_NEWLINK else LinkUnclear(ifindex)
    if family != _AF_UNSPEC:
        return None
    if kind == _RTM_DELLINK:
        return LinkGone(ifindex)
    found = link(data, at, end)
    return None if found is None else LinkTold(*found)


def _port(ifindex: int, data: bytes, at: int, end: int) -> Change:
    found = attributes(data, at + 16, end)
    if _IFLA_MASTER not in found or _IFLA_PROTINFO not in found:
        return LinkUnclear(ifindex)
    return PortTold(ifindex, port(fields.u32(found[_IFLA_MASTER]), attributes(found[_IFLA_PROTINFO])))


def _neighbour(data: bytes, at: int, end: int, *, gone: bool) -> Change | None:
    if end - at < 12:
        raise MalformedError("a neighbour without a header")
    family, _, _, flags = _NEIGHBOUR.unpack_from(data, at)
    if family == _AF_BRIDGE:
        entry = fdb_entry(data, at, end)
        return None if entry is None else FdbTold(entry, gone)
    found = None if flags & _NTF_PROXY else neighbour(data, at, end)
    return None if found is None else NeighbourTold(found, gone)


def _qdisc(data: bytes, at: int, end: int) -> Change | None:
    """Of traffic control only the name of the root's discipline is kept, and a link holds it."""
    if end - at < 20:
        raise MalformedError("a discipline without a header")
    _, ifindex, _, parent = _QDISC.unpack_from(data, at)
    return LinkUnclear(ifindex) if parent == _TC_H_ROOT and ifindex > 0 else None
