"""What netview says becomes of a packet among Docker's networks, against what becomes of it."""

import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from netview.derive.build import build
from netview.derive.path.ends import Query
from netview.derive.path.walk import asked
from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.live.followed import followed
from netview.model.path import Path
from tests.engines.docker_lab import DockerLab
from tests.kernel.lab import NETNS, run
from tests.kernel.looking import at_home_in

_OUTSIDE = "203.0.113.9"
_HOST = "203.0.113.1"
_UPLINK = f"""
    link add up0 type veth peer name eth0 netns {{outside}}
    link set up0 up
    addr add {_HOST}/24 dev up0
    route add default via {_OUTSIDE}
"""
_CONNECT = """
import socket, sys
one = socket.socket()
one.settimeout(1.0)
print({0: "delivered", 111: "no listener"}.get(one.connect_ex((sys.argv[1], int(sys.argv[2]))), "lost"))
"""
_SERVER = ("httpd", "-f", "-p", "80")


class Case(NamedTuple):
    """A connection, and what becomes of it in truth."""

    start: str
    to: str
    port: int
    truth: str


CASES = (
    Case("cli", "web", 80, "delivered"),
    Case("cli", "web", 81, "no listener"),
    Case("cli", "gateway", 8080, "delivered"),
    Case("cli", "far", 80, "lost"),
    Case("cli", _OUTSIDE, 80, "no listener"),
    Case("host", "web", 80, "delivered"),
    Case("host", "127.0.0.1", 8080, "delivered"),
    Case("host", _HOST, 8080, "delivered"),
    Case("outside", _HOST, 8080, "delivered"),
    Case("outside", _HOST, 8081, "no listener"),
    Case("outside", "web", 80, "lost"),
    Case("far", _HOST, 8080, "delivered"),
    Case("web", _HOST, 8080, "delivered"),
    Case("shy", "shyer", 80, "lost"),
    Case("inner", _OUTSIDE, 80, "lost"),
    Case("fenced", "web", 8888, "lost"),
)


class Networks:
    """Containers on networks of every sort, and a host outside."""

    def __init__(self, lab: DockerLab) -> None:
        self.lab = lab
        self.outside = f"{lab.namespace}o"
        run(["ip", "netns", "add", self.outside])
        run(["ip", "-n", lab.namespace, "-batch", "-"], _UPLINK.format(outside=self.outside))
        run(["ip", "-n", self.outside, "-batch", "-"], f"link set lo up\nlink set eth0 up\naddr add {_OUTSIDE}/24 dev eth0\n")
        lab.run("web", "-p", "8080:80", command=_SERVER)
        lab.run("cli")
        lab.run("fenced")
        lab.docker("network", "create", "other")
        lab.run("far", "--network", "other", command=_SERVER)
        lab.docker("network", "create", "-o", "com.docker.network.bridge.enable_icc=false", "apart")
        lab.run("shy", "--network", "apart")
        lab.run("shyer", "--network", "apart", command=_SERVER)
        lab.docker("network", "create", "--internal", "within")
        lab.run("inner", "--network", "within")
        run(lab.inside(["iptables", "-I", "DOCKER-USER", "-p", "tcp", "--dport", "8888", "-j", "DROP"]))

    def close(self) -> None:
        """Remove what Docker does not."""
        self.lab.docker("rm", "-f", "web", "cli", "fenced", "far", "shy", "shyer", "inner")
        self.lab.docker("network", "rm", "other", "apart", "within")
        run(["ip", "netns", "del", self.outside])

    def path(self, name: str) -> str:
        """Where a namespace is mounted."""
        known = {"host": str(NETNS / self.lab.namespace), "outside": str(NETNS / self.outside)}
        return known.get(name) or str(self.lab.inspect(name)["NetworkSettings"]["SandboxKey"])

    def address(self, name: str) -> str:
        """That of a container, or the name itself."""
        if name == "gateway":
            return str(self._network("cli")["Gateway"])
        return name if name[0].isdigit() else str(self._network(name)["IPAddress"])

    def truth(self, case: Case) -> str:
        """Whether the connection comes about."""
        argv = [sys.executable, "-c", _CONNECT, self.address(case.to), str(case.port)]
        done = subprocess.run(["nsenter", f"--net={self.path(case.start)}", *argv], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def told(self) -> list[Path]:
        """netview's answers, all of one moment."""

        def ask() -> list[Path]:
            source = LiveSource(thorough=True)
            try:
                now = build(source.sample(Want()))
                places = {path: one.id for one in now.namespaces.values() for path in one.found.paths}
                starts = [places[self.path(case.start)] for case in CASES]
                queries = [Query(start, self.address(case.to), port=case.port) for start, case in zip(starts, CASES, strict=True)]
                return [followed(asked(now, query), source.answer) for query in queries]
            finally:
                source.close()

        return at_home_in(self, "host", ask)

    def _network(self, name: str) -> dict[str, object]:
        (network,) = self.lab.inspect(name)["NetworkSettings"]["Networks"].values()
        return dict(network)


@pytest.fixture(scope="module")
def looks(docker_lab: DockerLab) -> Iterator[dict[Case, tuple[str, Path]]]:
    networks = Networks(docker_lab)
    try:
        told = networks.told()
        yield {case: (networks.truth(case), path) for case, path in zip(CASES, told, strict=True)}
    finally:
        networks.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.start}-{case.to}-{case.port}")
def test_a_connection_becomes_what_netview_says(case: Case, looks: dict[Case, tuple[str, Path]]) -> None:
    truth, path = looks[case]
    assert truth == case.truth
    verdict = path.verdict.value
    assert verdict != "undecided", path.reason
    told = verdict if verdict in {"delivered", "no listener"} else "lost"
    assert told == truth, path.reason
    if told != "lost":
        assert path.back is not None
        assert path.back.verdict.value == "delivered", path.back.reason
