import dataclasses

import pytest

from netview.derive.build import build
from netview.derive.pair import Flow, ends, flow, into_and_out, main_link, pair
from netview.model import Hardware, LinkKey, LinkRates, Macvlan, NamespaceId, NextHop, Route, Snapshot, Tables
from tests.factories import (
    DOCKER0,
    ETH0_1,
    ETH0_2,
    HOME,
    NGINX_1,
    NGINX_2,
    OVERLAY,
    UPLINK,
    VETH_1,
    VETH_2,
    a_link,
    a_route,
    a_sample,
    docker_sample,
    docker_snapshot,
    found,
    stats,
    tables,
)

RATES = LinkRates(10.0, 20.0, 1.0, 2.0, 0.0, 0.0, 3.0, 4.0)


def world(contents: dict[NamespaceId, Tables]) -> Snapshot:
    counters = {LinkKey(name, ifindex): stats() for name, content in contents.items() for ifindex in content.links}
    return build(a_sample({name: found(name) for name in contents}, contents, counters))


def between(near: int | None, far: int | None, places: tuple[NamespaceId, NamespaceId]) -> Snapshot:
    """One wire: link 5 in the first place, link 6 in the second, each with its master."""
    links = [a_link(3, "br0", "bridge")]
    one, other = places
    return world(
        {
            one: tables([*links, a_link(5, "near", link=6, link_nsid=0, master=near)], nsids={0: other}),
            other: tables([*links, a_link(6, "far", link=5, link_nsid=0, master=far)], nsids={0: one}),
        }
    )


@pytest.mark.parametrize("selected", [ETH0_1, VETH_1, NGINX_1])
def test_a_container_is_inside_whichever_end_is_selected(selected: LinkKey | NamespaceId) -> None:
    wire = pair(docker_snapshot(), selected)
    assert wire is not None
    assert wire.outside is not None
    assert (wire.inside.key, wire.outside.key) == (ETH0_1, VETH_1)
    assert wire.flow == Flow((ETH0_1,), swapped=False, worded=True)


@pytest.mark.parametrize(
    ("near", "far", "places", "inner"),
    [
        (3, None, (HOME, NGINX_1), 6),
        (None, None, (HOME, NGINX_1), 6),
        (None, 3, (HOME, NGINX_1), 5),
        (3, 3, (HOME, NGINX_1), 6),
        (3, None, (NGINX_1, NGINX_2), 6),
        (None, 3, (NGINX_1, NGINX_2), 5),
        (None, None, (NGINX_1, NGINX_2), 5),
    ],
    ids=[
        "on a bridge of home",
        "straight from home",
        "home plugged into a namespace that switches",
        "between two bridges",
        "on a bridge of another container",
        "the same the other way round",
        "between two containers",
    ],
)
def test_the_end_that_is_plugged_in_or_at_home_is_outside(
    near: int | None, far: int | None, places: tuple[NamespaceId, NamespaceId], inner: int
) -> None:
    snapshot = between(near, far, places)
    ordered = ends(snapshot, LinkKey(places[0], 5))
    assert ordered == ends(snapshot, LinkKey(places[1], 6))
    assert [end.ifindex for end in ordered if end is not None] == [inner, 11 - inner]


def test_both_ends_in_one_namespace_are_told_apart_by_the_bridge() -> None:
    links = [a_link(3, "br0", "bridge"), a_link(5, "plugged", link=6, master=3), a_link(6, "loose", link=5)]
    assert ends(world({HOME: tables(links)}), LinkKey(HOME, 6)) == (LinkKey(HOME, 6), LinkKey(HOME, 5))


def test_an_end_has_all_that_is_known_of_it() -> None:
    wire = pair(docker_snapshot(), VETH_1)
    assert wire is not None
    assert wire.outside is not None
    inside, outside = wire.inside, wire.outside
    assert (inside.place, inside.home, outside.place, outside.home) == ("nginx-1", False, "host", True)
    assert [address.address for address in inside.addresses] == ["172.17.0.2"]
    assert [route.gateway for route in inside.defaults] == ["172.17.0.1"]
    assert inside.neighbours == 1
    assert [owner.name for owner in inside.owners] == ["nginx-1"]
    assert outside.master is not None
    assert outside.master.name == "docker0"
    assert outside.link is not None
    assert outside.link.port is not None
    assert outside.link.port.number == 1
    assert inside.stats is not None
    assert outside.stats is not None
    assert inside.stats.rx_bytes == outside.stats.tx_bytes == 6_000_000


def test_a_multipath_default_route_belongs_to_each_of_its_links() -> None:
    hops = (NextHop("10.0.0.1", 2, 1), NextHop("10.0.1.1", 3, 1))
    route: Route = dataclasses.replace(a_route("default", 2), oif=None, nexthops=hops)
    snapshot = world({HOME: tables([a_link(2, "eth0", "device"), a_link(3, "eth1", "device")], routes=(route,))})
    for ifindex in (2, 3):
        known = pair(snapshot, LinkKey(HOME, ifindex))
        assert known is not None
        assert known.inside.defaults == (route,)


def test_a_peer_that_cannot_be_seen_says_its_nsid_and_ifindex() -> None:
    links = [a_link(3, "docker0", "bridge"), a_link(7, "veth0", link=5, link_nsid=3, master=3)]
    wire = pair(world({HOME: tables(links)}), LinkKey(HOME, 7))
    assert wire is not None
    assert wire.outside is not None
    assert wire.outside.key == LinkKey(HOME, 7)
    assert wire.inside.link is None
    assert wire.inside.missing == "in a namespace that cannot be seen: nsid 3, ifindex 5"
    assert wire.flow == Flow((LinkKey(HOME, 7),), swapped=True, worded=True)


def test_a_container_whose_host_cannot_be_seen_is_inside() -> None:
    sample = world({NGINX_1: tables([a_link(5, "eth0", link=7, link_nsid=0)])})
    assert ends(sample, LinkKey(NGINX_1, 5)) == (LinkKey(NGINX_1, 5), None)


def test_a_locked_peer_says_what_it_needs() -> None:
    sample = docker_sample()
    contents = {**sample.tables, NGINX_1: Tables(error="needs CAP_SYS_ADMIN")}
    counters = {key: row for key, row in sample.counters.items() if key.namespace != NGINX_1}
    wire = pair(build(dataclasses.replace(sample, tables=contents, counters=counters)), VETH_1)
    assert wire is not None
    assert (wire.inside.place, wire.inside.missing) == ("nginx-1", "needs CAP_SYS_ADMIN")
    assert wire.flow == Flow((VETH_1,), swapped=True, worded=True)


def test_what_is_gone_has_no_pair() -> None:
    assert pair(docker_snapshot(), LinkKey(HOME, 99)) is None
    assert pair(docker_snapshot(), NamespaceId("c99")) is None
    assert pair(world({HOME: tables([])}), HOME) is None


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [(HOME, UPLINK), (NGINX_2, ETH0_2), (OVERLAY, LinkKey(OVERLAY, 2)), (NamespaceId("c99"), None)],
)
def test_a_namespace_is_known_by_the_link_of_its_default_route(namespace: NamespaceId, expected: LinkKey | None) -> None:
    assert main_link(docker_snapshot(), namespace) == expected


def test_a_namespace_with_lo_alone_is_known_by_lo() -> None:
    assert main_link(world({HOME: tables([a_link(1, "lo", "loopback")])}), HOME) == LinkKey(HOME, 1)


def test_a_bridge_is_the_sum_of_its_container_ports_as_the_containers_see_it() -> None:
    assert flow(docker_snapshot(), DOCKER0) == Flow((VETH_1, VETH_2), swapped=True, worded=True)
    known = pair(docker_snapshot(), DOCKER0)
    assert known is not None
    assert known.outside is None
    assert [port.name for port in known.inside.ports] == ["veth9c02e56", "veth5a5cdcf"]


def test_an_uplink_among_the_ports_is_not_in_a_bridges_sum() -> None:
    links = [a_link(3, "br0", "bridge"), a_link(2, "eth0", "device", master=3), a_link(7, "veth0", link=8, master=3)]
    assert flow(world({HOME: tables([*links, a_link(8, "veth1", link=7)])}), LinkKey(HOME, 3)).links == (LinkKey(HOME, 7),)


@pytest.mark.parametrize(
    ("namespace", "kind", "worded"),
    [
        (HOME, "device", True),
        (HOME, "loopback", False),
        (HOME, "tun", False),
        (NGINX_1, "tun", True),
        (NGINX_1, "macvlan", True),
        (NGINX_1, "vxlan", False),
    ],
)
def test_only_what_leads_into_a_container_or_the_host_is_worded_so(namespace: NamespaceId, kind: str, worded: bool) -> None:
    snapshot = world({HOME: tables([]), namespace: tables([a_link(5, "x0", kind)])})
    assert flow(snapshot, LinkKey(namespace, 5)) == Flow((LinkKey(namespace, 5),), swapped=False, worded=worded)


def test_hardware_is_known_at_home_alone() -> None:
    hardware = {2: Hardware(1000, "full", "virtio_net"), 6: Hardware(10, None, None)}
    snapshot = dataclasses.replace(docker_snapshot(), hardware=hardware)
    uplink, inside = pair(snapshot, UPLINK), pair(snapshot, ETH0_1)
    assert uplink is not None
    assert inside is not None
    assert uplink.inside.hardware == hardware[2]
    assert inside.inside.hardware is None


def test_a_macvlan_has_its_lower() -> None:
    snapshot = world(
        {
            HOME: tables([a_link(2, "eth0", "device")]),
            NGINX_1: tables([a_link(5, "eth0", "macvlan", link=2, link_nsid=0, macvlan=Macvlan("bridge"))], nsids={0: HOME}),
        }
    )
    known = pair(snapshot, LinkKey(NGINX_1, 5))
    assert known is not None
    assert known.outside is None
    assert known.inside.lower is not None
    assert (known.inside.lower.key, known.inside.lower.name) == (UPLINK, "eth0")


def test_into_the_container_is_its_own_rx_and_the_host_ends_tx() -> None:
    assert into_and_out(RATES, swapped=False) == (10.0, 20.0)
    assert into_and_out(RATES, swapped=True) == (20.0, 10.0)
    assert into_and_out(RATES, swapped=False, counted="packets") == (1.0, 2.0)
    assert into_and_out(RATES, swapped=True, counted="dropped") == (4.0, 3.0)
    assert into_and_out(None, swapped=True) == (None, None)


@pytest.mark.parametrize("selected", [LinkKey(HOME, 5), LinkKey(NGINX_1, 6)])
def test_a_veth_that_is_the_uplink_is_seen_from_the_host(selected: LinkKey) -> None:
    snapshot = world(
        {
            HOME: tables(
                [a_link(5, "eth0", link=6, link_nsid=0)], nsids={0: NGINX_1}, routes=(a_route("default", 5, "203.0.113.1"),)
            ),
            NGINX_1: tables([a_link(6, "eth0", link=5, link_nsid=0)], nsids={0: HOME}),
        }
    )
    shown = pair(snapshot, selected)
    assert shown is not None
    assert shown.inside.home
    assert shown.flow == Flow((LinkKey(HOME, 5),), swapped=False, worded=True)
