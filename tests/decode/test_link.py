"""Links of kinds that the machine at hand may not have, encoded by pyroute2 or by hand, and decoded by both."""

import struct
from typing import Any

import pytest
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg

from netview.decode.link import link
from netview.decode.netlink import MalformedError
from netview.kernel import pyroute2_link
from netview.model import Detail, Link
from tests.decode.messages import HEADER, decoded, link_message

Own = list[tuple[str, Any]]
Details = tuple[tuple[str, Detail], ...]
_VTEPS: Details = (("link", 3), ("local", "192.0.2.1"), ("remote", "192.0.2.2"), ("ttl", 64))
_VTEPS_6: Details = (("link", 3), ("local", "2001:db8::1"), ("remote", "2001:db8::2"), ("ttl", 64))


def _tunnel(prefix: str, local: str, remote: str) -> Own:
    return [(f"{prefix}_LINK", 3), (f"{prefix}_LOCAL", local), (f"{prefix}_REMOTE", remote), (f"{prefix}_TTL", 64)]


_KINDS: list[tuple[str, Own, Details]] = [
    ("vlan", [("IFLA_VLAN_ID", 4094), ("IFLA_VLAN_PROTOCOL", 0x8100)], (("id", 4094), ("protocol", "802.1Q"))),
    ("vlan", [("IFLA_VLAN_ID", 7), ("IFLA_VLAN_PROTOCOL", 0x88A8)], (("id", 7), ("protocol", "802.1ad"))),
    ("ipvlan", [("IFLA_IPVLAN_MODE", 0)], (("mode", "l2"),)),
    ("ipvlan", [("IFLA_IPVLAN_MODE", 1)], (("mode", "l3"),)),
    ("ipvlan", [("IFLA_IPVLAN_MODE", 9)], (("mode", "9"),)),
    ("vrf", [("IFLA_VRF_TABLE", 4242424242)], (("table", 4242424242),)),
    (
        "bond",
        [("IFLA_BOND_MODE", 4), ("IFLA_BOND_ACTIVE_SLAVE", 9), ("IFLA_BOND_MIIMON", 100)],
        (("mode", "802.3ad"), ("active_slave", 9), ("miimon", 100)),
    ),
    (
        "geneve",
        [("IFLA_GENEVE_ID", 77), ("IFLA_GENEVE_REMOTE", "192.0.2.1"), ("IFLA_GENEVE_TTL", 9), ("IFLA_GENEVE_PORT", 6081)],
        (("id", 77), ("remote", "192.0.2.1"), ("ttl", 9), ("port", 6081)),
    ),
    (
        "geneve",
        [("IFLA_GENEVE_ID", 1), ("IFLA_GENEVE_PORT", 6081), ("IFLA_GENEVE_REMOTE6", "2001:db8::9")],
        (("id", 1), ("port", 6081), ("remote", "2001:db8::9")),
    ),
    ("gre", _tunnel("IFLA_GRE", "192.0.2.1", "192.0.2.2"), _VTEPS),
    ("gretap", _tunnel("IFLA_GRE", "192.0.2.1", "0.0.0.0"), (*_VTEPS[:2], ("remote", None), _VTEPS[3])),  # noqa: S104
    ("ip6gre", _tunnel("IFLA_IP6GRE", "2001:db8::1", "2001:db8::2"), _VTEPS_6),
    ("ipip", _tunnel("IFLA_IPIP", "192.0.2.1", "192.0.2.2"), _VTEPS),
    ("sit", _tunnel("IFLA_SIT", "192.0.2.1", "192.0.2.2"), _VTEPS),
    ("ip6tnl", _tunnel("IFLA_IP6TNL", "2001:db8::1", "2001:db8::2"), _VTEPS_6),
    ("wireguard", [], ()),
    ("dummy", [], ()),
]


def _both(data: bytes) -> tuple[Link, Link]:
    found = link(data, HEADER, len(data))
    assert found is not None
    return found[0], pyroute2_link.link(decoded(ifinfmsg, data))[0]


@pytest.mark.parametrize(("kind", "own", "details"), _KINDS)
def test_a_kind_has_its_details_in_the_words_of_iproute2(kind: str, own: Own, details: Details) -> None:
    native, other = _both(link_message(kind, own, ("IFLA_LINK", 3)))
    assert (native.kind, native.details, native.link) == (kind, details, 3)
    assert native == other


def test_a_netkit_says_which_end_it_is_and_how_it_works() -> None:
    own = struct.pack("=HHB3x HHi HHI", 5, 2, 1, 8, 3, -1, 8, 5, 1)
    data = _by_hand([(3, b"nk0\0"), (5, struct.pack("=I", 9)), (23, bytes(200)), (18, _attributes([(1, b"netkit\0"), (2, own)]))])
    found = link(data, HEADER, len(data))
    assert found is not None
    assert (found[0].kind, found[0].link) == ("netkit", 9)
    assert found[0].details == (("primary", True), ("policy", -1), ("mode", "l3"))


def test_a_slave_of_a_bond_is_no_bridge_port() -> None:
    info = _attributes([(1, b"veth\0"), (4, b"bond\0"), (5, bytes(8))])
    data = _by_hand([(3, b"x0\0"), (10, struct.pack("=I", 5)), (23, bytes(200)), (18, info)])
    found = link(data, HEADER, len(data))
    assert found is not None
    assert (found[0].master, found[0].port_kind, found[0].port) == (5, "bond", None)


@pytest.mark.parametrize(
    ("hardware_type", "address", "text"),
    [
        (768, bytes([192, 0, 2, 1]), "192.0.2.1"),
        (778, bytes([192, 0, 2, 1]), "192.0.2.1"),
        (769, bytes.fromhex("20010db8000000000000000000000001"), "2001:db8::1"),
        (1, bytes.fromhex("0242ac110002"), "02:42:ac:11:00:02"),
        (32, bytes(range(20)), bytes(range(20)).hex(":")),
        (65534, b"", None),
    ],
)
def test_an_address_is_printed_as_its_hardware_has_it(hardware_type: int, address: bytes, text: str | None) -> None:
    data = _by_hand([(3, b"x0\0"), (1, address), (23, bytes(200))], hardware_type)
    found = link(data, HEADER, len(data))
    assert found is not None
    assert found[0].address == text


@pytest.mark.parametrize(("size", "unknown"), [(184, 2), (192, 1), (200, 0), (208, 0)])
def test_counters_of_older_and_newer_kernels_are_read_as_far_as_they_go(size: int, unknown: int) -> None:
    payload = struct.pack(f"={size // 8}Q", *range(1, size // 8 + 1))
    data = _by_hand([(3, b"x0\0"), (23, payload)])
    found = link(data, HEADER, len(data))
    assert found is not None
    assert found[1] == (*range(1, 26 - unknown), *[None] * unknown)


@pytest.mark.parametrize("attributes", [[], [(3, b"x0\0")], [(23, bytes(200))], [(3, b"x0\0"), (23, bytes(8))]])
def test_a_link_without_name_or_counters_is_malformed(attributes: list[tuple[int, bytes]]) -> None:
    data = _by_hand(attributes)
    with pytest.raises(MalformedError):
        link(data, HEADER, len(data))


def _by_hand(attributes: list[tuple[int, bytes]], hardware_type: int = 1) -> bytes:
    body = struct.pack("=BxHiII", 0, hardware_type, 7, 0x1043, 0) + _attributes(attributes)
    return struct.pack("=IHHII", HEADER + len(body), 16, 0, 1, 0) + body


def _attributes(values: list[tuple[int, bytes]]) -> bytes:
    return b"".join(struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4) for kind, value in values)
