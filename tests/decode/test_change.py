"""What one multicast message says has changed, of messages that pyroute2 encoded."""

import struct
from typing import Any

import pytest
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.ndmsg import ndmsg

from netview.decode.change import change
from netview.decode.netlink import MalformedError
from netview.model import Family, NeighbourState
from netview.model.change import AddressTold, Change, FdbTold, LinkGone, LinkTold, LinkUnclear, NeighbourTold, PortTold, TableTold
from tests.decode.messages import HEADER, encoded, link_message

_NEWLINK, _DELLINK, _NEWADDR, _DELADDR, _NEWNEIGH, _DELNEIGH = 16, 17, 20, 21, 28, 29
_AF_BRIDGE, _AF_INET6 = 7, 10


def _change(kind: int, data: bytes) -> Change | None:
    return change(kind, data, HEADER, len(data))


def _bridge_link(family: int, *attributes: tuple[str, Any]) -> bytes:
    message = ifinfmsg()
    message["header"]["type"] = _NEWLINK
    message["family"], message["index"] = family, 7
    message["attrs"] = list(attributes)
    return encoded(message)


def _neighbour(family: int, flags: int = 0, *attributes: tuple[str, Any]) -> bytes:
    message = ndmsg()
    message["header"]["type"] = _NEWNEIGH
    message["family"], message["ifindex"], message["state"], message["flags"] = family, 7, 0x80, flags
    message["attrs"] = list(attributes)
    return encoded(message)


def test_a_new_link_comes_with_its_counters_and_one_that_is_gone_with_its_number() -> None:
    data = link_message("veth", [], ("IFLA_LINK", 3))
    told = _change(_NEWLINK, data)
    assert isinstance(told, LinkTold)
    assert (told.link.ifindex, told.link.name, told.link.link) == (7, "x0", 3)
    assert _change(_DELLINK, data) == LinkGone(7)


def test_a_bridge_tells_of_its_port_and_of_nothing_else() -> None:
    port = [("IFLA_BRPORT_STATE", 3), ("IFLA_BRPORT_PRIORITY", 32), ("IFLA_BRPORT_COST", 2)]
    told = _change(_NEWLINK, _bridge_link(_AF_BRIDGE, ("IFLA_MASTER", 4), ("IFLA_PROTINFO", {"attrs": port})))
    assert isinstance(told, PortTold)
    assert (told.ifindex, told.port.bridge, told.port.state.name, told.port.cost) == (7, 4, "FORWARDING", 2)


def test_a_link_that_is_no_port_any_more_is_not_gone() -> None:
    assert _change(_DELLINK, _bridge_link(_AF_BRIDGE)) == LinkUnclear(7)


def test_what_ipv6_says_of_links_is_nothing_new() -> None:
    assert _change(_NEWLINK, _bridge_link(_AF_INET6, ("IFLA_IFNAME", "x0"))) is None


@pytest.mark.parametrize(("kind", "gone"), [(_NEWADDR, False), (_DELADDR, True)])
def test_an_address_comes_and_goes_in_full(kind: int, *, gone: bool) -> None:
    message = ifaddrmsg()
    message["header"]["type"] = kind
    message["family"], message["prefixlen"], message["index"] = 2, 24, 7
    message["attrs"] = [("IFA_ADDRESS", "10.7.0.1"), ("IFA_LOCAL", "10.7.0.1"), ("IFA_LABEL", "x0")]
    told = _change(kind, encoded(message))
    assert isinstance(told, AddressTold)
    assert (told.address.address, told.address.prefixlen, told.gone) == ("10.7.0.1", 24, gone)


@pytest.mark.parametrize(("kind", "gone"), [(_NEWNEIGH, False), (_DELNEIGH, True)])
def test_a_neighbour_and_a_forwarding_entry_come_and_go(kind: int, *, gone: bool) -> None:
    told = _change(kind, _neighbour(2, 0, ("NDA_DST", "10.7.0.9"), ("NDA_LLADDR", "02:00:00:00:00:09")))
    assert isinstance(told, NeighbourTold)
    assert told.neighbour == (told.neighbour.__class__)(7, Family.INET, "10.7.0.9", "02:00:00:00:00:09", NeighbourState.PERMANENT)
    assert told.gone is gone
    entry = _change(kind, _neighbour(_AF_BRIDGE, 0x02, ("NDA_LLADDR", "02:00:00:00:00:09")))
    assert isinstance(entry, FdbTold)
    assert (entry.entry.mac, entry.entry.flags, entry.gone) == ("02:00:00:00:00:09", ("self",), gone)


def test_a_neighbour_that_is_answered_for_is_none() -> None:
    assert _change(_NEWNEIGH, _neighbour(2, 0x08, ("NDA_DST", "10.7.0.9"))) is None


@pytest.mark.parametrize(("kind", "table"), [(24, "routes"), (25, "routes"), (32, "rules"), (33, "rules")])
def test_of_routes_and_rules_the_table_is_told(kind: int, table: Any) -> None:
    assert _change(kind, bytes(64)) == TableTold(table)


def test_of_traffic_control_only_the_root_matters() -> None:
    def told(parent: int) -> Change | None:
        return _change(36, bytes(HEADER) + struct.pack("=BxxxiIII", 0, 7, 0x10000, parent, 0))

    assert told(0xFFFFFFFF) == LinkUnclear(7)
    assert told(0x10000) is None


@pytest.mark.parametrize("kind", [_NEWLINK, _DELLINK, _NEWADDR, _NEWNEIGH, 36])
def test_a_message_that_is_cut_off_is_no_change(kind: int) -> None:
    with pytest.raises(MalformedError):
        _change(kind, bytes(HEADER + 3))


def test_other_kinds_are_nothing() -> None:
    assert _change(72, bytes(64)) is None
