from dataclasses import replace

import pytest

from netview.derive.build import build
from netview.derive.find import find
from netview.export.which import sentences
from netview.model import Owner, Runtime, Snapshot
from tests.factories import HOME, NGINX_1, OVERLAY, docker_sample, docker_snapshot


def said(snapshot: Snapshot, name: str) -> list[str]:
    return [line for match in find(snapshot, name) for line in sentences(snapshot, match)]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("veth9c02e56", ["nginx-1 eth0 · docker · docker0 port 1"]),
        ("nginx-1", ["nginx-1 eth0 · docker · docker0 port 1 · veth9c02e56"]),
        ("172.17.0.3", ["nginx-2 eth0 · docker · docker0 port 1 · veth5a5cdcf"]),
        ("203.0.113.7", ["host eth0 · device · 203.0.113.7/24"]),
        ("docker0", ["host docker0 · bridge · 2 ports · 172.17.0.1/16 · fe80::42:d8ff:fee4:dfc1/64"]),
        ("vxlan0", ["1-qij8tlp3w5 vxlan0 · netns · vxlan vni 4097 · remote 192.0.2.8 · br0 port 1"]),
        ("1-qij8tlp3w5", ["1-qij8tlp3w5 · netns · 3 links"]),
        ("host", ["host · 5 links"]),
        ("1", ["host · 5 links"]),
    ],
)
def test_one_line_says_whose_it_is_and_where_it_is_plugged_in(name: str, lines: list[str]) -> None:
    assert said(docker_snapshot(), name) == lines


def test_a_peer_in_a_namespace_that_cannot_be_seen_is_said_to_be_unknown() -> None:
    sample = docker_sample()
    hidden = {key: value for key, value in sample.tables.items() if key != NGINX_1}
    hidden[HOME] = replace(sample.tables[HOME], nsids={})
    found = {key: value for key, value in sample.found.items() if key != NGINX_1}
    (line,) = said(build(replace(sample, tables=hidden, found=found)), "veth9c02e56")
    assert line.startswith("peer unknown, ")
    assert "nsid 0, ifindex 6" in line
    assert line.endswith("docker0 port 1")


def test_a_locked_namespace_says_what_it_needs() -> None:
    sample = docker_sample()
    locked = replace(sample.tables[OVERLAY], links={}, error="needs CAP_SYS_ADMIN")
    lines = said(build(replace(sample, tables={**sample.tables, OVERLAY: locked})), "1-qij8tlp3w5")
    assert lines == ["1-qij8tlp3w5 · netns · needs CAP_SYS_ADMIN"]


def test_containers_that_share_a_namespace_are_all_named() -> None:
    sample = docker_sample()
    beside = replace(sample.containers[0], owner=Owner(Runtime.DOCKER, "c" * 64, "sidecar"))
    lines = said(build(replace(sample, containers=(*sample.containers, beside))), "sidecar")
    assert lines == ["nginx-1 + sidecar eth0 · docker · docker0 port 1 · veth9c02e56"]


def test_a_container_in_the_hosts_own_namespace_is_named_there() -> None:
    sample = docker_sample()
    guests = [replace(sample.containers[0], owner=Owner(Runtime.DOCKER, c * 64, f"{c}-exporter"), pid=40) for c in "de"]
    world = build(replace(sample, containers=(*sample.containers, *guests)))
    assert said(world, "e-exporter") == ["host · docker d-exporter · docker e-exporter · 5 links"]
    assert said(world, "203.0.113.7") == ["host eth0 · device · 203.0.113.7/24"]


def test_a_pair_without_a_bridge_names_its_other_end() -> None:
    sample = docker_sample()
    home = sample.tables[HOME]
    loose = replace(home.links[7], master=None, port=None)
    tables = {**sample.tables, HOME: replace(home, links={**home.links, 7: loose})}
    assert said(build(replace(sample, tables=tables)), "nginx-1") == ["nginx-1 eth0 · docker · ⇄ veth9c02e56 in host"]
    assert said(build(replace(sample, tables=tables)), "veth9c02e56") == ["nginx-1 eth0 · docker · ⇄ veth9c02e56 in host"]


def test_hostile_names_leave_visible() -> None:
    world = docker_snapshot(hostile=True)
    for line in said(world, "veth9c02e56") + said(world, "172.17.0.3") + said(world, "201"):
        assert line.isprintable()
