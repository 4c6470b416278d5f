"""The VLANs of a bridge or a port (IFLA_BRIDGE_VLAN_INFO, in a link of the family AF_BRIDGE)."""

from struct import Struct

from netview.decode.netlink import MalformedError, attribute_list, attributes

_HEADER = Struct("=BxHiII")
_VLAN = Struct("=HH")
_IFLA_AF_SPEC, _IFLA_BRIDGE_VLAN_INFO = 26, 2
_PVID, _UNTAGGED, _BEGINS, _ENDS = 2, 4, 8, 16
Vlan = tuple[int, int, bool, bool]
"""First and last of a range, whether it is the one of frames without a tag, and whether its frames leave without one."""


def vlans(data: bytes, at: int, end: int) -> tuple[int, tuple[Vlan, ...]]:
    """The ifindex and its VLANs, in their order."""
    if end - at < _HEADER.size:
        raise MalformedError("a link without a header")
    ifindex = _HEADER.unpack_from(data, at)[2]
    told = attributes(data, at + _HEADER.size, end).get(_IFLA_AF_SPEC, b"")
    found: list[Vlan] = []
    first: int | None = None
    for kind, payload in attribute_list(told):
        if kind != _IFLA_BRIDGE_VLAN_INFO:
            continue
        if len(payload) < _VLAN.size:
            raise MalformedError("a VLAN that is too short")
        flags, vid = _VLAN.unpack_from(payload)
        if flags & _BEGINS:
            first = vid
            continue
        start = vid if first is None or not flags & _ENDS else first
        found.append((start, vid, bool(flags & _PVID), bool(flags & _UNTAGGED)))
        first = None
    return ifindex, tuple(found)
