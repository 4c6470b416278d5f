"""Which ends of wires may be taken from the other end, and how that is found out."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from netview.derive.mirrors import Mirrors, Wire, lies_between, wires
from netview.derive.peers import references
from netview.model import LinkKey, NamespaceId, StatsRow, Tables
from netview.model.stats import swapped
from tests.factories import ETH0_1, HOME, NGINX_1, NGINX_2, VETH_1, a_link, docker_sample, tables

OTHERS = (0,) * 21
A, B = LinkKey(NGINX_1, 2), LinkKey(NGINX_2, 2)


def row(rx_packets: int, tx_packets: int, rx_bytes: int, tx_bytes: int) -> StatsRow:
    return rx_packets, tx_packets, rx_bytes, tx_bytes, OTHERS


HOST = row(5, 8, 500, 900)
MIRROR = row(8, 5, 900, 500)


def pair(kind: str = "veth", home: NamespaceId = HOME, **others: object) -> Mapping[NamespaceId, Tables]:
    """A wire between home and a container."""
    return {
        home: tables([a_link(7, "v", kind, link=6, link_nsid=0)], nsids={0: NGINX_1}),
        NGINX_1: tables([a_link(6, "eth0", kind, link=7, link_nsid=0, **others)], nsids={0: home}),
    }


def found(contents: Mapping[NamespaceId, Tables], home: NamespaceId = HOME) -> list[Wire]:
    return list(wires(references(contents)[0], contents, home).values())


def test_the_containers_end_is_the_mirror_of_homes() -> None:
    assert found(pair()) == [Wire(VETH_1, ETH0_1)]
    assert {wire.mirror for wire in found(docker_sample().tables)} >= {ETH0_1}


def test_without_an_end_at_home_one_counts_for_both() -> None:
    contents = pair(home=NGINX_2)
    assert found(contents) == [Wire(LinkKey(NGINX_1, 6), LinkKey(NGINX_2, 7))]


def test_both_ends_in_one_namespace_are_read_together() -> None:
    assert found({NGINX_1: tables([a_link(6, "a", link=7), a_link(7, "b", link=6)])}) == []


@pytest.mark.parametrize(
    "contents",
    [
        pair("netkit"),
        {HOME: pair()[HOME]},
        {**pair(), NGINX_1: tables([], error="entering it needs CAP_SYS_ADMIN")},
        {**pair(), NGINX_1: tables([a_link(6, "eth0", link=8, link_nsid=0)], nsids={0: HOME})},
        {**pair(), NGINX_1: tables([a_link(6, "eth0", link=7, link_nsid=3)], nsids={0: HOME})},
        {**pair(), NGINX_1: tables([a_link(6, "eth0", "macvlan", link=7, link_nsid=0)], nsids={0: HOME})},
    ],
    ids=["netkit", "unseen", "not entered", "another peer", "unknown number", "a lower"],
)
def test_nothing_mirrors_what_is_no_veth_that_names_it(contents: Mapping[NamespaceId, Tables]) -> None:
    assert found(contents) == []


def test_bytes_and_packets_are_the_peers_and_all_else_its_own() -> None:
    own = (1, 1, 1, 1, tuple(range(21)))
    assert swapped(HOST, own) == (*MIRROR[:4], tuple(range(21)))


@pytest.mark.parametrize(
    ("inside", "after", "holds"),
    [
        (MIRROR, HOST, True),
        (MIRROR, row(6, 9, 600, 999), True),
        (row(9, 6, 999, 600), row(6, 9, 600, 999), True),
        (row(7, 5, 900, 500), HOST, False),
        (row(9, 5, 900, 500), HOST, False),
        (row(8, 6, 900, 500), HOST, False),
        (row(8, 5, 901, 500), HOST, False),
        (row(8, 5, 900, 499), HOST, False),
        (row(8, 5, 1000, 500), row(6, 9, 600, 999), False),
        (HOST, HOST, False),
    ],
)
def test_a_mirror_lies_between_what_its_peer_was_before_and_after(inside: StatsRow, after: StatsRow, holds: bool) -> None:
    assert lies_between(inside, HOST, after) is holds


class World:
    """Mirrors of one wire, and what was read last."""

    def __init__(self) -> None:
        self.contents = pair()
        self.mirrors = Mirrors()
        self.last: dict[LinkKey, StatsRow] = {}
        self.renew(self.contents)

    def renew(self, contents: Mapping[NamespaceId, Tables]) -> None:
        self.contents = contents
        self.mirrors.renew(wires(references(contents)[0], contents, HOME), contents)

    def read(self, key: LinkKey, found: StatsRow) -> None:
        self.mirrors.read(key.namespace, {key.ifindex: found}, self.last.get)
        self.last[key] = found

    def changed(self, **others: object) -> None:
        link = replace(self.contents[NGINX_1].links[6], **others)  # type: ignore[arg-type]
        self.renew({**self.contents, NGINX_1: replace(self.contents[NGINX_1], links={6: link})})

    @property
    def verdict(self) -> str:
        if self.mirrors.unknown():
            return "unknown"
        return "holds" if self.mirrors.holding else "refuted"


def test_nothing_holds_before_the_peer_was_read_before_and_after() -> None:
    world = World()
    assert world.mirrors.unknown() == {NGINX_1}
    world.read(ETH0_1, MIRROR)
    world.read(VETH_1, HOST)
    assert world.verdict == "unknown"
    world.read(ETH0_1, MIRROR)
    assert world.mirrors.asked(HOME) == [VETH_1]
    assert world.verdict == "unknown"
    world.read(VETH_1, HOST)
    assert world.verdict == "holds"
    assert world.mirrors.holding == {ETH0_1: Wire(VETH_1, ETH0_1)}
    assert world.mirrors.asked(HOME) == []


def checked(inside: StatsRow = MIRROR) -> World:
    world = World()
    for key, found in ((VETH_1, HOST), (ETH0_1, inside), (VETH_1, HOST)):
        world.read(key, found)
    return world


def test_one_that_was_refuted_holds_no_more_however_often_it_agrees_afterwards() -> None:
    world = checked()
    world.read(ETH0_1, row(9, 5, 900, 500))
    world.read(VETH_1, HOST)
    assert world.verdict == "refuted"
    for _ in range(9):
        world.read(ETH0_1, MIRROR)
        world.read(VETH_1, HOST)
    assert world.verdict == "refuted"


@pytest.mark.parametrize("others", [{"mtu": 1400}, {"name": "renamed"}, {"carrier": False}])
def test_what_is_told_of_an_end_has_a_mirror_checked_again_and_excuses_no_refuted_one(others: dict[str, object]) -> None:
    holding, refuted = checked(), checked(HOST)
    holding.changed(**others)
    refuted.changed(**others)
    assert (holding.verdict, refuted.verdict) == ("unknown", "refuted")


@pytest.mark.parametrize("others", [{"address": "02:00:00:00:00:99"}, {"link": 9}, {"hardware_type": 772}])
def test_another_link_is_judged_anew(others: dict[str, object]) -> None:
    world = checked(HOST)
    assert world.verdict == "refuted"
    world.changed(**others)
    assert world.verdict != "refuted" or not world.mirrors.wires


def test_one_that_ended_is_judged_anew_though_the_next_looks_the_same() -> None:
    for world in (checked(), checked(HOST)):
        world.mirrors.forget({ETH0_1})
        assert world.verdict == "unknown"


def test_a_reading_before_a_link_ended_says_nothing_of_the_one_after_it() -> None:
    world = checked()
    world.read(ETH0_1, HOST)
    world.mirrors.forget({VETH_1})
    world.read(VETH_1, HOST)
    assert world.verdict == "unknown"


def test_unchanged_wires_keep_what_was_found_out() -> None:
    world = checked()
    world.renew({name: replace(one, links=dict(one.links)) for name, one in world.contents.items()})
    assert world.verdict == "holds"
    world.renew({HOME: world.contents[HOME]})
    assert not world.mirrors.holding
    world.renew(pair())
    assert world.verdict == "unknown"
