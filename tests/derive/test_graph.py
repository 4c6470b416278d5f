from dataclasses import replace

from netview.derive.build import build
from netview.derive.graph import Edge, EdgeKind, Outside, graph
from netview.model import Found, FoundBy, LinkKey, NamespaceId, Tables
from tests.factories import (
    DOCKER0,
    ETH0_1,
    ETH0_2,
    NGINX_1,
    OVERLAY,
    VETH_1,
    VETH_2,
    a_link,
    docker_sample,
    docker_snapshot,
    tables,
)


def test_each_bridge_is_followed_by_its_ports_and_each_tie_is_drawn_once() -> None:
    drawn = graph(docker_snapshot())
    home = drawn.boxes[0]
    assert [(place.link.name, place.depth) for place in home.places] == [
        ("docker0", 0),
        ("veth5a5cdcf", 1),
        ("veth9c02e56", 1),
        ("eth0", 0),
    ]
    remote = Outside("remote", "192.0.2.8")
    assert set(drawn.edges) == {
        Edge(EdgeKind.PORT, DOCKER0, VETH_1),
        Edge(EdgeKind.PORT, DOCKER0, VETH_2),
        Edge(EdgeKind.WIRE, VETH_1, ETH0_1),
        Edge(EdgeKind.WIRE, VETH_2, ETH0_2),
        Edge(EdgeKind.PORT, LinkKey(OVERLAY, 2), LinkKey(OVERLAY, 5)),
        Edge(EdgeKind.REMOTE, LinkKey(OVERLAY, 5), remote),
    }
    assert len(drawn.edges) == 6
    assert drawn.outsides == (remote,)


def test_a_peer_that_cannot_be_seen_is_an_end_outside() -> None:
    sample = docker_sample()
    home = replace(sample.tables[sample.home], nsids={})
    found = {key: value for key, value in sample.found.items() if key != NGINX_1}
    contents = {key: value for key, value in sample.tables.items() if key != NGINX_1} | {sample.home: home}
    drawn = graph(build(replace(sample, found=found, tables=contents)))
    assert Edge(EdgeKind.WIRE, VETH_1, Outside("unknown", "#6 in nsid 0")) in drawn.edges


def test_a_namespace_without_links_of_its_own_has_a_box() -> None:
    sample = docker_sample()
    empty, locked = NamespaceId("c8"), NamespaceId("i9")
    found = {key: Found(key, 8, frozenset({FoundBy.MOUNT}), names=(key,)) for key in (empty, locked)}
    contents = {empty: tables([a_link(1, "lo", "loopback")]), locked: Tables(error="needs CAP_SYS_ADMIN")}
    drawn = graph(build(replace(sample, found={**sample.found, **found}, tables={**sample.tables, **contents})))
    assert {box.namespace.id for box in drawn.boxes if not box.places} == {empty, locked}


def test_a_lower_link_is_tied_to_what_stands_on_it() -> None:
    sample = docker_sample()
    above = a_link(12, "mac0", "macvlan", link=2)
    home = sample.tables[sample.home]
    drawn = graph(build(replace(sample, tables={**sample.tables, sample.home: replace(home, links={**home.links, 12: above})})))
    assert Edge(EdgeKind.LOWER, LinkKey(sample.home, 12), LinkKey(sample.home, 2)) in drawn.edges


def test_masters_in_a_ring_end() -> None:
    sample = docker_sample()
    ring = tables([a_link(2, "a", "bridge", master=3), a_link(3, "b", "bridge", master=2), a_link(4, "c", master=3)])
    drawn = graph(build(replace(sample, tables={**sample.tables, OVERLAY: ring})))
    assert {place.link.name for box in drawn.boxes if box.namespace.id == OVERLAY for place in box.places} <= {"a", "b", "c"}
