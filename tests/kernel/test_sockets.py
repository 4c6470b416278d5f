"""Sockets against what `ss` prints inside a lab's namespaces, and who holds them."""

import json
import os
import re
import socket
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from netview.kernel import holders
from netview.kernel.holders import Holders
from netview.kernel.live_source import LiveSource
from netview.kernel.sockets import PROTOCOLS, Protocol, monitored, read_sockets
from netview.live import Want
from netview.model import Sockets
from tests.kernel.lab import Lab, run
from tests.kernel.looking import BACKENDS, Backend, at_home_in, place

_USERS = re.compile(r'"(?P<comm>.*?)",pid=(?P<pid>\d+)')
_BOTH: frozenset[Protocol] = frozenset(PROTOCOLS)
_SERVER = """
    import socket, sys, time
    kept = []
    def listener(family, address, port, only=None, kind=socket.SOCK_STREAM):
        one = socket.socket(family, kind)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if only is not None:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        one.bind((address, port))
        if kind == socket.SOCK_STREAM:
            one.listen(64)
        kept.append(one)
        return one
    v4 = listener(socket.AF_INET, "0.0.0.0", 8001)
    listener(socket.AF_INET, "10.9.0.1", 8002)
    both = listener(socket.AF_INET6, "::", 8003, 0)
    listener(socket.AF_INET6, "::", 8004, 1)
    listener(socket.AF_INET, "0.0.0.0", 8005, kind=socket.SOCK_DGRAM)
    listener(socket.AF_INET6, "::", 8006, 1, socket.SOCK_DGRAM)
    listener(socket.AF_INET6, "::", 8007, 0, socket.SOCK_DGRAM)
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
    bound.bind(("0.0.0.0", 8008))
    for address in ("10.9.0.1", "127.0.0.1"):
        for _ in range(3):
            one = socket.create_connection((address, 8001))
            kept.extend((one, v4.accept()[0]))
    one = socket.create_connection(("127.0.0.1", 8003))
    kept.extend((one, both.accept()[0]))
    talking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    talking.connect(("10.9.0.2", 53))
    closing = socket.create_connection(("127.0.0.1", 8001))
    v4.accept()[0].close()
    time.sleep(0.5)  # Until the other end has acknowledged it.
    print("ready", flush=True)
    time.sleep(600)
"""


class Row(NamedTuple):
    """A socket as both tell it."""

    protocol: str
    state: str
    local: str
    remote: str
    pid: int | None
    comm: str | None


def serving(lab: Lab) -> subprocess.Popen[bytes]:
    """A namespace with a process that listens and talks in every way."""
    lab.add("host", "c1")
    lab.ip("host", "link add v1 type veth peer name eth0 netns @c1\nlink set v1 up\naddr add 10.9.0.2/24 dev v1\n")
    lab.ip("c1", "link set lo up\nlink set eth0 up\naddr add 10.9.0.1/24 dev eth0\n")
    return started(lab, "c1", _SERVER)


def started(lab: Lab, name: str, script: str) -> subprocess.Popen[bytes]:
    process = lab.start(name, [sys.executable, "-c", textwrap.dedent(script)])
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def told_by_ss(lab: Lab, name: str) -> Counter[Row]:
    """What `ss` prints of both protocols."""
    printed = run(lab.inside(name, ["ss", "-H", "-n", "-a", "-t", "-u", "-p"]))
    rows = []
    for line in printed.splitlines():
        protocol, state, _, _, local, remote, *users = line.split(None, 6)
        held = _USERS.search(users[0]) if users else None
        rows.append(Row(protocol, state, local, remote, held and int(held["pid"]), held and held["comm"]))
    return Counter(rows)


def told_by_netview(lab: Lab, name: str, backend: Backend) -> Counter[Row]:
    """The same of `netview snapshot -o json --sockets`."""
    argv = [sys.executable, "-m", "netview", "--backend", backend, "snapshot", "-o", "json", "--sockets"]
    document: dict[str, Any] = json.loads(run(lab.inside("host", argv)))
    (namespace,) = (row for row in document["namespaces"] if lab.full(name) in row["names"])
    return Counter(map(_row, namespace["sockets"]))


def _row(found: dict[str, Any]) -> Row:
    """A socket of the JSON; where it has no other end `ss` writes "any" in the words of the near one."""
    local = found["local"]
    anywhere = "*:*" if local.startswith("*") else "[::]:*" if local.startswith("[") else "0.0.0.0:*"
    return Row(found["protocol"], found["state"], local, found["remote"] or anywhere, found["pid"], found["comm"])


@pytest.mark.parametrize("backend", BACKENDS)
def test_sockets_are_those_of_ss_in_every_field(lab: Lab, backend: Backend) -> None:
    serving(lab)
    expected = told_by_ss(lab, "c1")
    assert expected.total() >= 23
    assert told_by_netview(lab, "c1", backend) == expected


def looked(lab: Lab, name: str) -> Sockets:
    """A namespace's sockets, as netview in the lab's host reads them while its place is open."""

    def look() -> Sockets:
        source = LiveSource()
        try:
            where = place(source.sample(Want()), lab, name)
            sample = source.sample(Want(place=where, sockets="place"))
            assert sample.sockets.keys() == {where}, "only what is open is read"
            return sample.sockets[where]
        finally:
            source.close()

    return at_home_in(lab, "host", look)


def test_only_listeners_of_every_address_without_v6only_take_both_families(lab: Lab) -> None:
    serving(lab)
    told = {(one.protocol, one.local_port): one.v6only for one in looked(lab, "c1").entries if one.listens and one.local == "::"}
    assert told == {("tcp", 8003): False, ("tcp", 8004): True, ("udp", 8006): True, ("udp", 8007): False}


def test_a_socket_whose_holder_is_elsewhere_is_told_without_one(lab: Lab) -> None:
    """As Docker's own DNS: made in the namespace, held by a process outside it."""
    lab.add("host", "c1")
    lab.ip("c1", "link set lo up\n")

    def make() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.bind(("127.0.0.1", 5353))
        made.listen()
        return made

    with at_home_in(lab, "c1", make):
        (found,) = looked(lab, "c1").entries
        assert (found.local, found.local_port, found.pid, found.comm) == ("127.0.0.1", 5353, None, None)


def test_the_most_senior_of_those_who_share_a_socket_is_named(lab: Lab) -> None:
    lab.add("host", "c1")
    lab.ip("c1", "link set lo up\n")
    script = """
        import os, socket, time
        one = socket.socket()
        one.bind(("127.0.0.1", 80))
        one.listen()
        if os.fork():
            print("ready", flush=True)
        time.sleep(600)
    """
    process = started(lab, "c1", script)
    (found,) = looked(lab, "c1").entries
    assert found.pid == process.pid
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), 9)


@pytest.mark.parametrize("by_monitor", [frozenset(), frozenset({"tcp"}), frozenset({"udp"})], ids=["none", "tcp", "udp"])
def test_without_the_monitor_proc_tells_the_same_but_for_v6only_and_links(lab: Lab, by_monitor: frozenset[Protocol]) -> None:
    serving(lab)
    whole = at_home_in(lab, "c1", lambda: read_sockets(_BOTH))
    text = at_home_in(lab, "c1", lambda: read_sockets(by_monitor))
    bare = [one._replace(v6only=None, ifindex=0) for one in whole.entries]
    assert sorted(one._replace(v6only=None, ifindex=0) for one in text.entries) == sorted(bare)
    assert text.partly == ("V6ONLY unknown: no tcp_diag",)
    assert whole.partly == ()


@pytest.mark.parametrize("by_monitor", [_BOTH, frozenset()], ids=["monitor", "proc"])
def test_a_flood_of_sockets_hides_no_listener_and_what_is_left_out_is_said(lab: Lab, by_monitor: frozenset[Protocol]) -> None:
    serving(lab)
    whole = at_home_in(lab, "c1", lambda: read_sockets(_BOTH))
    part = at_home_in(lab, "c1", lambda: read_sockets(by_monitor, limit=12))
    assert len(part.entries) <= 12
    assert part.entries
    assert part.partly[0] == f"{len(part.entries)} of about {len(whole.entries)} listed"


def test_descriptors_are_looked_at_within_bounds(lab: Lab) -> None:
    process = serving(lab)
    sockets = looked(lab, "c1")
    nameless = Sockets(tuple(one._replace(pid=None, comm=None) for one in sockets.entries))
    processes = at_home_in(lab, "host", lambda: _processes(lab))
    named = Holders(limit=5).named(nameless, processes)
    assert sum(one.pid is not None for one in named.entries) < sum(one.pid == process.pid for one in sockets.entries)
    assert named.partly[0].endswith("too many descriptors")


def _processes(lab: Lab) -> tuple[Any, ...]:
    source = LiveSource()
    try:
        sample = source.sample(Want())
        return sample.found[place(sample, lab, "c1")].processes
    finally:
        source.close()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes whose descriptors were looked at."""
    seen: list[int] = []
    held = holders._held

    def counted(pid: int) -> Iterator[int | None]:
        seen.append(pid)
        return held(pid)

    monkeypatch.setattr(holders, "_held", counted)
    return seen


def test_a_holder_is_remembered_for_some_beats_and_then_looked_for_anew(lab: Lab, looks: list[int]) -> None:
    serving(lab)
    sockets = at_home_in(lab, "c1", lambda: read_sockets(_BOTH))
    processes = at_home_in(lab, "host", lambda: _processes(lab))
    known = Holders()
    for _ in range(10):
        known.refresh()
        known.named(sockets, processes)
    assert len(looks) == 1
    known.refresh()
    known.named(sockets, processes)
    assert len(looks) == 2


def test_a_holder_that_has_ended_is_named_no_more(lab: Lab) -> None:
    serving(lab)
    sockets = at_home_in(lab, "c1", lambda: read_sockets(_BOTH))
    known = Holders()
    assert any(one.pid for one in known.named(sockets, at_home_in(lab, "host", lambda: _processes(lab))).entries)
    assert not any(one.pid for one in known.named(sockets, ()).entries)


def test_nothing_is_kept_open_where_a_dump_is_left_before_its_end(lab: Lab) -> None:
    serving(lab)

    def look() -> tuple[int, int]:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(20):
            read_sockets(_BOTH, limit=3)
        return before, len(list(Path("/proc/self/fd").iterdir()))

    before, after = at_home_in(lab, "c1", look)
    assert after == before


def fake_proc(folder: Path, *modules: str, loadable: bool = True) -> Path:
    """A /proc of a kernel with these modules loaded."""
    (folder / "sys/kernel").mkdir(parents=True)
    (folder / "sys/kernel/ostype").write_text("Linux\n")
    if loadable:
        (folder / "sys/kernel/modprobe").write_text("/sbin/modprobe\n")
        (folder / "modules").write_text("".join(f"{name} 16384 0 - Live 0x0000000000000000\n" for name in modules))
    return folder


def test_a_protocol_is_monitored_where_asking_loads_no_module(tmp_path: Path) -> None:
    built_in = tmp_path / "lib"
    built_in.mkdir()
    (built_in / "modules.builtin").write_text("kernel/net/ipv4/udp_diag.ko\nkernel/fs/ext4/ext4.ko\n")
    nowhere = tmp_path / "nowhere"
    assert monitored(fake_proc(tmp_path / "a", "tcp_diag", "inet_diag"), nowhere) == {"tcp"}
    assert monitored(fake_proc(tmp_path / "b", "veth"), nowhere) == set()
    assert monitored(fake_proc(tmp_path / "c", "tcp_diag"), built_in) == {"tcp", "udp"}
    assert monitored(fake_proc(tmp_path / "d", loadable=False), nowhere) == {"tcp", "udp"}
    assert monitored(tmp_path / "processes alone", nowhere) == set()
