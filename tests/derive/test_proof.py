"""Commands that prove."""

import shlex
from dataclasses import replace

import pytest

from netview.derive.build import build
from netview.derive.proof import proof
from netview.model import LinkKey, NamespaceId, Process
from tests.factories import ETH0_1, HOME, HOSTILE, NGINX_1, VETH_1, a_link, a_route, docker_sample, docker_snapshot, tables


def test_at_home_a_link_is_asked_for_as_it_is() -> None:
    assert proof(docker_snapshot(), HOME, VETH_1) == "ip -s -d address show dev veth9c02e56"


def test_a_container_is_entered_by_its_mount_or_by_a_process() -> None:
    snapshot = docker_snapshot()
    found = snapshot.namespaces[NGINX_1].found
    told = proof(snapshot, NGINX_1, ETH0_1)
    assert told is not None
    way = shlex.split(told)[1]
    assert way in {f"--net={path}" for path in (*found.paths, *(f"/proc/{p.pid}/ns/net" for p in found.processes))}
    assert told.endswith("ip -s -d address show dev eth0")


def test_what_is_in_no_namespace_that_is_known_has_no_command() -> None:
    assert proof(docker_snapshot(), NamespaceId("c99"), None) is None


@pytest.mark.parametrize("name", [HOSTILE, "-j", "é", "a\nb"])
def test_a_name_that_is_no_plain_text_is_given_by_its_number(name: str) -> None:
    sample = docker_sample()
    odd = replace(sample, tables={**sample.tables, HOME: tables([a_link(7, name)])})
    assert proof(build(odd), HOME, LinkKey(HOME, 7)) == "ip -s -d address show dev if7"


def test_a_name_that_a_shell_would_run_is_quoted() -> None:
    sample = docker_sample()
    odd = replace(sample, tables={**sample.tables, HOME: tables([a_link(7, "$(reboot)")])})
    told = proof(build(odd), HOME, LinkKey(HOME, 7))
    assert told is not None
    assert shlex.split(told)[-1] == "$(reboot)"
    assert "'$(reboot)'" in told


def test_a_hostile_path_is_passed_over() -> None:
    sample = docker_sample()
    found = replace(sample.found[NGINX_1], paths=(f"/run/netns/{HOSTILE}",), processes=(Process(201, "nginx"),))
    told = proof(build(replace(sample, found={**sample.found, NGINX_1: found})), NGINX_1, None)
    assert told == "nsenter --net=/proc/201/ns/net ip -s -d address show"


def test_a_route_is_asked_for_in_its_table() -> None:
    told = proof(docker_snapshot(), HOME, VETH_1, a_route("default", 2, "203.0.113.1"))
    assert told == "ip -4 -d route show table main exact default"
