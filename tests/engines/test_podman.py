"""Containers and pods of a real Podman, by its API where it is served and by the kernel alone where not."""

from collections.abc import Iterator
from typing import Any

import pytest

from netview.kernel.live_source import LiveSource
from netview.live import Poller
from netview.runtimes.engines import Engines
from tests.engines.podman_lab import IMAGE, TOOLS, PodmanLab
from tests.engines.reading import home_of, link, namespace_of
from tests.engines.started import started
from tests.kernel.lab import wait


@pytest.fixture(scope="module")
def podman() -> Iterator[PodmanLab]:
    """web with a published port, stray on the host's network, and a pod of an infra container and two more."""
    with started(PodmanLab, TOOLS) as lab:
        group = f"--cgroup-parent=/{lab.namespace}"
        lab.podman("run", "-d", group, "--name", "web", "--label", "tier=front", "-p", "127.0.0.1:8090:80", IMAGE)
        lab.podman("run", "-d", group, "--name", "stray", "--network", "host", IMAGE)
        lab.podman("pod", "create", group, "--name", "shop", "--infra-image", IMAGE, "--infra-command", "sleep 3600")
        for name in ("till", "stock"):
            lab.podman("run", "-d", group, "--pod", "shop", "--name", name, IMAGE)
        yield lab


def ids(lab: PodmanLab) -> dict[str, str]:
    return dict(line.split() for line in lab.podman("ps", "--no-trunc", "--format", "{{.Names}} {{.ID}}").splitlines())


def check(lab: PodmanLab, told: dict[str, Any]) -> None:
    """What holds whoever tells it."""
    known = ids(lab)
    (web,) = namespace_of(told, "web")["owners"]
    assert (web["runtime"], web["id"]) == ("podman", known["web"])
    assert link(namespace_of(told, "web"), name="eth0")["peer"]["namespace"] == home_of(told)["id"]
    pod = namespace_of(told, "till")["owners"]
    infra = next(name for name in known if name.endswith("-infra"))
    assert {(owner["runtime"], owner["id"], owner["name"]) for owner in pod} == {
        ("podman", known[name], name) for name in ("till", "stock", infra)
    }
    assert "stray" in [owner["name"] for owner in home_of(told)["owners"]]


def test_without_the_api_containers_are_told_by_their_groups_and_monitors(podman: PodmanLab) -> None:
    check(podman, podman.snapshot())


def test_the_api_is_found_where_it_listens_and_adds_networks_and_ports(podman: PodmanLab) -> None:
    with podman.api():
        told = podman.snapshot()
    check(podman, told)
    (web,) = namespace_of(told, "web")["owners"]
    assert web["networks"] == ["podman"]
    assert web["ports"] == [{"host_address": "127.0.0.1", "host_port": 8090, "port": 80, "protocol": "tcp"}]


def test_the_api_comes_and_goes_while_netview_runs_and_a_new_name_is_seen(podman: PodmanLab) -> None:
    images: list[set[str | None]] = [set()]
    labels: list[set[tuple[str, str]]] = [set()]
    networks: list[set[str]] = [set()]
    names: list[set[str]] = [set()]
    id_ = ids(podman)["web"]
    poller = Poller(LiveSource(), [Engines.from_environment({"DOCKER_HOST": "unix:///nonexistent"})], interval=0.5)

    def deliver(update: Any) -> None:
        owners = [owner for known in update.snapshot.namespaces.values() for owner in known.owners if owner.id == id_]
        networks[0] = {network for owner in owners for network in owner.networks}
        names[0] = {owner.name for owner in owners}
        images[0] = {owner.image for owner in owners}
        labels[0] = {label for owner in owners for label in owner.labels}

    poller.start(deliver)
    try:
        assert wait(lambda: names[0] == {"web"}, 5)
        assert (images[0], labels[0]) == ({IMAGE}, set())
        with podman.api():
            assert wait(lambda: networks[0] == {"podman"}, 3)
            assert (images[0], labels[0]) == ({IMAGE}, {("tier", "front")})
            podman.podman("rename", "web", "shopfront")
            assert wait(lambda: names[0] == {"shopfront"}, 3)
            podman.podman("rename", "shopfront", "web")
            assert wait(lambda: names[0] == {"web"}, 3)
        assert wait(lambda: not networks[0], 6)
        assert names[0] == {"web"}
    finally:
        poller.stop(5)
