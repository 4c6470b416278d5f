"""The doctor on Docker's own networks: nothing where all is well, and what was broken."""

import json
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


def found(lab: DockerLab) -> set[int]:
    """The numbers of what netview finds from Docker's host."""
    argv = lab.inside([sys.executable, "-m", "netview", "doctor", "-o", "json"])
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60, env=lab.environment)
    told = json.loads(done.stdout)
    names = {lab.namespace, "host", "web", "named", "inner"}
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
