import dataclasses

from netview.derive.build import build
from netview.model import LinkKey, Tables
from tests.factories import (
    DOCKER0,
    ETH0_1,
    HOME,
    NGINX_1,
    NGINX_2,
    OVERLAY,
    VETH_1,
    VETH_2,
    a_link,
    a_sample,
    docker_sample,
    found,
    tables,
)


def test_home_comes_first_and_the_rest_by_label() -> None:
    snapshot = build(docker_sample())
    assert list(snapshot.namespaces) == [HOME, OVERLAY, NGINX_1, NGINX_2]
    assert [namespace.label for namespace in snapshot.namespaces.values()] == ["host", "1-qij8tlp3w5", "nginx-1", "nginx-2"]


def test_the_first_snapshot_has_counters_but_no_rates() -> None:
    snapshot = build(docker_sample())
    assert snapshot.counters[ETH0_1].rx_bytes == 5_000_000
    assert snapshot.rates == {}


def test_ports_of_a_master_are_in_the_order_of_their_ifindex() -> None:
    links = [a_link(3, "docker0", "bridge"), a_link(9, "late", master=3), a_link(5, "early", master=3)]
    snapshot = build(a_sample({HOME: found(HOME)}, {HOME: tables(links)}, {}))
    assert snapshot.ports_of(LinkKey(HOME, 3)) == (LinkKey(HOME, 5), LinkKey(HOME, 9))
    assert snapshot.master_of(LinkKey(HOME, 5)) == LinkKey(HOME, 3)


def test_ports_are_known_by_namespace_and_not_by_number_alone() -> None:
    snapshot = build(docker_sample())
    assert snapshot.ports_of(DOCKER0) == (VETH_1, VETH_2)
    assert snapshot.ports_of(LinkKey(NGINX_1, 3)) == ()


def test_what_did_not_change_is_the_same_object_in_the_next_snapshot() -> None:
    first = docker_sample(0.0)
    second = dataclasses.replace(docker_sample(1.0), tables=first.tables, found=first.found)
    before = build(first)
    after = build(second, first, before)
    assert after.namespaces is before.namespaces
    assert after.peers is before.peers
    assert after.ports is before.ports
    assert after.rates[ETH0_1].rx_bytes == 1_000_000.0


def test_a_container_that_is_known_later_renames_its_namespace() -> None:
    first = dataclasses.replace(docker_sample(0.0), containers=())
    second = dataclasses.replace(docker_sample(1.0), tables=first.tables, found=first.found)
    before = build(first)
    after = build(second, first, before)
    assert before.namespaces[NGINX_1].label == "nginx[201]"
    assert after.namespaces[NGINX_1].label == "nginx-1"


def test_a_namespace_that_could_not_be_read_is_there_with_its_reason() -> None:
    sample = docker_sample()
    locked = {**sample.tables, NGINX_1: Tables(error="needs CAP_SYS_ADMIN")}
    snapshot = build(dataclasses.replace(sample, tables=locked))
    assert snapshot.namespaces[NGINX_1].tables.error == "needs CAP_SYS_ADMIN"
    assert snapshot.peers[VETH_1].namespace == NGINX_1
    assert snapshot.peers[VETH_1].name is None


def test_a_namespace_found_but_not_read_yet_has_empty_tables() -> None:
    sample = docker_sample()
    unread = {known: content for known, content in sample.tables.items() if known != NGINX_1}
    assert build(dataclasses.replace(sample, tables=unread)).namespaces[NGINX_1].links == {}
