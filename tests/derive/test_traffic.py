import dataclasses

import pytest

from netview.derive.build import build
from netview.derive.traffic import courses, sentence, traffic
from netview.derive.uplinks import uplinks_of
from netview.model import LinkKey, LinkStats, NamespaceId, Snapshot
from tests.factories import (
    DOCKER0,
    ETH0_1,
    ETH0_2,
    HOME,
    NGINX_1,
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

HEADER = 14
"""A bridge counts what it hands up to its host without the Ethernet header."""


def after_a_second(**moved: dict[LinkKey, LinkStats]) -> Snapshot:
    """The docker world in which only these counters moved within one second."""
    before, after = (dataclasses.replace(docker_sample(at), counters={}) for at in (0.0, 1.0))
    quiet = {key: stats() for key in docker_sample().counters}
    before = dataclasses.replace(before, counters=quiet)
    return build(dataclasses.replace(after, counters=quiet | moved["counters"]), before, build(before))


def into_container(inner: LinkKey, outer: LinkKey, count: int) -> dict[LinkKey, LinkStats]:
    return {inner: stats(count, 0), outer: stats(0, count)}


def test_a_wire_is_counted_once_and_not_again_by_its_other_end_or_its_bridge() -> None:
    now = traffic(docker_snapshot())
    assert now.wires == 1_000_000.0
    assert (now.uplink_received, now.uplink_sent, now.loopback) == (0.0, 0.0, 0.0)


def test_what_the_host_sends_to_a_container_is_not_east_west() -> None:
    now = traffic(docker_snapshot())
    assert now.east_west == 0.0
    assert now.busiest is not None
    assert (now.busiest.key, now.busiest.into, now.busiest.bytes_per_s) == (ETH0_1, True, 1_000_000.0)


def test_container_to_container_is_east_west_once() -> None:
    counters = {ETH0_1: stats(0, 5_000), VETH_1: stats(5_000, 0), VETH_2: stats(0, 5_000), ETH0_2: stats(5_000, 0)}
    now = traffic(after_a_second(counters=counters))
    assert (now.wires, now.east_west) == (5_000.0, 5_000.0)


def test_what_a_container_sends_to_its_host_is_not_east_west() -> None:
    packets = 5
    up = stats(5_000 - HEADER * packets, 0, rx_packets=packets)
    now = traffic(after_a_second(counters={ETH0_1: stats(0, 5_000), VETH_1: stats(5_000, 0), DOCKER0: up}))
    assert (now.wires, now.east_west) == (5_000.0, 0.0)


def test_uplink_and_loopback_are_apart() -> None:
    counters = {UPLINK: stats(700, 30), LinkKey(HOME, 1): stats(11, 11), LinkKey(NGINX_1, 1): stats(2, 2)}
    now = traffic(after_a_second(counters=counters))
    assert (now.wires, now.east_west) == (0.0, 0.0)
    assert (now.uplink_received, now.uplink_sent, now.loopback) == (700.0, 30.0, 13.0)


def test_a_wire_between_two_containers_is_east_west_in_both_directions() -> None:
    one, other = (NamespaceId(name) for name in ("c2", "c3"))
    contents = {
        HOME: tables([]),
        one: tables([a_link(5, "a", link=6, link_nsid=0)], nsids={0: other}),
        other: tables([a_link(6, "b", link=5, link_nsid=0)], nsids={0: one}),
    }
    known = {name: found(name) for name in contents}
    near, far = LinkKey(one, 5), LinkKey(other, 6)
    before = a_sample(known, contents, {near: stats(), far: stats()})
    after = a_sample(known, contents, {near: stats(300, 40), far: stats(40, 300)}, at=1.0)
    now = traffic(build(after, before))
    assert (now.wires, now.east_west) == (340.0, 340.0)


def test_east_west_is_unknown_where_an_uplink_is_a_port_of_the_bridge() -> None:
    sample = docker_sample()
    home = sample.tables[HOME]
    links = {**home.links, 2: dataclasses.replace(home.links[2], master=3)}
    plugged = {**sample.tables, HOME: dataclasses.replace(home, links=links)}
    before = dataclasses.replace(sample, tables=plugged)
    after = dataclasses.replace(docker_sample(1.0), tables=plugged)
    assert traffic(build(after, before)).wires == 1_000_000.0
    assert traffic(build(after, before)).east_west is None


def test_a_wire_whose_inner_end_is_locked_is_counted_by_its_host_end() -> None:
    before, after = docker_sample(0.0), docker_sample(1.0)
    samples = [
        dataclasses.replace(
            sample,
            tables={HOME: sample.tables[HOME]},
            counters={key: row for key, row in sample.counters.items() if key.namespace == HOME},
        )
        for sample in (before, after)
    ]
    now = traffic(build(samples[1], samples[0]))
    assert now.wires == 1_000_000.0
    assert now.busiest is not None
    assert (now.busiest.place, now.busiest.into) == ("nginx-1", True)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({1: "loopback", 2: "device", 3: "bridge"}, [2]),
        ({2: "device", 4: "device", 9: "veth"}, [2, 4]),
        ({1: "loopback", 9: "veth"}, [9]),
        ({1: "loopback"}, []),
    ],
)
def test_uplinks_are_homes_hardware_else_its_default_routes(kinds: dict[int, str], expected: list[int]) -> None:
    links = [a_link(ifindex, f"l{ifindex}", kind) for ifindex, kind in kinds.items()]
    snapshot = build(a_sample({HOME: found(HOME)}, {HOME: tables(links, routes=(a_route("default", 9),))}, {}))
    assert [key.ifindex for key in uplinks_of(snapshot)] == expected


@pytest.mark.parametrize(
    ("counters", "expected"),
    [
        ({}, "no traffic now"),
        (
            into_container(ETH0_1, VETH_1, 940_000)
            | {ETH0_2: stats(0, 60_000), VETH_2: stats(60_000, 0), DOCKER0: stats(0, 940_000)},
            "8.0 Mbit/s now · 94 % is nginx-1 ↓ via docker0",
        ),
        ({ETH0_2: stats(0, 60_000), VETH_2: stats(60_000, 0)}, "480 kbit/s now · 100 % is nginx-2 ↑ via docker0"),
        ({UPLINK: stats(9_000, 1_000)}, "80 kbit/s now · 90 % is eth0 ↓, the uplink"),
        (
            {UPLINK: stats(1_000_000, 0), ETH0_2: stats(0, 100), VETH_2: stats(100, 0)},
            "8.0 Mbit/s now · 100 % is eth0 ↓, the uplink",
        ),
        (
            {UPLINK: stats(1_000_000, 0)} | into_container(ETH0_1, VETH_1, 1_000_000) | {DOCKER0: stats(0, 1_000_000)},
            "8.0 Mbit/s now · 100 % is nginx-1 ↓ via docker0",
        ),
        ({LinkKey(HOME, 1): stats(5_000, 5_000)}, "no traffic now"),
    ],
    ids=["quiet", "one of two", "out", "uplink alone", "uplink by far", "through the uplink to a container", "loopback"],
)
def test_the_sentence_says_how_much_and_whose(counters: dict[LinkKey, LinkStats], expected: str) -> None:
    assert sentence(after_a_second(counters=counters)) == expected


def test_a_host_without_wires_and_uplink_is_quiet_and_not_measured_for_ever() -> None:
    samples = [
        a_sample({HOME: found(HOME)}, {HOME: tables([a_link(1, "lo", "loopback")])}, {LinkKey(HOME, 1): stats()}, at=at)
        for at in (0.0, 1.0)
    ]
    first = build(samples[0])
    assert sentence(first) == "measuring…"
    assert sentence(build(samples[1], samples[0], first)) == "no traffic now"


def test_the_sentence_says_that_it_is_measuring_until_there_are_rates() -> None:
    assert sentence(docker_snapshot(1)) == "measuring…"


def test_the_sentence_is_in_the_units_asked_for() -> None:
    assert sentence(docker_snapshot(), "byte") == "1.0 MB/s now · 100 % is nginx-1 ↓ via docker0"


def test_a_hostile_container_name_cannot_act_in_the_sentence() -> None:
    assert sentence(docker_snapshot(hostile=True)) == "8.0 Mbit/s now · 100 % is e\\x1b[2J[/red]\\u202eb ↓ via docker0"


def test_many_equal_wires_have_a_small_but_not_empty_share() -> None:
    count = 300
    homes = [a_link(3, "docker0", "bridge")]
    contents = {}
    before, after = {LinkKey(HOME, 3): stats()}, {LinkKey(HOME, 3): stats(0, 1000 * count)}
    for number in range(10, 10 + count):
        name = NamespaceId(f"c{number}")
        homes.append(a_link(number, f"veth{number}", link=2, link_nsid=number, master=3))
        contents[name] = tables([a_link(2, "eth0", link=number, link_nsid=0)], nsids={0: HOME})
        before |= {LinkKey(name, 2): stats(), LinkKey(HOME, number): stats()}
        after |= {LinkKey(name, 2): stats(1000, 0), LinkKey(HOME, number): stats(0, 1000)}
    nsids = {number: NamespaceId(f"c{number}") for number in range(10, 10 + count)}
    contents[HOME] = tables(homes, nsids=nsids)
    known = {name: found(name) for name in contents}
    snapshot = build(a_sample(known, contents, after, at=1.0), a_sample(known, contents, before))
    assert sentence(snapshot).startswith("2.4 Mbit/s now · less than 1 % is ")


def test_courses_of_the_same_topology_give_the_same_totals() -> None:
    samples = [docker_sample(float(at)) for at in range(3)]
    first = build(samples[1], samples[0], build(samples[0]))
    second = build(samples[2], samples[1], first)
    assert sentence(second, "bit", courses(first)) == sentence(second)
    assert traffic(second, courses(first)) == traffic(second)
