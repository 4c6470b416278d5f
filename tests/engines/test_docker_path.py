"""What netview says becomes of a packet among Docker's networks, against what becomes of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pytest

from netview.derive.build import build
from netview.derive.capture.filter import program
from netview.derive.capture.journeys import PacketJourney, PacketJourneys
from netview.derive.capture.points import points_of
from netview.derive.path.ends import Query
from netview.derive.path.walk import asked
from netview.derive.trace.agreement import Agreement, agreement
from netview.derive.trace.journeys import Journey, journeys
from netview.derive.trace.plan import plan
from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.live.capturing import Budget, CaptureState, Capturing, in_order, scene, sightings
from netview.live.capturing import begin as begin_capture
from netview.live.followed import followed
from netview.live.tracing import begin as begin_trace
from netview.live.tracing import is_own
from netview.model.path import Path
from tests.engines.docker_lab import DockerLab
from tests.kernel.lab import NETNS, run
from tests.kernel.looking import at_home_in

if TYPE_CHECKING:
    from netview.model.packet import Frame

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
def networks(docker_lab: DockerLab) -> Iterator[Networks]:
    made = Networks(docker_lab)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def looks(networks: Networks) -> dict[Case, tuple[str, Path]]:
    told = networks.told()
    return {case: (networks.truth(case), path) for case, path in zip(CASES, told, strict=True)}


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


class Pinged(NamedTuple):
    """An echo request and its reply, traced and captured all along their path."""

    traced: list[Journey]
    compared: list[Agreement | None]
    captured: list[PacketJourney]
    seen: list[Agreement | None]
    """How what was captured compares."""
    points: list[str]


def _pinged(networks: Networks, start: str, to: str) -> Pinged:
    def go() -> Pinged:
        source = LiveSource(thorough=True)
        try:
            now = build(source.sample(Want()))
            begin = {path: one.id for one in now.namespaces.values() for path in one.found.paths}[networks.path(start)]
            path = followed(asked(now, Query(begin, networks.address(to))), source.answer)
        finally:
            source.close()
        assert path.verdict.value in {"delivered", "forwarded"}, path.reason
        keys = points_of(now, path)
        frames: list[Frame] = []
        states: list[CaptureState] = []
        trace = begin_trace(now, *plan(path))
        try:
            argv = ["nsenter", f"--net={networks.path(start)}", "ping", "-c1", "-W1", networks.address(to)]

            def ping(_: object) -> None:
                run(argv)

            capture = Capturing(
                lambda: begin_capture(now, keys, program("icmp")),
                Budget(packets=2 * len(keys), seconds=1.5),
                frames.extend,
                ping,
            )
            capture.run(states.append)
            lines = trace.read(0.2)
            while more := trace.read(0.1):
                lines += more
            armed = trace.armed
        finally:
            trace.close()
        told = journeys(lines, is_own)
        packets, where = PacketJourneys(), scene(now, keys, path)
        for _, seen in sightings(in_order(frames, where.depths), where.ports):
            if seen is not None:
                packets.add(seen)
        compared = [agreement(now, one, path, armed) for one in told]
        watched = frozenset(range(len(keys)))
        kept = list(packets.kept)
        return Pinged(told, compared, kept, [where.agreement(one, watched) for one in kept], list(where.names))

    return at_home_in(networks, "host", go)


@pytest.mark.parametrize(("start", "to"), [("cli", "web"), ("host", "web"), ("cli", _OUTSIDE)])
def test_a_real_packet_is_traced_and_captured_all_the_way(networks: Networks, start: str, to: str) -> None:
    before = run(networks.lab.inside(["nft", "-s", "list", "ruleset"]))
    found = _pinged(networks, start, to)
    request, reply = found.traced
    assert [one is not None and one.agrees for one in found.compared] == [True, True], found.compared
    assert (request.sent and request.sent.what, reply.sent and reply.sent.what) == ("echo request 1", "echo reply 1")
    if start == "cli":
        assert any(met.hit.table in {"filter", "nat"} for passage in request.passages for met in passage.met)
    assert [one is not None and one.agrees for one in found.seen] == [True, True], found.seen
    there, back = found.captured
    assert {found.points[one.point] for one in there.seen} == {found.points[one.point] for one in back.seen}
    assert len(there.seen) >= 2
    if to == _OUTSIDE:
        assert any(_HOST in change for change in there.changes())
    assert all(one.at_ns <= other.at_ns for one, other in zip(there.seen, there.seen[1:], strict=False))
    assert run(networks.lab.inside(["nft", "-s", "list", "ruleset"])) == before


def test_host_files_are_those_that_docker_shows(networks: Networks) -> None:
    argv = networks.lab.inside([sys.executable, "-m", "netview", "snapshot", "--facts", "-o", "json"])
    done = subprocess.run(argv, env=networks.lab.environment, capture_output=True, check=True, text=True, timeout=60)
    told = {owner["name"]: one["facts"] for one in json.loads(done.stdout)["namespaces"] for owner in one["owners"]}
    for name in ("web", "far"):
        (facts,) = told[name]
        resolv, hosts, hostname = (
            networks.lab.docker("exec", name, "cat", f"/etc/{file}") for file in ("resolv.conf", "hosts", "hostname")
        )
        servers = [line.split()[1] for line in resolv.splitlines() if line.startswith("nameserver")]
        lines = [line.split() for line in hosts.splitlines() if line and not line.startswith("#")]
        assert (facts["hostname"], facts["nameservers"]) == (hostname, servers)
        assert [[one["address"], *one["names"]] for one in facts["hosts"]] == lines
        assert facts["unknown"] == []
    assert told["far"][0]["nameservers"] == ["127.0.0.11"]
