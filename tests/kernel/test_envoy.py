"""What enters user namespaces: it reads the same, holds nothing, waits for nobody, and ends with netview."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from netview.derive.doctor.two_backends import families
from netview.derive.path.prefixes import UNSPECIFIED
from netview.derive.path.routing import Lookup
from netview.kernel.discover import Sighting
from netview.kernel.envoy import Envoy
from netview.kernel.lookup import look_up
from netview.kernel.place import Place
from netview.kernel.pyroute2_source import Pyroute2Reader
from netview.kernel.reader import MakeReader, Read
from netview.kernel.rulesets import ruleset
from netview.kernel.scan import NativeReader
from netview.kernel.sockets import PROTOCOLS, Protocol, read_sockets
from netview.kernel.visit import Visitor
from netview.model import Family, Flow, Route, SocketState
from tests.kernel.lab import Lab, ended, run, wait

_NESTED = ("unshare", "--user", "--map-root-user")
_READY = ("sh", "-c", "ip link add in type veth peer name out; ip addr add 10.9.8.7/24 dev in; ip link set in up; echo; exec cat")
Start = Callable[..., int]


@pytest.fixture
def envoy() -> Iterator[Envoy]:
    made = Envoy()
    yield made
    made.close()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program that says so, and gives its pid."""
    started: list[subprocess.Popen[bytes]] = []

    def go(*argv: str, user: int | None = None) -> int:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=user)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        return process.pid

    yield go
    for process in started:
        process.kill()
        process.communicate()


@contextmanager
def _at(envoy: Envoy, pid: int) -> Iterator[Place]:
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        with envoy.at(descriptor) as place:
            yield place
    finally:
        os.close(descriptor)


def _read(envoy: Envoy, pid: int, make: MakeReader) -> Read:
    with _at(envoy, pid) as place, make(place) as reader:
        return reader.tables()


def _helper(envoy: Envoy) -> int:
    assert envoy._helper._child is not None
    return envoy._helper._child.pid


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.mark.parametrize("make", [NativeReader, Pyroute2Reader])
def test_a_namespace_is_read_as_from_inside(envoy: Envoy, start: Start, make: MakeReader) -> None:
    pid = start(*_NESTED, "--net", *_READY)
    read = _read(envoy, pid, make)
    assert [link.name for link in read.tables.links.values()] == ["lo", "out", "in"]
    assert "10.9.8.7" in {address.address for address in read.tables.addresses}
    assert read.tables.unknown == ()
    assert Path("/proc/thread-self/ns/net").readlink() == Path("/proc/self/ns/net").readlink()


def test_a_user_namespace_within_this_users_own_is_entered(envoy: Envoy, start: Start) -> None:
    pid = start(*_NESTED, *_NESTED, "--net", *_READY)
    assert len(_read(envoy, pid, NativeReader).tables.links) == 3


def test_sockets_are_read_by_the_monitor_and_by_the_files_of_proc(envoy: Envoy, start: Start) -> None:
    code = "import socket, time; s = socket.create_server(('127.0.0.1', 4242)); print(flush=True); time.sleep(600)"
    pid = start(*_NESTED, "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", sys.executable, "-S", "-c", code)
    with _at(envoy, pid) as place:
        for protocols in (frozenset[Protocol](), frozenset(PROTOCOLS)):
            (one,) = read_sockets(protocols, place=place).entries
            assert (one.state, one.local_port) == (SocketState.LISTEN, 4242)
        with pytest.raises(FileNotFoundError):
            place.table("nothing")
        with pytest.raises(OSError, match="Protocol not supported"):
            place.netlink(250)


@pytest.mark.parametrize("other", ["of another user", "of netview itself"])
def test_another_users_namespace_is_not_entered(lab: Lab, envoy: Envoy, start: Start, other: str) -> None:
    lab.add("a")
    pid = start(*_NESTED, "--net", *_READY, user=4711) if other == "of another user" else lab.start("a", ["sleep", "600"]).pid
    with pytest.raises(PermissionError), _at(envoy, pid):
        pass
    assert envoy._helper._child is None


def test_where_the_kernel_lets_nobody_in_it_is_told_what_that_takes(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = start(*_NESTED, "--net", *_READY)
    visitor = Visitor(NativeReader)

    def refused(*_: object) -> int:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(visitor._door, "inside", refused)
    monkeypatch.setattr(visitor._envoy._helper, "descriptor", refused)
    try:
        opener = f"/proc/{pid}/ns/net"
        visit = visitor.visit(Sighting(Path(opener).stat().st_ino, openers=[opener]))
    finally:
        visitor.close()
    assert visit is not None
    assert visit.error is not None
    assert visit.error.startswith("entering it needs CAP_SYS_ADMIN")
    assert visit.user_namespace is not None


def test_nothing_is_held_and_nobody_left_after_an_answer(lab: Lab, envoy: Envoy, start: Start) -> None:
    lab.add("host")
    pid = start(*_NESTED, "--net", *_READY)
    lab.ip("host", f"link add w type veth peer name far netns {pid}\n")
    for _ in range(3):
        _read(envoy, pid, NativeReader)
    helper = _helper(envoy)
    assert wait(lambda: _children(helper) == [])
    held = [str(entry.readlink()).partition(":")[0] for entry in Path(f"/proc/{helper}/fd").iterdir()]
    assert sorted(held) == ["/dev/null", "/dev/null", "socket"]
    os.kill(pid, signal.SIGKILL)
    assert wait(lambda: [row["ifname"] for row in lab.show("host", "link")] == ["lo"])


def test_one_that_does_not_answer_is_killed_in_time_and_another_one_goes_on(envoy: Envoy, start: Start) -> None:
    pid = start(*_NESTED, "--net", *_READY)
    _read(envoy, pid, NativeReader)
    first = _helper(envoy)
    os.kill(first, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        _read(envoy, pid, NativeReader)
    assert time.monotonic() - began < 3
    assert not Path(f"/proc/{first}").exists()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        _read(envoy, pid, NativeReader)
    assert time.monotonic() - began < 0.1
    assert len(_read(envoy, start(*_NESTED, "--net", *_READY), NativeReader).tables.links) == 3
    assert _helper(envoy) != first


def test_what_enters_is_killed_where_it_stops_and_with_what_sent_it(start: Start) -> None:
    """A container's root may stop the process that has come into its user namespace."""
    pid = start(*_NESTED, "--net", *_READY)
    code = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
import envoy_child
user, network = (os.open(f"/proc/{sys.argv[1]}/ns/{kind}", os.O_RDONLY) for kind in ("user", "net"))
child = os.fork()
if child == 0:
    os.close(envoy_child.opened(envoy_child.REQUEST.pack(0), user, network))
    os.kill(os.getpid(), signal.SIGSTOP)
if sys.argv[3] == "wait":
    print(child, envoy_child.ended(child), flush=True)
else:
    os.waitpid(child, os.WUNTRACED)
    print(child, False, flush=True)
"""
    folder = str(Path(__file__).parents[2] / "netview" / "kernel")
    for what in ("wait", "leave"):
        child, well = run([sys.executable, "-S", "-c", code, str(pid), folder, what]).split()
        assert well == "False"
        assert wait(partial(ended, int(child)))


def test_the_kernel_is_asked_for_routes_and_settings_there(envoy: Envoy, start: Start) -> None:
    pid = start(*_NESTED, "--net", *_READY)
    flow = Flow("icmp", UNSPECIFIED[Family.INET], "10.9.8.1")
    run(["nsenter", f"--net=/proc/{pid}/ns/net", "sysctl", "-qw", "net.ipv4.ip_default_ttl=77"])
    with _at(envoy, pid) as place:
        told = look_up(Lookup(flow), place).resolved
        with place.setting("ipv4/ip_default_ttl") as file:
            assert file.read() == b"77\n"
    assert isinstance(told, Route)
    assert told.prefsrc == "10.9.8.7"
    assert Path("/proc/sys/net/ipv4/ip_default_ttl").read_bytes() != b"77\n"


def test_rules_are_those_that_nft_lists_there_though_asking_takes_rights(envoy: Envoy, start: Start) -> None:
    pid = start(*_NESTED, "--net", *_READY)
    with _at(envoy, pid) as place:
        assert ruleset(place).chains == {}
        chains = "add table ip shop; add chain ip shop way { type filter hook input priority 0; policy drop; }; "
        rules = "".join(f"add rule ip shop way ip saddr 10.1.{number // 256}.{number % 256} accept; " for number in range(2000))
        run(["nsenter", f"--net=/proc/{pid}/ns/net", "nft", "-f", "-"], chains + rules)
        ((key, one),) = ruleset(place).chains.items()
        assert (key, one.policy, len(one.rules)) == (("ip", "shop", "way"), "drop", 2000)
        assert families(ruleset(place)) == {"ip"}
