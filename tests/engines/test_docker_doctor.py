"""The doctor on Docker's own networks: nothing where all is well, and what was broken."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from tests.engines.docker_lab import TOOLS, DockerLab
from tests.engines.started import started
from tests.kernel.lab import run
from tests.kernel.test_doctor import own

_SERVER = ("httpd", "-f", "-p", "80")
_AWAY = """
    link add up0 type veth peer name up1
    link set up1 up
    link set up0 up
    addr add 203.0.113.1/24 dev up0
    route add default via 203.0.113.9
"""
_AWAY_BY_IPV6 = """
    addr add 2001:db8:1::1/64 dev up0 nodad
    route add default via 2001:db8:1::9
"""
BROKEN_IN_IPV6 = (
    (32, "ip6tables -P INPUT DROP"),
    (3, "ip6tables -t nat -F POSTROUTING"),
    (2, "ip6tables -F FORWARD; ip6tables -P FORWARD DROP"),
    (1, "sysctl -qw net.ipv6.conf.all.forwarding=0"),
    (19, "iptables -t nat -F DOCKER; bridge link set dev {port} hairpin off"),
)
"""Each alone."""
_KEPT = "cd {folder}; iptables-save > four; ip6tables-save > six"
_MENDED = (
    "cd {folder}; iptables-restore < four; ip6tables-restore < six; sysctl -qw net.ipv6.conf.all.forwarding=1;"
    " bridge link set dev {port} hairpin on"
)
BROKEN: tuple[tuple[int, str, Sequence[str]], ...] = (
    (32, "host", ("iptables", "-P", "INPUT", "DROP")),
    (31, "named", ("iptables", "-t", "nat", "-F")),
    (3, "host", ("iptables", "-t", "nat", "-F", "POSTROUTING")),
    (2, "host", ("sh", "-c", "iptables -F FORWARD; iptables -P FORWARD DROP")),
    (1, "host", ("sysctl", "-qw", "net.ipv4.ip_forward=0")),
)
"""Each beside what was broken before; Docker's proxy keeps the published port served all the while."""


@pytest.fixture
def lab() -> Iterator[DockerLab]:
    """A Docker of its own, which is broken piece by piece."""
    with started(DockerLab, TOOLS) as docker:
        run(["ip", "-n", docker.namespace, "-batch", "-"], _AWAY)
        docker.docker("network", "create", "shop")
        docker.docker("network", "create", "--internal", "within")
        docker.run("web", "-p", "8080:80", command=_SERVER)
        docker.run("named", "--network", "shop")
        docker.run("inner", "--network", "within")
        yield docker


@pytest.fixture
def lab_of_ipv6() -> Iterator[DockerLab]:
    """One that translates IPv6, too, and leads published ports by rules alone."""
    with started(lambda: DockerLab("--experimental", "--ip6tables", "--userland-proxy=false"), TOOLS) as docker:
        run(["ip", "-n", docker.namespace, "-batch", "-"], _AWAY)
        docker.docker("network", "create", "--ipv6", "--subnet", "fd00:77::/64", "shop")
        docker.run("web", "--network", "shop", "-p", "8080:80", command=_SERVER)
        yield docker


def test_what_breaks_in_ipv6_alone_is_found(lab_of_ipv6: DockerLab) -> None:
    lab = lab_of_ipv6
    assert found(lab) == set()
    run(["ip", "-n", lab.namespace, "-batch", "-"], _AWAY_BY_IPV6)
    assert found(lab) == set()
    port = next(link["ifname"] for link in lab.ip("link") if "master" in link)
    run(lab.inside(["sh", "-c", _KEPT.format(folder=lab.folder)]))
    for number, broken in BROKEN_IN_IPV6:
        run(lab.inside(["sh", "-c", broken.format(port=port)]))
        assert number in found(lab), number
        run(lab.inside(["sh", "-c", _MENDED.format(folder=lab.folder, port=port)]))
        assert found(lab) == set(), number


def test_a_port_behind_which_nobody_listens_or_only_for_itself_is_found(lab: DockerLab) -> None:
    lab.run("idle", "-p", "8081:80")
    assert found(lab) == {5}
    lab.docker("rm", "-f", "idle")
    assert found(lab) == set()
    lab.run("idle", "-p", "8081:80", command=("httpd", "-f", "-p", "127.0.0.1:80"))
    assert found(lab) == {5}


def test_a_port_without_its_rule_and_its_proxy_leads_nowhere(lab: DockerLab) -> None:
    run(lab.inside(["iptables", "-t", "nat", "-F", "DOCKER"]))
    assert found(lab) == set()
    for proxy in lab.proxies():
        os.kill(proxy, signal.SIGKILL)
    assert found(lab) == {4}


def found(lab: DockerLab) -> set[int]:
    """The numbers of what netview finds from Docker's host."""
    argv = lab.inside([sys.executable, "-m", "netview", "doctor", "-o", "json"])
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60, env=lab.environment)
    told = json.loads(done.stdout)
    names = {lab.namespace, "host", "web", "named", "inner", "idle"}
    return {one["check"] for one in own(told) if one["namespace_label"] in names}


def test_each_thing_that_breaks_is_found_beside_what_was_broken_before(lab: DockerLab) -> None:
    assert found(lab) == set()
    known: set[int] = set()
    for number, name, argv in BROKEN:
        place = lab.inside([]) if name == "host" else ["nsenter", f"--net={lab.inspect(name)['NetworkSettings']['SandboxKey']}"]
        run([*place, *argv])
        now = found(lab)
        assert number in now, (number, now)
        known.add(number)
        assert now <= known | {7}, (number, now)
