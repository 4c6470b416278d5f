from dataclasses import replace

from netview.derive.build import build
from netview.derive.wiring import BUSIEST, Folding, Quiet, Wire, WireKind, forest, wiring
from netview.model import BridgePort, LinkKey, LinkRates, NamespaceId, PortState, Sample, Snapshot
from tests.factories import (
    DOCKER0,
    ETH0_1,
    ETH0_2,
    HOME,
    NGINX_1,
    OVERLAY,
    UPLINK,
    VETH_1,
    a_link,
    a_sample,
    docker_sample,
    docker_snapshot,
    found,
    stats,
    tables,
)


def rows(snapshot: Snapshot, folding: Folding | None = None) -> tuple[Wire, ...]:
    return wiring(snapshot, folding or Folding())


def a_big_bridge(ports: int) -> Sample:
    bridge = a_link(2, "br0", "bridge")
    port = BridgePort(2, PortState.FORWARDING, 2, 32, 1, hairpin=False, isolated=False, learning=True)
    links = [a_link(1, "lo", "loopback"), bridge]
    contents = {}
    for number in range(ports):
        namespace = NamespaceId(f"c{100 + number}")
        links.append(a_link(10 + number, f"veth{number}", link=2, link_nsid=number, master=2, port=port))
        contents[namespace] = tables([a_link(2, "eth0", link=10 + number, link_nsid=0)], nsids={0: HOME})
    contents[HOME] = tables(links, nsids={number: NamespaceId(f"c{100 + number}") for number in range(ports)})
    counters = {LinkKey(ns, ifindex): stats() for ns, content in contents.items() for ifindex in content.links}
    names = {ns: found(ns, names=(f"box-{ns[1:]}",)) for ns in contents}
    return a_sample(names, contents, counters)


def test_uplink_bridge_pairs_and_overlay_are_listed_in_this_order() -> None:
    shown = [(row.kind, row.depth, row.link) for row in rows(docker_snapshot())]
    assert shown == [
        (WireKind.UPLINK, 0, UPLINK),
        (WireKind.BRIDGE, 0, DOCKER0),
        (WireKind.PAIR, 1, ETH0_1),
        (WireKind.PAIR, 1, ETH0_2),
        (WireKind.BRIDGE, 0, LinkKey(OVERLAY, 2)),
        (WireKind.LINK, 1, LinkKey(OVERLAY, 5)),
    ]


def test_a_pair_names_the_container_the_port_and_the_bridge() -> None:
    pair = next(row for row in rows(docker_snapshot()) if row.link == ETH0_1)
    assert (pair.namespace, pair.parent, pair.ends) == (NGINX_1, DOCKER0, (ETH0_1, VETH_1))
    assert pair.far is not None
    assert pair.far.name == "veth9c02e56"


def test_every_link_stands_once() -> None:
    ends = [end for group in forest(docker_snapshot()) for wire in (group.head, *group.members) for end in wire.ends]
    assert len(ends) == len(set(ends))


def test_keys_are_unique_and_survive_a_tick() -> None:
    first, second = (rows(docker_snapshot(ticks)) for ticks in (2, 3))
    keys = [row.key for row in first]
    assert len(set(keys)) == len(keys)
    assert keys == [row.key for row in second]


def test_a_collapsed_bridge_keeps_its_row_and_its_size() -> None:
    bridge = next(row for row in rows(docker_snapshot()) if row.link == DOCKER0)
    closed = rows(docker_snapshot(), Folding(collapsed=frozenset({bridge.key})))
    shown = next(row for row in closed if row.link == DOCKER0)
    assert (shown.size, shown.expandable, shown.expanded) == (2, True, False)
    assert not any(row.link == ETH0_1 for row in closed)


def test_the_last_one_below_its_parent_says_so() -> None:
    assert [row.last for row in rows(docker_snapshot()) if row.depth] == [False, True, True]


def test_a_big_bridge_folds_to_its_five_busiest() -> None:
    sample = a_big_bridge(40)
    snapshot = build(sample)
    busy = {LinkKey(NamespaceId(f"c{100 + number}"), 2): LinkRates(*([float(number)] * 8)) for number in range(40)}
    shown = rows(snapshot, Folding(limit=30, ranking=busy))
    members = [row for row in shown if row.kind is WireKind.PAIR]
    assert [row.namespace for row in members] == [f"c{number}" for number in range(135, 140)]
    assert len(members) == BUSIEST
    fold = shown[-1]
    assert (fold.kind, fold.size, fold.folded, fold.last) == (WireKind.FOLD, 35, True, True)


def test_a_fold_opens_by_its_bridge() -> None:
    snapshot = build(a_big_bridge(40))
    folded = rows(snapshot, Folding(limit=30))
    opened = rows(snapshot, Folding(limit=30, unfolded=frozenset({folded[0].key})))
    assert folded[-1].key[1:] == folded[0].key
    assert len(opened) == 41


def test_what_fits_two_screens_is_not_folded() -> None:
    assert len(rows(build(a_big_bridge(40)), Folding(limit=41))) == 41


def test_hidden_quiet_leaves_the_busy_and_the_count() -> None:
    snapshot = docker_snapshot()
    shown = rows(snapshot, Folding(quiet=Quiet.HIDDEN, ranking=snapshot.rates))
    below = [row for row in shown if row.parent == DOCKER0]
    assert [(row.kind, row.link) for row in below] == [(WireKind.PAIR, ETH0_1), (WireKind.FOLD, DOCKER0)]


def test_a_wire_into_a_namespace_that_cannot_be_seen_is_a_pair_of_one_end() -> None:
    sample = docker_sample()
    home = sample.tables[HOME]
    blind = replace(home, nsids={})
    shown = rows(build(replace(sample, tables={HOME: blind})))
    pair = next(row for row in shown if row.far is not None and row.far.key == VETH_1)
    assert (pair.kind, pair.namespace, pair.link, pair.wire) == (WireKind.PAIR, None, None, VETH_1)


def test_a_namespace_that_could_not_be_read_says_what_it_needs() -> None:
    sample = docker_sample()
    locked = replace(sample.tables[OVERLAY], links={}, error="needs CAP_SYS_ADMIN")
    shown = rows(build(replace(sample, tables={**sample.tables, OVERLAY: locked})))
    assert [(row.kind, row.text) for row in shown[-2:]] == [
        (WireKind.SECTION, "not read"),
        (WireKind.LOCKED, "needs CAP_SYS_ADMIN"),
    ]


def test_a_veth_pair_outside_every_bridge_stands_once_under_no_bridge() -> None:
    a, b = NamespaceId("c10"), NamespaceId("c11")
    contents = {
        HOME: tables([a_link(1, "lo", "loopback")]),
        a: tables([a_link(4, "eth0", link=4, link_nsid=0)], nsids={0: b}),
        b: tables([a_link(4, "eth0", link=4, link_nsid=0)], nsids={0: a}),
    }
    snapshot = build(a_sample({ns: found(ns, names=(ns,)) for ns in contents}, contents, {}))
    shown = rows(snapshot)
    assert [row.kind for row in shown] == [WireKind.SECTION, WireKind.PAIR]
    assert set(shown[1].ends) == {LinkKey(a, 4), LinkKey(b, 4)}


def test_a_pair_between_home_and_a_container_is_told_by_the_container() -> None:
    contents = {
        HOME: tables([a_link(9, "cali1", link=3, link_nsid=0)], nsids={0: NGINX_1}),
        NGINX_1: tables([a_link(3, "eth0", link=9, link_nsid=0)], nsids={0: HOME}),
    }
    shown = rows(build(a_sample({ns: found(ns, names=(ns,)) for ns in contents}, contents, {})))
    assert shown[1].ends == (LinkKey(NGINX_1, 3), LinkKey(HOME, 9))


def test_a_macvlan_hangs_below_its_uplink() -> None:
    contents = {
        HOME: tables([a_link(2, "eth0", "device")]),
        NGINX_1: tables([a_link(3, "eth0", "macvlan", link=2, link_nsid=0)], nsids={0: HOME}),
    }
    shown = rows(build(a_sample({ns: found(ns, names=(ns,)) for ns in contents}, contents, {})))
    assert [(row.kind, row.link) for row in shown] == [(WireKind.UPLINK, UPLINK), (WireKind.LINK, LinkKey(NGINX_1, 3))]


def test_a_namespace_with_lo_alone_is_listed() -> None:
    contents = {HOME: tables([a_link(2, "eth0", "device")]), NGINX_1: tables([a_link(1, "lo", "loopback")])}
    shown = rows(build(a_sample({ns: found(ns, names=(ns,)) for ns in contents}, contents, {})))
    assert [(row.kind, row.namespace) for row in shown[-2:]] == [(WireKind.SECTION, None), (WireKind.ALONE, NGINX_1)]
