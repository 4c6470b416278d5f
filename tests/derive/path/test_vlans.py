"""VLANs and ipvlans where no packet is sent: tests/kernel sends them."""

from dataclasses import replace

import pytest

from netview.derive.path.questions import Answer, PortVlan, Unanswered, Vlans
from netview.derive.path.walk import walk
from netview.live.followed import followed
from netview.model import Bridge, FdbEntry, Flow, Tables
from netview.model.path import Path
from tests.derive.path.worlds import Kernel, address, container, snapshot
from tests.factories import a_link

_PING = Flow("icmp", "", address(2), icmp_type=8)
_BRIDGE, _PORT_1, _PORT_2 = 3, 1001, 1002
_MAC_2 = "02:00:00:00:00:02"


def _filtering(tables: Tables, protocol: str = "802.1Q") -> Tables:
    made = Bridge("8000.0", "8000.0", stp=False, ageing_s=300.0, vlan_filtering=True, vlan_protocol=protocol)
    bridge = replace(tables.links[_BRIDGE], bridge=made)
    return replace(tables, links={**tables.links, _BRIDGE: bridge})


def _vlan(number: int, last: int = 0) -> PortVlan:
    return PortVlan(number, last or number, pvid=True, untagged=True)


def _said(vlans: Answer, *learned: int | None) -> Path:
    entries = tuple(
        FdbEntry(_PORT_1 if vlan == 20 else _PORT_2, _BRIDGE, _MAC_2, vlan, None, "", ("master",)) for vlan in learned
    )
    now = snapshot(host=lambda tables: replace(_filtering(tables), fdb=entries))
    return followed(walk(now, container(1), _PING), Kernel(now, vlans=vlans).answer)


@pytest.mark.parametrize(
    ("ports", "verdict", "reason"),
    [
        ({_PORT_1: (_vlan(10),), _PORT_2: (_vlan(10),)}, "delivered", "in web-2"),
        ({_PORT_1: (_vlan(10),), _PORT_2: (_vlan(1, 30),)}, "delivered", "in web-2"),
        ({_PORT_1: (_vlan(10),), _PORT_2: (_vlan(11, 30),)}, "dropped", "port v2 is not in VLAN 10"),
        ({_PORT_2: (_vlan(10),)}, "dropped", "port v1 has no VLAN for frames without a tag (PVID)"),
    ],
)
def test_a_bridge_that_filters_keeps_vlans_apart(ports: dict[int, tuple[PortVlan, ...]], verdict: str, reason: str) -> None:
    if reason == "in web-2":
        # The answer leaves by the VLAN that it comes in by.
        ports = {port: (_vlan(10), *those) for port, those in ports.items()}
    path = _said(Vlans(ports))
    assert (path.verdict.value, path.reason) == (verdict, reason)


def test_forwarding_entries_are_those_of_the_vlan() -> None:
    both = Vlans({_PORT_1: (_vlan(10),), _PORT_2: (_vlan(10),)})
    assert "forwarding entry" in " ".join(hop.because for hop in _said(both, 20, 10).hops)
    assert "flooded to all ports of br0 in VLAN 10" in [hop.because for hop in _said(both, 20, None).hops]


def test_vlans_that_are_not_known_leave_it_open() -> None:
    path = _said(Unanswered("Operation not permitted"))
    assert path.verdict.value == "undecided"
    assert path.reason == "br0 filters VLANs, and its VLANs are not known: Operation not permitted"


def test_what_a_bridge_does_with_tags_of_another_protocol_is_open() -> None:
    now = snapshot(host=lambda tables: _filtering(tables, "802.1ad"))
    path = followed(walk(now, container(1), _PING), Kernel(now).answer)
    assert (path.verdict.value, path.reason) == ("undecided", "br0 filters VLANs by tags of 802.1ad")


def test_two_tags_one_in_the_other_are_not_followed() -> None:
    def doubly(tables: Tables) -> Tables:
        outer = a_link(8, "eth0.7", "vlan", link=2, address=tables.links[2].address, details=(("id", 7),))
        inner = a_link(9, "eth0.7.8", "vlan", link=8, address=tables.links[2].address, details=(("id", 8),))
        moved = tuple(replace(one, ifindex=9) for one in tables.addresses)
        routes = tuple(replace(one, oif=9) for one in tables.routes)
        return replace(tables, links={**tables.links, 8: outer, 9: inner}, addresses=moved, routes=routes)

    now = snapshot(c1=doubly)
    path = followed(walk(now, container(1), _PING), Kernel(now).answer)
    assert (path.verdict.value, path.reason) == (
        "undecided",
        "who answers for 10.1.0.3: netview does not follow frames with the tags of eth0.7",
    )
