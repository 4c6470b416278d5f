"""Containers of a real Docker, their wires, their traffic and their end."""

import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from netview.model import LinkKey, Snapshot
from netview.text import iec
from tests.engines.docker_lab import DockerLab
from tests.engines.reading import home_of, link, namespace_of
from tests.engines.watch import Watch, labels
from tests.kernel.lab import run, wait

BOXES = ("nginx-1", "nginx-2", "shop")
RATE, SECONDS, PORT = 2_000_000, 10, 5001
FREED_S = 0.2


@pytest.fixture(scope="module")
def boxes(docker_lab: DockerLab) -> Iterator[DockerLab]:
    """nginx-1 and nginx-2 on docker0, and shop on a network of its own with published ports."""
    docker_lab.docker("network", "create", "market")
    docker_lab.run("nginx-1")
    docker_lab.run("nginx-2", "--expose", "53/udp")
    docker_lab.run("shop", "--network", "market", "-p", "8080:80", "-p", "127.0.0.1:8443:443")
    yield docker_lab
    docker_lab.docker("rm", "-f", *BOXES)
    docker_lab.docker("network", "rm", "market")


@pytest.fixture(scope="module")
def told(boxes: DockerLab) -> dict[str, Any]:
    """What `netview snapshot -o json` says of it."""
    return boxes.snapshot()


@pytest.mark.parametrize("name", BOXES)
def test_each_container_owns_its_namespace_as_docker_says(boxes: DockerLab, told: dict[str, Any], name: str) -> None:
    inspected = boxes.inspect(name)
    namespace = namespace_of(told, name)
    (owner,) = namespace["owners"]
    assert (owner["runtime"], owner["id"], namespace["label"]) == ("docker", inspected["Id"], name)
    assert owner["networks"] == list(inspected["NetworkSettings"]["Networks"])
    assert inspected["NetworkSettings"]["SandboxKey"] in namespace["paths"]
    assert inspected["State"]["Pid"] in [process["pid"] for process in namespace["processes"]]


@pytest.mark.parametrize("name", BOXES)
def test_published_and_exposed_ports_are_dockers(boxes: DockerLab, told: dict[str, Any], name: str) -> None:
    expected = {
        (binding.get("HostIp"), int(binding["HostPort"]) if binding else None, *port.split("/"))
        for port, bindings in boxes.inspect(name)["NetworkSettings"]["Ports"].items()
        for binding in bindings or [{}]
    }
    (owner,) = namespace_of(told, name)["owners"]
    assert {(p["host_address"], p["host_port"], str(p["port"]), p["protocol"]) for p in owner["ports"]} == expected


@pytest.mark.parametrize("name", BOXES)
def test_each_eth0_is_paired_with_the_veth_of_the_host_that_ip_names(boxes: DockerLab, told: dict[str, Any], name: str) -> None:
    home, namespace = home_of(told), namespace_of(told, name)
    eth0, (expected,) = link(namespace, name="eth0"), boxes.ip("link", "show", "eth0", container=name)
    (far,) = (row for row in boxes.ip("link") if row["ifindex"] == expected["link_index"])
    assert eth0["ifindex"] == expected["ifindex"]
    assert eth0["peer"] == {
        "namespace": home["id"],
        "nsid": expected["link_netnsid"],
        "ifindex": far["ifindex"],
        "name": far["ifname"],
    }
    veth = link(home, ifindex=far["ifindex"])
    assert veth["peer"] == {"namespace": namespace["id"], "nsid": far["link_netnsid"], "ifindex": eth0["ifindex"], "name": "eth0"}


@pytest.mark.parametrize(("name", "network"), [("nginx-1", "bridge"), ("nginx-2", "bridge"), ("shop", "market")])
def test_each_veth_is_a_port_of_its_networks_bridge(boxes: DockerLab, told: dict[str, Any], name: str, network: str) -> None:
    home = home_of(told)
    veth = link(home, ifindex=link(namespace_of(told, name), name="eth0")["peer"]["ifindex"])
    (known,) = json.loads(boxes.docker("network", "inspect", network))
    bridge = link(home, name="docker0" if network == "bridge" else f"br-{known['Id'][:12]}")
    assert veth["master"] == veth["port"]["bridge"] == bridge["ifindex"]
    assert veth["port"]["state"] == "forwarding"
    (expected,) = boxes.ip("-d", "link", "show", bridge["name"])
    priority, _, address = expected["linkinfo"]["info_data"]["bridge_id"].partition(".")
    # `ip` prints the bytes without their leading zeros.
    assert bridge["bridge"]["id"] == f"{priority}.{''.join(byte.zfill(2) for byte in address.split(':'))}"
    gateway = known["IPAM"]["Config"][0].get("Gateway") or known["IPAM"]["Config"][0]["Subnet"].replace(".0.0/16", ".0.1")
    assert gateway in [address["address"] for address in bridge["addresses"]]


@pytest.mark.parametrize("name", [None, *BOXES])
def test_routes_are_those_of_ip(boxes: DockerLab, told: dict[str, Any], name: str | None) -> None:
    namespace = home_of(told) if name is None else namespace_of(told, name)
    keys = ("dst", "gateway", "dev", "prefsrc")
    expected = {tuple(row.get(key) for key in keys) for row in boxes.ip("route", container=name)}
    assert expected
    main = (row for row in namespace["routes"] if (row["family"], row["table"]) == ("inet", "main"))
    assert {tuple(row[key] for key in keys) for row in main} == expected


def test_containers_without_a_namespace_of_their_own_are_where_they_live(boxes: DockerLab) -> None:
    names = ("joined", "hostly", "lonely")
    boxes.run("joined", "--network", "container:nginx-1")
    boxes.run("hostly", "--network", "host")
    boxes.run("lonely", "--network", "none")
    boxes.docker("pause", "lonely")
    told = boxes.snapshot()
    boxes.docker("rm", "-f", *names)
    assert [owner["name"] for owner in namespace_of(told, "nginx-1")["owners"]] == ["nginx-1", "joined"]
    assert namespace_of(told, "nginx-1")["label"] == "nginx-1"
    assert namespace_of(told, "hostly")["home"]
    assert [row["kind"] for row in namespace_of(told, "lonely")["links"]] == ["loopback"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What was seen while nginx-1 was sent its bytes."""

    eth0: LinkKey
    before: int
    """Bytes that eth0 had received until then."""
    steady: list[Snapshot]
    rows: list[str]
    """nginx-1's line on the screen."""
    after: Snapshot
    screen: list[str]
    """The app with nginx-1's pair open, after it all."""


@pytest.fixture(scope="module")
def sent(boxes: DockerLab) -> Sent:
    """So many bytes a second for so many seconds through one pair, under a poller and under the app."""
    (link,) = boxes.ip("link", "show", "eth0", container="nginx-1")
    script = Path(__file__).with_name("paced_sender.py")
    command = boxes.inside([sys.executable, str(script), str(PORT), str(RATE), str(SECONDS)])
    with Watch(boxes) as watch, boxes.app("nginx-1") as app:
        app.until(lambda: app.row("nginx-1", "172.17.0.2/16"))
        key = LinkKey(watch.open("nginx-1").id, link["ifindex"])
        before = watch.snapshots[-1].counters[key].rx_bytes
        with subprocess.Popen(command) as sender:
            boxes.docker("exec", "-d", "nginx-1", "sh", "-c", f"sleep 0.5; exec nc 172.17.0.1 {PORT} >/dev/null")
            watch.until(lambda snapshot: snapshot.counters[key].rx_bytes > before + RATE)
            first = len(watch.snapshots)
            rows = app.over(SECONDS - 4, "nginx-1", "172.17.0.2/16")
            steady = watch.snapshots[first:]
            app.over(4)
            assert sender.wait(30) == 0
        watch.until(lambda snapshot: not snapshot.rates[key].rx_bytes)
        app.over(3)
    return Sent(key, before, steady, rows, watch.snapshots[-1], app.lines())


def test_the_rate_of_two_megabytes_a_second_is_right_at_both_ends(sent: Sent) -> None:
    far = sent.after.peers[sent.eth0].key
    assert far is not None
    assert statistics.mean(s.rates[sent.eth0].rx_bytes or 0 for s in sent.steady) == pytest.approx(RATE, rel=0.05)
    assert statistics.mean(s.rates[far].tx_bytes or 0 for s in sent.steady) == pytest.approx(RATE, rel=0.05)


def test_the_total_of_what_was_sent_is_right(sent: Sent) -> None:
    assert sent.after.counters[sent.eth0].rx_bytes - sent.before == pytest.approx(RATE * SECONDS, rel=0.05)


def test_the_app_shows_the_rate_into_the_container(sent: Sent) -> None:
    rates = [float(match[1]) for row in sent.rows if (match := re.search(r" ([\d.]+) M +[\d.]+ k", row))]
    assert len(rates) >= 3
    assert statistics.median(rates) == pytest.approx(RATE * 8 / 1e6, rel=0.05)


def test_the_app_shows_the_total_that_ip_shows(boxes: DockerLab, sent: Sent) -> None:
    (told,) = boxes.ip("-s", "link", "show", "eth0", container="nginx-1")
    (line,) = (line for line in sent.screen if "│bytes " in line)
    assert iec(told["stats64"]["rx"]["bytes"]) in line


def test_a_removed_container_goes_and_a_new_one_comes_within_two_seconds(boxes: DockerLab) -> None:
    boxes.run("old")
    with Watch(boxes) as watch:
        watch.until(lambda snapshot: "old" in labels(snapshot))
        boxes.docker("rm", "-f", "old")
        boxes.run("new")
        watch.until(lambda snapshot: "old" not in labels(snapshot) and "new" in labels(snapshot), 2.5)
        boxes.docker("rm", "-f", "new")
        watch.until(lambda snapshot: "new" not in labels(snapshot), 2.5)


def test_a_container_that_is_looked_at_is_freed_when_docker_removes_it(boxes: DockerLab) -> None:
    with Watch(boxes) as watch:
        for number in range(4):
            name = f"brief-{number}"
            boxes.run(name)
            watch.open(name)
            (eth0,) = boxes.ip("link", "show", "eth0", container=name)
            (veth,) = (row for row in boxes.ip("link") if row["ifindex"] == eth0["link_index"])
            boxes.docker("rm", "-f", name)
            assert wait(partial(unplugged, boxes, veth), FREED_S)
            # The kernel tears namespaces down one after the other, other tests' too; one that is held would stay for good.
            assert wait(partial(freed, boxes, veth), 3.0)


def unplugged(lab: DockerLab, veth: dict[str, Any]) -> bool:
    """Whether the host's end is gone."""
    return veth["ifname"] not in [row["ifname"] for row in lab.ip("link")]


def freed(lab: DockerLab, veth: dict[str, Any]) -> bool:
    """Whether the host's number for the namespace behind it is gone: that lives exactly as long as the namespace."""
    numbers = json.loads(run(["ip", "-n", lab.namespace, "-j", "netns", "list-id"]) or "[]")
    return veth["link_netnsid"] not in [row["nsid"] for row in numbers]
