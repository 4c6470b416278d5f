"""Pods of CRI-O, which no engine is asked for: control groups, monitors and bundles tell of them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from netview.kernel.live_source import LiveSource
from netview.live import Poller
from netview.runtimes.groups import GroupEngine
from tests.engines.crio_lab import TOOLS, CrioLab
from tests.engines.reading import namespace_of
from tests.engines.started import started
from tests.kernel.lab import wait


class Pods(NamedTuple):
    """What was started: the ids of the sandbox and of the containers of each pod."""

    lab: CrioLab
    ids: dict[str, list[str]]


@pytest.fixture(scope="module")
def pods() -> Iterator[Pods]:
    """One as a kubelet makes it, and one of crictl."""
    with started(CrioLab, TOOLS) as lab:
        ids = {
            "web-0": lab.add_pod("shop", "web-0", "nginx", "sidecar", kubelet=True),
            "cache-0": lab.add_pod("lab", "cache-0", "redis", kubelet=False),
        }
        yield Pods(lab, ids)


@pytest.fixture(scope="module")
def told(pods: Pods) -> dict[str, Any]:
    """What `netview snapshot -o json` says of them."""
    return pods.lab.snapshot()


@pytest.mark.parametrize(
    ("name", "namespace", "containers"), [("web-0", "shop", ("nginx", "sidecar")), ("cache-0", "lab", ("redis",))]
)
def test_a_pods_namespace_lists_its_sandbox_and_all_its_containers(
    pods: Pods, told: dict[str, Any], name: str, namespace: str, containers: tuple[str, ...]
) -> None:
    found = namespace_of(told, name)
    assert found["label"] == name
    owners = found["owners"]
    assert [(owner["name"], owner["id"]) for owner in owners] == list(zip((name, *containers), pods.ids[name], strict=True))
    assert {owner["runtime"] for owner in owners} == {"kubernetes"}
    assert all(owner["pod"] == {"namespace": namespace, "name": name} for owner in owners)


def test_no_monitor_is_taken_for_a_container(pods: Pods, told: dict[str, Any]) -> None:
    known = {id_ for ids in pods.ids.values() for id_ in ids}
    listed = [owner["id"] for namespace in told["namespaces"] for owner in namespace["owners"] if owner["id"] in known]
    assert sorted(listed) == sorted(known)


def test_images_and_labels_are_those_of_the_bundles(pods: Pods) -> None:
    owners: dict[str, Any] = {}
    poller = Poller(LiveSource(), [GroupEngine()], interval=0.5)
    poller.start(lambda update: owners.update({o.id: o for n in update.snapshot.namespaces.values() for o in n.owners}))
    redis = pods.ids["cache-0"][1]
    try:
        assert wait(lambda: redis in owners, 5)
    finally:
        poller.stop(5)
    assert (owners[redis].image, owners[redis].labels) == ("shop/redis:1", (("tier", "front"),))
