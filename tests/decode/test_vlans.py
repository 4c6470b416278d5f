"""VLANs of ports, as a kernel with VLAN filtering tells them (RTEXT_FILTER_BRVLAN_COMPRESSED)."""

from struct import Struct

import pytest

from netview.decode.netlink import MalformedError, attribute
from netview.decode.vlans import vlans

_HEADER, _VLAN = Struct("=BxHiII"), Struct("=HH")
_NESTED = 0x8000


def a_port(ifindex: int, *those: tuple[int, int]) -> bytes:
    """An AF_BRIDGE link with a name and these flags and VLANs."""
    listed = b"".join(attribute(2, _VLAN.pack(*one)) for one in those)
    return (
        _HEADER.pack(7, 1, ifindex, 0x11043, 0) + attribute(3, b"v1\0") + attribute(26 | _NESTED, attribute(0, b"\0\0") + listed)
    )


def test_a_port_is_in_single_vlans_and_in_ranges_of_them() -> None:
    data = a_port(7, (2 | 4, 10), (8, 20), (16, 29), (0, 40))
    assert vlans(data, 0, len(data)) == (7, ((10, 10, True, True), (20, 29, False, False), (40, 40, False, False)))


def test_a_link_without_any_is_in_none() -> None:
    data = _HEADER.pack(7, 1, 9, 0, 0) + attribute(3, b"v2\0")
    assert vlans(data, 0, len(data)) == (9, ())


def test_what_is_too_short_is_malformed() -> None:
    with pytest.raises(MalformedError):
        vlans(b"\7", 0, 1)
    data = _HEADER.pack(7, 1, 9, 0, 0) + attribute(26, attribute(2, b"\0"))
    with pytest.raises(MalformedError):
        vlans(data, 0, len(data))
