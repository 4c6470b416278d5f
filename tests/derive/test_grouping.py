"""Namespaces by what they have in common."""

from dataclasses import replace

import pytest

from netview.derive.build import build
from netview.derive.grouping import GROUPINGS, Grouping, grouped
from netview.model import Container, Owner, Pod, Runtime, Snapshot
from tests.factories import NGINX_1, docker_sample, docker_snapshot


def names(snapshot: Snapshot, by: Grouping) -> dict[str, list[str]]:
    return {group.name: [snapshot.namespaces[one].label for one in group.namespaces] for group in grouped(snapshot, by)}


@pytest.mark.parametrize("by", GROUPINGS[1:])
def test_each_namespace_is_in_one_group(by: Grouping) -> None:
    snapshot = docker_snapshot()
    members = [namespace for group in grouped(snapshot, by) for namespace in group.namespaces]
    assert sorted(members) == sorted(snapshot.namespaces)


def test_by_engine_those_of_none_come_last() -> None:
    groups = names(docker_snapshot(), "engine")
    assert groups["docker"] == ["nginx-1", "nginx-2"]
    assert list(groups)[-1] == "no engine"
    assert "host" in groups["no engine"]


def test_by_bridge_it_is_the_one_that_the_other_end_is_plugged_into() -> None:
    groups = names(docker_snapshot(), "bridge")
    assert groups["docker0"] == ["nginx-1", "nginx-2"]
    assert "host" in groups["no bridge"]


def test_by_pod_it_is_the_pods_namespace_and_name() -> None:
    sample = docker_sample()
    pid = sample.found[NGINX_1].processes[0].pid
    pod = Container(Owner(Runtime.KUBERNETES, "a" * 64, "web", pod=Pod("shop", "web-1")), pid)
    groups = names(build(replace(sample, containers=(pod,))), "pod")
    assert groups["shop/web-1"] == ["web"]


def test_without_a_grouping_there_are_no_groups() -> None:
    assert grouped(docker_snapshot(), "none") == ()
