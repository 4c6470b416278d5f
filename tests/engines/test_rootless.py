"""An ordinary user sees their own rootless containers in full: wires, addresses, routes, whose they are, who runs there."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engines.podman_lab import IMAGE
from tests.engines.reading import home_of, link, namespace_of
from tests.engines.rootless_lab import TOOLS, RootlessLab
from tests.engines.started import started
from tests.engines.user_lab import UID
from tests.other_user import interpreter, may_make_user_namespaces


@pytest.fixture(scope="module")
def podman() -> Iterator[RootlessLab]:
    """alone behind slirp4netns, and till and stock on a network of the user's own."""
    may_make_user_namespaces(UID)
    with started(RootlessLab, TOOLS) as lab:
        lab.podman("run", "-d", "--name", "alone", "-p", "127.0.0.1:8091:80", IMAGE)
        lab.podman("network", "create", "shop")
        for name, command in (("till", ("httpd", "-f", "-p", "8080")), ("stock", ("sleep", "3600"))):
            lab.podman("run", "-d", "--name", name, "--network", "shop", IMAGE, *command)
        yield lab


@pytest.fixture(scope="module")
def python(podman: RootlessLab) -> Iterator[list[str]]:
    with interpreter(UID, **podman.environment_of_user) as argv:
        yield argv


@pytest.fixture(scope="module")
def told(podman: RootlessLab, python: list[str]) -> dict[str, Any]:
    """What the user's netview tells."""
    return _snapshot(podman, python)


def _snapshot(podman: RootlessLab, python: list[str], *options: str) -> dict[str, Any]:
    return dict(json.loads(podman.command(*python, "-m", "netview", "snapshot", "-o", "json", *options)))


@pytest.mark.parametrize("name", ["alone", "till", "stock"])
def test_links_addresses_and_routes_are_those_that_ip_shows_the_user(
    podman: RootlessLab, told: dict[str, Any], name: str
) -> None:
    space = namespace_of(told, name)
    assert (space["error"], space["unknown"]) == (None, [])
    shown = podman.ip(name, "addr")
    assert [(row["ifindex"], row["name"], row["mtu"], row["address"]) for row in space["links"]] == [
        (row["ifindex"], row["ifname"], row["mtu"], row.get("address")) for row in shown
    ]
    # What slirp4netns advertises by IPv6 comes a while after the container.
    assert [one["address"] for row in space["links"] for one in row["addresses"] if one["family"] == "inet"] == [
        one["local"] for row in shown for one in row["addr_info"] if one["family"] == "inet"
    ]
    main = [row for row in space["routes"] if (row["table"], row["family"]) == ("main", "inet")]
    assert [(row["dst"], row["gateway"], row["dev"]) for row in main] == [
        (row["dst"], row.get("gateway"), row["dev"]) for row in podman.ip(name, "route")
    ]


@pytest.mark.parametrize("name", ["alone", "till", "stock"])
def test_the_container_and_its_process_are_named(podman: RootlessLab, told: dict[str, Any], name: str) -> None:
    space = namespace_of(told, name)
    (owner,) = space["owners"]
    id_ = podman.podman("inspect", "--format", "{{.Id}}", name)
    assert (owner["runtime"], owner["id"], owner["name"]) == ("podman", id_, name)
    assert {"pid": podman.pid(name), "comm": "httpd" if name == "till" else "sleep"} in space["processes"]


def test_wires_lead_to_the_bridge_that_no_process_is_beside(told: dict[str, Any]) -> None:
    (inner,) = (space for space in told["namespaces"] if any(row["kind"] == "bridge" for row in space["links"]))
    bridge = link(inner, kind="bridge")
    for name in ("till", "stock"):
        peer = link(namespace_of(told, name), name="eth0")["peer"]
        assert peer["namespace"] == inner["id"]
        outside = link(inner, ifindex=peer["ifindex"])
        assert outside["master"] == bridge["ifindex"]
        assert (outside["peer"]["namespace"], outside["peer"]["name"]) == (namespace_of(told, name)["id"], "eth0")
    assert home_of(told)["error"] is None


def test_what_it_serves_is_told_with_its_process(podman: RootlessLab, python: list[str]) -> None:
    (listening,) = namespace_of(_snapshot(podman, python, "--sockets"), "till")["sockets"]
    assert (listening["local"], listening["state"]) == ("*:8080", "LISTEN")
    assert (listening["pid"], listening["comm"]) == (podman.pid("till"), "httpd")


def test_what_is_nested_in_the_users_containers_tells_what_is_around_it(podman: RootlessLab, python: list[str]) -> None:
    with podman.nested() as pid:
        seen = _snapshot(podman, python)
    (inner,) = (space for space in seen["namespaces"] if pid in [process["pid"] for process in space["processes"]])
    till, alone = (namespace_of(seen, name) for name in ("till", "alone"))
    outer = till["user_namespace"]
    assert (outer["owner_uid"], outer["parent"], outer["within"]) == (UID, None, [])
    assert inner["user_namespace"]["parent"] == {key: outer[key] for key in ("inode", "owner_uid", "parent")}
    assert set(inner["user_namespace"]["within"]) >= {till["id"], alone["id"]}
    assert inner["error"] is None
    assert [row["name"] for row in inner["links"]] == ["lo"]


def test_root_tells_the_same_of_them(podman: RootlessLab, told: dict[str, Any]) -> None:
    seen = podman.snapshot()
    for name in ("alone", "till", "stock"):
        mine, theirs = namespace_of(told, name), namespace_of(seen, name)
        assert (mine["id"], mine["owners"]) == (theirs["id"], theirs["owners"])
        assert [row["name"] for row in mine["links"]] == [row["name"] for row in theirs["links"]]


def test_the_users_api_adds_networks_and_ports(podman: RootlessLab, python: list[str]) -> None:
    with podman.api():
        seen = _snapshot(podman, python)
    (alone,) = namespace_of(seen, "alone")["owners"]
    assert alone["ports"] == [{"host_address": "127.0.0.1", "host_port": 8091, "port": 80, "protocol": "tcp"}]
    (till,) = namespace_of(seen, "till")["owners"]
    assert till["networks"] == ["shop"]


def test_the_kernel_is_asked_for_the_way_out_of_the_users_container_and_its_rules_are_read(
    podman: RootlessLab, python: list[str]
) -> None:
    (gateway,) = (row["gateway"] for row in podman.ip("till", "route") if row["dst"] == "default")
    # Programs take rights that the user has nowhere: it is undecided, and the exit code says so.
    told = podman.command("sh", "-c", '"$@" || true', "sh", *python, "-m", "netview", "path", "till", gateway)
    assert f"{gateway} is at" in told
    assert "they are the two ends of a veth" in told
    assert "its own address" in told
    assert "accepted at prerouting" in told
    assert "undecided: the programs on" in told


def test_the_tree_tells_whose_it_is(podman: RootlessLab, python: list[str]) -> None:
    lines = podman.command(*python, "-m", "netview", "snapshot").splitlines()
    for name, kind in (("alone", "tap0"), ("till", "eth0")):
        (line,) = (line for line in lines if f" {name} {kind} " in line)
        assert line.endswith(f" · podman · user namespace of uid {UID}")
