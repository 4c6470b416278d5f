"""A source that lives while namespaces come, go and fail: nothing is pinned, nothing stops it, nothing is missed in the end."""

import os
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from netview.decode.netlink import MalformedError
from netview.derive.build import build
from netview.kernel import events
from netview.kernel.discover import Discovery, Sweep
from netview.kernel.enter import Door
from netview.kernel.hub import Hub
from netview.kernel.live_source import LiveSource
from netview.kernel.scan import NativeReader
from netview.live import Poller, Update, Want
from netview.model import LinkKey, Notice, Sample, StatsRow, Tables
from tests.kernel.lab import NETNS, Lab, wait
from tests.kernel.looking import BACKENDS, Backend, at_home_in, link, place, sample

_FREED_S = 0.2


@contextmanager
def _polling(lab: Lab, backend: Backend = "native", interval: float = 0.5) -> Iterator[tuple[Poller, list[Update]]]:
    """A poller as the app runs it, at home in the lab's host."""
    updates: list[Update] = []
    poller = Poller(LiveSource(backend), interval=interval)
    poller_thread = poller._run

    def run(deliver: Callable[[Update], None]) -> None:
        at_home_in(lab, "host", lambda: poller_thread(deliver))

    poller._run = run  # type: ignore[method-assign]
    poller.start(updates.append)
    try:
        assert wait(lambda: bool(updates), 10), "no sample came"
        yield poller, updates
    finally:
        poller.stop(10)


def _container(lab: Lab, name: str) -> None:
    """A namespace with an eth0; without IPv6 addresses, whose routes would still change seconds later."""
    lab.add(name)
    lab.ip("host", f"link add v{name} type veth peer name eth0 netns @{name}\nlink set v{name} addrgenmode none up\n")
    lab.ip(name, "link set lo up\nlink set eth0 addrgenmode none up\n")


def _host_links(lab: Lab) -> set[str]:
    return {row["ifname"] for row in lab.show("host", "link")}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_deleted_namespace_takes_its_veth_along_while_it_is_looked_at(lab: Lab, backend: Backend) -> None:
    names = [f"c{number}" for number in range(9)]
    lab.add("host")
    for name in names:
        _container(lab, name)
    took = []
    with _polling(lab, backend) as (poller, updates):
        for name in names:
            poller.want(Want(place=place(updates[-1].snapshot, lab, name)))
            seen = len(updates)
            assert wait(lambda seen=seen: len(updates) > seen, 10)  # type: ignore[misc]
            began = time.monotonic()
            lab.delete(name)
            assert wait(lambda name=name: f"v{name}" not in _host_links(lab), 10), "pinned"  # type: ignore[misc]
            took.append(time.monotonic() - began)
        assert wait(lambda: not _seen(updates[-1], lab, names), 10)
    # One may wait for namespaces of others: the kernel frees them in turn.
    assert statistics.median(took) < _FREED_S, took


def _seen(update: Update, lab: Lab, names: list[str]) -> set[str]:
    known = {name for namespace in update.snapshot.namespaces.values() for name in namespace.found.names}
    return known & {lab.full(name) for name in names}


def test_new_and_gone_links_and_routes_show_within_two_seconds(lab: Lab) -> None:
    lab.add("host", "c")
    with _polling(lab) as (_, updates):

        def tables() -> Tables:
            snapshot = updates[-1].snapshot
            return snapshot.namespaces[place(snapshot, lab, "c")].tables

        def links() -> set[str]:
            return {link.name for link in tables().links.values()}

        lab.ip("c", "link add new0 type veth peer name new1\nlink set new0 up\nlink set new1 up\naddr add 10.7.0.1/24 dev new0\n")
        assert wait(lambda: "new0" in links(), 2)
        lab.ip("c", "route add 10.8.0.0/16 via 10.7.0.9\n")
        assert wait(lambda: any(route.dst == "10.8.0.0/16" for route in tables().routes), 2)
        lab.ip("c", "route del 10.8.0.0/16\n")
        assert wait(lambda: all(route.dst != "10.8.0.0/16" for route in tables().routes), 2)
        lab.ip("c", "link del new0\n")
        assert wait(lambda: "new0" not in links(), 2)


@pytest.mark.parametrize("backend", BACKENDS)
def test_churn_never_raises_and_ends_in_what_a_fresh_look_sees(lab: Lab, backend: Backend) -> None:
    lab.add("host")
    stop = threading.Event()
    last: list[Sample] = []

    def sample_all_the_time() -> None:
        source = LiveSource(backend)
        try:
            while not stop.is_set():
                last[:] = [source.sample(Want())]
        finally:
            source.close()

    with ThreadPoolExecutor(1) as pool:
        sampling = pool.submit(at_home_in, lab, "host", sample_all_the_time)
        try:
            for number in range(50):
                _container(lab, f"k{number}")
                if number >= 3:
                    lab.delete(f"k{number - 3}")
            # The kernel frees namespaces and tells links' carriers later: it may change between two looks.
            agreed = wait(lambda: _of_the_lab(last[0], lab) == _of_the_lab(sample(lab, backend), lab), 10)
        finally:
            stop.set()
        sampling.result(60)
    assert agreed, "what was seen last is not what a fresh look sees"


def _of_the_lab(seen: Sample, lab: Lab) -> Mapping[tuple[str, str], Any]:
    """Facts by name that do not change by themselves."""
    found = {name: known.id for known in seen.found.values() for name in known.names if name.startswith(lab.prefix)}
    facts: dict[tuple[str, str], Any] = {(name, "id"): namespace for name, namespace in found.items()}
    for name, namespace in found.items():
        tables = seen.tables[namespace]
        nsids = {nsid: other for nsid, other in tables.nsids.items() if other in found.values()}
        facts |= {(name, field): getattr(tables, field) for field in ("links", "routes", "rules", "error", "unknown")}
        facts[name, "nsids"] = nsids
    return facts


def test_a_namespace_that_goes_between_finding_and_entering_stops_no_other(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.add("host", "goes", "stays")
    sweep = Discovery.sweep

    def found_too_early(self: Discovery, **asked: Any) -> Sweep:
        found = sweep(self, **asked)
        lab.delete("goes")
        return found

    monkeypatch.setattr(Discovery, "sweep", found_too_early)
    seen = sample(lab)
    names = {name for known in seen.found.values() for name in known.names}
    assert lab.full("goes") not in names
    assert seen.tables[place(seen, lab, "stays")].error is None


@pytest.mark.parametrize(
    ("failure", "told"), [(OSError(5, "Input/output error"), "Input/output error"), (MalformedError("no message"), "no message")]
)
def test_a_namespace_that_fails_while_it_is_read_says_so_and_stops_no_other(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, failure: Exception, told: str
) -> None:
    lab.add("host", "fails", "stays")
    inode = lab.inode("fails")
    tables, counters = NativeReader.tables, NativeReader.counters

    def broken() -> None:
        if os.stat("/proc/thread-self/ns/net").st_ino == inode:  # noqa: PTH116
            raise failure

    def counters_or_broken(self: NativeReader) -> Mapping[int, StatsRow]:
        broken()
        return counters(self)

    def tables_or_broken(self: NativeReader, wanted: Any) -> Any:
        broken()
        return tables(self, wanted)

    monkeypatch.setattr(NativeReader, "counters", counters_or_broken)
    monkeypatch.setattr(NativeReader, "tables", tables_or_broken)
    seen = sample(lab)
    failed = next(known for known in seen.found.values() if known.inode == inode)
    assert seen.tables[failed.id].error == f"cannot be read: {told}"
    assert failed.names == (lab.full("fails"),)
    assert seen.tables[place(seen, lab, "stays")].error is None
    assert seen.tables[place(seen, lab, "stays")].links.keys() == {1}


@pytest.mark.parametrize("failure", [OSError(11, "Resource temporarily unavailable"), MalformedError("no message")])
def test_numbers_that_cannot_be_read_are_named_and_the_rest_stays(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def broken(*_: object) -> None:
        raise failure

    monkeypatch.setattr(Hub, "nsids_of", broken)
    lab.add("host")
    _container(lab, "c")
    seen = sample(lab)
    assert [unknown.field for unknown in seen.tables[seen.home].unknown] == ["nsids"]
    assert {link.name for link in seen.tables[seen.home].links.values()} == {"lo", "vc"}


def test_without_a_namespace_of_its_own_home_is_still_read_and_the_reason_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Door, "inside_new", refused)
    lab.add("host")
    _container(lab, "c")
    seen = build(sample(lab))
    assert [notice.text for notice in seen.notices if "No space left on device" in notice.text]
    peer = seen.peers[link(seen, lab, "host", "vc")]
    assert (peer.namespace, peer.name) == (place(seen, lab, "c"), "eth0")


def test_without_a_free_descriptor_the_last_look_stands_and_the_reason_is_told(lab: Lab) -> None:
    lab.add("host", "c")
    few, many = resource.getrlimit(resource.RLIMIT_NOFILE)

    def work() -> list[Sample]:
        source = LiveSource()
        try:
            seen = [source.sample(Want())]
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, many))
            seen.append(source.sample(Want()))
            resource.setrlimit(resource.RLIMIT_NOFILE, (few, many))
            return [*seen, source.sample(Want())]
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (few, many))
            source.close()

    before, without, after = at_home_in(lab, "host", work)
    assert without.notices == (Notice("kernel", "cannot be read at the moment: Too many open files"),)
    assert (without.found, without.tables, without.read_at) == (before.found, before.tables, before.read_at)
    assert after.notices == before.notices
    assert after.found.keys() >= {place(before, lab, "c"), before.home}
    assert after.read_at[LinkKey(after.home, 1)] > before.read_at[LinkKey(before.home, 1)]


def test_a_name_whose_namespace_is_not_mounted_yet_is_no_namespace(lab: Lab) -> None:
    lab.add("host")
    half = NETNS / lab.full("half")
    half.touch(mode=0)
    try:
        seen = sample(lab)
    finally:
        half.unlink()
    assert lab.full("half") not in {name for known in seen.found.values() for name in known.names}
    assert seen.tables[seen.home].error is None


def test_a_namespace_of_a_process_alone_and_one_of_a_thread_alone_are_found(lab: Lab) -> None:
    lab.add("host", "later")
    process = lab.start("later", ["sleep", "60"])
    lab.delete("later")
    inode = os.stat(f"/proc/{process.pid}/ns/net").st_ino  # noqa: PTH116
    seen = sample(lab)
    found = next(known for known in seen.found.values() if known.inode == inode)
    assert [(one.pid, one.comm) for one in found.processes] == [(process.pid, "sleep")]
    assert seen.tables[found.id].links.keys() == {1}

    # This process's main thread is elsewhere: the sampling thread is the only one in the lab's host.
    host = seen.found[seen.home]
    assert {source.value for source in host.sources} >= {"mount", "thread"}


_LEADERLESS = """
import ctypes, os, sys, threading, time
libc = ctypes.CDLL(None)
def thread():
    libc.unshare(0x40000000)
    time.sleep(0.1)
    print(os.stat("/proc/thread-self/ns/net").st_ino, flush=True)
    time.sleep(60)
threading.Thread(target=thread).start()
libc.syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
"""


def test_a_thread_that_has_outlived_its_process_is_found(lab: Lab) -> None:
    lab.add("host")
    process = lab.start("host", [sys.executable, "-c", _LEADERLESS])
    assert process.stdout is not None
    inode = int(process.stdout.readline())
    seen = sample(lab)
    found = next(known for known in seen.found.values() if known.inode == inode)
    assert {source.value for source in found.sources} == {"thread"}
    assert seen.tables[found.id].links.keys() == {1}


def test_unchanged_tables_are_the_same_objects_from_sample_to_sample(lab: Lab) -> None:
    lab.add("host", "still")
    lab.ip("still", "link set lo up\n")

    def twice() -> tuple[Sample, Sample]:
        source = LiveSource()
        try:
            first = source.sample(Want())
            time.sleep(1.6)
            return first, source.sample(Want(place=place(first, lab, "still")))
        finally:
            source.close()

    first, second = at_home_in(lab, "host", twice)
    still = place(first, lab, "still")
    assert second.tables[still] is first.tables[still]
    assert second.read_at[LinkKey(still, 1)] > first.read_at[LinkKey(still, 1)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_looking_gives_home_no_number_that_it_did_not_have(lab: Lab, backend: Backend) -> None:
    lab.add("host", "alone")
    _container(lab, "c")
    before = lab.show("host", "netns", "list-id")
    seen = sample(lab, backend)
    assert seen.tables[place(seen, lab, "alone")].error is None
    assert lab.show("host", "netns", "list-id") == before
    assert [row.get("name") for row in before] == [lab.full("c")]


_CHANGES = (
    ("ip", "link add br0 type bridge stp_state 1 forward_delay 200\nlink set br0 addrgenmode none up\n"),
    ("ip", "link set eth0 master br0\n"),
    ("ip", "addr add 10.7.0.1/24 dev br0\n"),
    ("ip", "route add 10.8.0.0/16 via 10.7.0.9\nroute add 10.9.0.0/16 dev br0 table 77\n"),
    ("ip", "rule add priority 7 to 10.9.0.0/16 lookup 77\n"),
    ("ip", "neigh add 10.7.0.9 lladdr 02:00:00:00:00:09 dev br0 nud permanent\n"),
    ("bridge", "fdb add 02:00:00:00:00:09 dev eth0 master static\n"),
    ("ip", "link set eth0 alias changed mtu 1400\nlink property add dev eth0 altname changed\n"),
    ("ip", "addr del 10.7.0.1/24 dev br0\n"),
    ("ip", "rule del priority 7\n"),
    ("ip", "link set br0 down\n"),
    ("ip", "link set eth0 nomaster\n"),
    ("ip", "link set eth0 name renamed\n"),
    ("ip", "link del br0\n"),
)


def test_every_change_shows_within_two_seconds_also_where_the_kernel_tells_only_half(lab: Lab) -> None:
    lab.add("host")
    _container(lab, "c")

    def read() -> Tables:
        with NativeReader() as reader:
            return reader.tables().tables

    with _polling(lab) as (poller, updates):
        namespace = place(updates[-1].snapshot, lab, "c")
        poller.want(Want(place=namespace))
        for tool, commands in _CHANGES:
            (lab.ip if tool == "ip" else lab.bridge)("c", commands)
            assert wait(lambda: _same(updates[-1].snapshot.namespaces[namespace].tables, at_home_in(lab, "c", read)), 2), commands


def test_what_changes_after_a_storm_of_events_is_not_missed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_BUFFER", 4096)
    lab.add("host", "storm", "quiet")

    def work() -> Tables:
        source = LiveSource()
        try:
            source.sample(Want())
            lab.ip("storm", "".join(f"addr add 10.9.0.{number}/32 dev lo\n" for number in range(1, 200)))
            seen = source.sample(Want())
            assert len(seen.tables[place(seen, lab, "storm")].addresses) == 199
            lab.ip("quiet", "addr add 10.7.0.1/32 dev lo\n")
            seen = source.sample(Want())
            return seen.tables[place(seen, lab, "quiet")]
        finally:
            source.close()

    assert [address.address for address in at_home_in(lab, "host", work).addresses] == ["10.7.0.1"]


def _same(shown: Tables, fresh: Tables) -> bool:
    fields = ("links", "addresses", "routes", "rules", "neighbours", "fdb")
    return all(getattr(shown, field) == getattr(fresh, field) for field in fields)
