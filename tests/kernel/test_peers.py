"""Peers and lowers of the rich lab, through both backends: exactly, or unknown."""

import pytest

from netview.model import FoundBy, LinkKey, Snapshot
from tests.kernel.lab import Lab
from tests.kernel.looking import BACKENDS, link, peer, place, snapshot
from tests.kernel.topology import NAMES


@pytest.fixture(scope="module", params=BACKENDS)
def seen(rich: Lab, request: pytest.FixtureRequest) -> Snapshot:
    return snapshot(rich, request.param)


_PAIRS = {
    "every container's eth0 has one number": (("host", "v1"), ("c1", "eth0")),
    "the second container's too": (("host", "v2"), ("c2", "eth0")),
    "both ends of two pairs have equal numbers, and this one passes no host": (("c3", "eth0"), ("c4", "eth0")),
    "both ends in one namespace": (("host", "self0"), ("host", "self1")),
    "nested": (("c1", "vn"), ("n1", "eth0")),
    "nested two deep": (("n1", "vn"), ("n2", "eth0")),
}


@pytest.mark.parametrize(("one", "other"), _PAIRS.values(), ids=_PAIRS.keys())
def test_both_ends_of_a_pair_name_each_other(seen: Snapshot, rich: Lab, one: tuple[str, str], other: tuple[str, str]) -> None:
    for near, far in ((one, other), (other, one)):
        found = peer(seen, rich, *near)
        assert found is not None
        assert found.key == link(seen, rich, *far)
        assert found.name == far[1]


@pytest.mark.parametrize(("name", "reachable", "source"), [("vd", True, FoundBy.FD), ("vh", False, FoundBy.VETH)])
def test_a_peer_in_a_namespace_without_a_process_or_a_mount_is_found_too(
    seen: Snapshot, rich: Lab, name: str, reachable: bool, source: FoundBy
) -> None:
    row = next(row for row in rich.show("host", "link") if row["ifname"] == name)
    found = peer(seen, rich, "host", name)
    assert found is not None
    assert found.namespace is not None
    assert (found.nsid, found.ifindex, found.name) == (row["link_netnsid"], row["link_index"], "eth0")
    far = seen.namespaces[found.namespace]
    assert far.found.sources == {source}
    assert (far.found.inode is not None) == reachable
    back = seen.peers[LinkKey(far.id, found.ifindex)]
    assert back.key == link(seen, rich, "host", name)


def test_every_nsid_of_every_veth_leads_where_ip_says(seen: Snapshot, rich: Lab) -> None:
    checked = 0
    for name in NAMES:
        names = {row["nsid"]: row.get("name") for row in rich.show(name, "netns", "list-id")}
        for row in rich.show(name, "-d", "link"):
            if row.get("linkinfo", {}).get("info_kind") == "veth" and "link_netnsid" in row:
                found = peer(seen, rich, name, row["ifname"])
                assert found is not None
                full = names[row["link_netnsid"]]
                if full is None:  # ip itself cannot name it.
                    assert found.namespace is not None
                    assert seen.namespaces[found.namespace].found.names == ()
                else:
                    assert found.namespace == place(seen, rich, full.removeprefix(rich.prefix))
                assert (found.nsid, found.ifindex) == (row["link_netnsid"], row["link_index"])
                checked += 1
    assert checked == 12


def test_a_vxlan_that_moved_has_its_underlay_and_not_the_link_of_the_same_number_beside_it(seen: Snapshot, rich: Lab) -> None:
    lower = seen.lowers[link(seen, rich, "over", "vx1")]
    assert lower.key == link(seen, rich, "host", "u0")
    assert lower.name == "u0"
    assert lower.ifindex == link(seen, rich, "over", "br60").ifindex


def test_a_vxlan_that_was_made_without_a_device_has_no_lower_wherever_it_moved(seen: Snapshot, rich: Lab) -> None:
    key = link(seen, rich, "over", "vx0")
    assert key.ifindex == link(seen, rich, "host", "br50").ifindex
    assert key not in seen.lowers
    assert key not in seen.peers


def test_a_vxlan_that_stayed_has_its_underlay(seen: Snapshot, rich: Lab) -> None:
    assert seen.lowers[link(seen, rich, "host", "vx2")].key == link(seen, rich, "host", "u0")


@pytest.mark.parametrize(("name", "macvlan"), [("host", "mv0"), ("host", "mv2"), ("c2", "mv3")])
def test_a_macvlan_has_the_link_below_it(seen: Snapshot, rich: Lab, name: str, macvlan: str) -> None:
    assert seen.lowers[link(seen, rich, name, macvlan)].key == link(seen, rich, "host", "low0")


def test_ports_are_those_of_their_own_bridge(seen: Snapshot, rich: Lab) -> None:
    ports = {(name, seen.link(port).name) for name in ("host", "over") for port in seen.ports_of(link(seen, rich, name, "br0"))}  # type: ignore[union-attr]
    assert ports == {("host", "v1"), ("host", "v2"), ("over", "vx0")}


def test_each_namespace_is_found_once_under_its_name(seen: Snapshot, rich: Lab) -> None:
    for name in NAMES:
        found = [n for n in seen.namespaces.values() if rich.full(name) in n.found.names]
        assert [(n.found.inode, n.home) for n in found] == [(rich.inode(name), name == "host")]
        assert found[0].tables.error is None
        assert found[0].tables.unknown == ()
