"""Worlds are written as rows: namespace, ifindex, IFLA_LINK, IFLA_LINK_NETNSID; nsids as (reporter, nsid): target."""

from collections.abc import Mapping

import pytest

from netview.derive.peers import references
from netview.model import Link, LinkKey, LinkRef, NamespaceId, Tables, Vxlan
from tests.factories import a_link, tables

End = tuple[str, int, int | None, int | None]
Nsids = Mapping[tuple[str, int], str]


def world(links: Mapping[str, list[Link]], nsids: Nsids) -> dict[NamespaceId, Tables]:
    return {
        NamespaceId(name): tables(
            content, nsids={number: NamespaceId(target) for (reporter, number), target in nsids.items() if reporter == name}
        )
        for name, content in links.items()
    }


def veths(ends: list[End], nsids: Nsids) -> dict[NamespaceId, Tables]:
    links: dict[str, list[Link]] = {}
    for name, ifindex, link, nsid in ends:
        links.setdefault(name, []).append(a_link(ifindex, f"veth{ifindex}", link=link, link_nsid=nsid))
    return world(links, nsids)


def key(name: str, ifindex: int) -> LinkKey:
    return LinkKey(NamespaceId(name), ifindex)


WORLDS: dict[str, tuple[list[End], Nsids, dict[LinkKey, LinkKey]]] = {
    "every eth0 has the same ifindex": (
        [("h", 7, 2, 0), ("h", 9, 2, 1), ("h", 11, 2, 2), ("a", 2, 7, 0), ("b", 2, 9, 0), ("c", 2, 11, 0)],
        {("h", 0): "a", ("h", 1): "b", ("h", 2): "c", ("a", 0): "h", ("b", 0): "h", ("c", 0): "h"},
        {key("h", 7): key("a", 2), key("h", 9): key("b", 2), key("h", 11): key("c", 2)},
    ),
    "both ends of two pairs have equal numbers": (
        [("h", 30, 30, 0), ("a", 30, 30, 0), ("b", 30, 30, 0), ("c", 30, 30, 1)],
        {("h", 0): "a", ("a", 0): "h", ("b", 0): "c", ("c", 1): "b"},
        {key("h", 30): key("a", 30), key("b", 30): key("c", 30)},
    ),
    "both ends in one namespace": (
        [("h", 4, 5, None), ("h", 5, 4, None), ("h", 6, 7, None), ("h", 7, 6, None)],
        {},
        {key("h", 4): key("h", 5), key("h", 6): key("h", 7)},
    ),
    "between two containers": (
        [("a", 3, 3, 5), ("b", 3, 3, 8), ("h", 3, None, None)],
        {("a", 5): "b", ("b", 8): "a"},
        {key("a", 3): key("b", 3)},
    ),
    "nested two deep": (
        [("h", 7, 2, 0), ("a", 2, 7, 0), ("a", 5, 2, 1), ("n", 2, 5, 0), ("n", 6, 2, 1), ("m", 2, 6, 0)],
        {("h", 0): "a", ("a", 0): "h", ("a", 1): "n", ("n", 0): "a", ("n", 1): "m", ("m", 0): "n"},
        {key("h", 7): key("a", 2), key("a", 5): key("n", 2), key("n", 6): key("m", 2)},
    ),
    "the same nsid means another namespace to every reporter": (
        [("a", 2, 7, 0), ("b", 2, 7, 0), ("h", 7, 2, 1), ("g", 7, 2, 1)],
        {("a", 0): "h", ("b", 0): "g", ("h", 1): "a", ("g", 1): "b"},
        {key("a", 2): key("h", 7), key("b", 2): key("g", 7)},
    ),
    "an old kernel leaves IFLA_LINK out where both numbers are equal": (
        [("h", 6, None, 0), ("a", 6, None, 0)],
        {("h", 0): "a", ("a", 0): "h"},
        {key("h", 6): key("a", 6)},
    ),
    "the far end has no number for home yet": (
        [("h", 7, 2, 0), ("a", 2, 7, 3)],
        {("h", 0): "a"},
        {key("h", 7): key("a", 2)},
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_peers_are_exact_when(name: str) -> None:
    ends, nsids, expected = WORLDS[name]
    peers, _ = references(veths(ends, nsids))
    resolved = {end: ref.key for end, ref in peers.items() if ref.key is not None}
    for near, far in expected.items():
        assert resolved.pop(near) == far
        back = resolved.pop(far, near)
        assert back == near
    assert resolved == {}


def test_a_peer_behind_an_unknown_nsid_keeps_its_nsid_and_ifindex() -> None:
    peers, _ = references(veths([("h", 7, 5, 3)], {}))
    assert peers == {key("h", 7): LinkRef(None, 3, 5, None)}


def test_a_peer_in_a_locked_namespace_has_a_namespace_but_no_name() -> None:
    contents = veths([("h", 7, 5, 3)], {("h", 3): "a"}) | {NamespaceId("a"): Tables(error="needs CAP_SYS_ADMIN")}
    assert references(contents)[0] == {key("h", 7): LinkRef(NamespaceId("a"), 3, 5, None)}


@pytest.mark.parametrize("link", [0, None])
def test_a_veth_whose_peer_is_gone_has_none(link: int | None) -> None:
    assert references(veths([("h", 7, link, None)], {})) == ({}, {})


RACES: dict[str, list[End]] = {
    "the far end names another link": [("h", 7, 2, 0), ("a", 2, 9, 0)],
    "the far end names another namespace": [("h", 7, 2, 0), ("a", 2, 7, 1), ("b", 7, None, None)],
    "the far end says that its peer is beside it": [("h", 7, 2, 0), ("a", 2, 7, None)],
    "the far end without IFLA_LINK has another number": [("h", 7, 2, 0), ("a", 2, None, 0)],
    "the far end says nothing": [("h", 7, 2, 0), ("a", 2, None, None)],
    "the link names itself": [("h", 7, 7, None)],
}


@pytest.mark.parametrize("name", RACES)
def test_no_peer_is_guessed_when(name: str) -> None:
    peers, _ = references(veths(RACES[name], {("h", 0): "a", ("a", 0): "h", ("a", 1): "b"}))
    assert peers[key("h", 7)].key is None
    assert peers[key("h", 7)].ifindex == RACES[name][0][2]


def test_an_ifindex_that_now_is_a_link_of_another_kind_is_no_peer() -> None:
    contents = world(
        {"h": [a_link(7, "veth0", link=2, link_nsid=0)], "a": [a_link(2, "br0", "bridge", link=7, link_nsid=0)]},
        {("h", 0): "a", ("a", 0): "h"},
    )
    assert references(contents)[0][key("h", 7)] == LinkRef(None, 0, 2, None)


def a_vxlan(ifindex: int, lower: int | None, **others: object) -> Link:
    vxlan = Vxlan(4097, None, "192.0.2.8", 4789, learning=True, link=lower)
    return a_link(ifindex, "vxlan0", "vxlan", vxlan=vxlan, **others)


def test_a_moved_vxlan_has_its_own_lower_and_not_the_innocent_link_of_its_index() -> None:
    contents = world(
        {"o": [a_vxlan(7, 2, link=7, link_nsid=0)], "h": [a_link(2, "u0", "device"), a_link(7, "innocent", "bridge")]},
        {("o", 0): "h"},
    )
    assert references(contents) == ({}, {key("o", 7): LinkRef(NamespaceId("h"), 0, 2, "u0")})


def test_a_moved_vxlan_without_a_lower_has_none() -> None:
    contents = world({"o": [a_vxlan(7, None, link=7, link_nsid=0)], "h": [a_link(7, "innocent", "bridge")]}, {("o", 0): "h"})
    assert references(contents) == ({}, {})


def test_a_moved_wireguard_reports_itself_which_is_no_lower() -> None:
    contents = world(
        {"a": [a_link(5, "wg0", "wireguard", link=5, link_nsid=0)], "h": [a_link(5, "innocent", "bridge")]}, {("a", 0): "h"}
    )
    assert references(contents) == ({}, {})


@pytest.mark.parametrize("kind", ["macvlan", "ipvlan", "vlan"])
def test_a_stacked_link_has_a_lower_even_with_its_own_index_elsewhere(kind: str) -> None:
    contents = world({"a": [a_link(2, "eth0", kind, link=2, link_nsid=0)], "h": [a_link(2, "u0", "device")]}, {("a", 0): "h"})
    assert references(contents) == ({}, {key("a", 2): LinkRef(NamespaceId("h"), 0, 2, "u0")})


def test_a_lower_that_cannot_be_seen_keeps_its_nsid_and_ifindex() -> None:
    contents = world({"a": [a_link(5, "eth0", "macvlan", link=2, link_nsid=4)]}, {})
    assert references(contents)[1] == {key("a", 5): LinkRef(None, 4, 2, None)}


def test_the_lower_of_an_ip_tunnel_is_its_own_attribute() -> None:
    tunnel = a_link(5, "gre1", "gre", link=5, link_nsid=0, details=(("link", 2), ("ttl", 64)))
    contents = world({"a": [tunnel], "h": [a_link(2, "u0", "device"), a_link(5, "innocent", "bridge")]}, {("a", 0): "h"})
    assert references(contents)[1] == {key("a", 5): LinkRef(NamespaceId("h"), 0, 2, "u0")}
