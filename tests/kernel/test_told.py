"""A source that is told: what it reads then, when it wakes, and what it does where something went unsaid."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from netview.kernel import events, inventory, ledger
from netview.kernel.discover import Sighting
from netview.kernel.live_source import LiveSource
from netview.kernel.reader import EVERY, Read
from netview.kernel.scan import NativeReader
from netview.kernel.visit import Visit, Visitor
from netview.live import Want
from netview.model import NamespaceId, Sample
from netview.model.change import TableName
from tests.kernel.lab import Lab, wait
from tests.kernel.looking import BACKENDS, Backend, at_home_in, place

_ENTERS = """
import ctypes, os, sys, time
print(flush=True)
sys.stdin.readline()
ctypes.CDLL(None).setns(os.open(sys.argv[1], 0), 0)
time.sleep(60)
"""


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each namespace was read in full, by its inode."""
    counted: Counter[int] = Counter()
    visit = Visitor.visit

    def counting(self: Visitor, sighting: Sighting, wanted: AbstractSet[TableName] = EVERY) -> Visit | None:
        counted[sighting.inode] += 1
        return visit(self, sighting, wanted)

    monkeypatch.setattr(Visitor, "visit", counting)
    return counted


def _with_source(lab: Lab, work: Callable[[LiveSource], object], backend: Backend = "native") -> None:
    """Use a source that is at home in the lab's host and has seen everything once."""

    def go() -> None:
        source = LiveSource(backend)
        try:
            source.sample(Want())
            source.sample(Want())
            work(source)
        finally:
            source.close()

    at_home_in(lab, "host", go)


def _names(seen: Sample, namespace: NamespaceId) -> set[str]:
    return {link.name for link in seen.tables[namespace].links.values()}


def _wired(lab: Lab) -> None:
    lab.add("host", "a", "b")
    lab.ip("a", "link add v type veth peer name w netns @b\nlink set lo up\nlink set v addrgenmode none up\n")
    lab.ip("b", "link set w addrgenmode none up\n")


def test_where_nothing_changes_nobody_is_read_again(lab: Lab, visits: Counter[int]) -> None:
    _wired(lab)

    def work(source: LiveSource) -> None:
        ours = {lab.inode(name) for name in ("host", "a", "b")}
        before = source.sample(Want())
        visits.clear()
        after = source.sample(Want())
        assert not ours & visits.keys()
        for name in ("host", "a", "b"):
            assert after.tables[place(after, lab, name)] is before.tables[place(before, lab, name)]

    _with_source(lab, work)


def test_a_links_event_is_applied_and_no_links_are_dumped(
    lab: Lab, visits: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _wired(lab)
    lab.ip("host", "link add one type veth peer name two\n")

    def dumped(_: NativeReader) -> None:
        pytest.fail("links were dumped")

    def work(source: LiveSource) -> None:
        visits.clear()
        with monkeypatch.context() as patch:
            patch.setattr(NativeReader, "_links", dumped)
            lab.ip(
                "host", "link set one name renamed\nlink set two up\nlink set renamed mtu 1400 up\naddr add 10.7.0.1/24 dev two\n"
            )
            lab.ip("a", "link set v alias told\n")
            seen = source.changes(Want())
            # What is read again may rest a little.
            time.sleep(0.05)
            seen = source.changes(Want())
        assert _names(seen, seen.home) == {"lo", "renamed", "two"}
        host, a = seen.tables[seen.home], seen.tables[place(seen, lab, "a")]
        assert {link.alias for link in a.links.values()} == {None, "told"}
        assert "10.7.0.1" in {address.address for address in host.addresses}
        assert "10.7.0.0/24" in {route.dst for route in host.routes}

    _with_source(lab, work)


def test_counters_stay_between_samples_and_a_new_link_brings_its_own(lab: Lab) -> None:
    _wired(lab)

    def work(source: LiveSource) -> None:
        before = source.sample(Want())
        lab.ip("a", "link set v mtu 1400\n")
        after = source.changes(Want())
        assert after.counters is before.counters
        assert after.read_at is before.read_at
        assert after.tables[place(after, lab, "a")] is not before.tables[place(before, lab, "a")]
        lab.ip("a", "link add new type veth peer name other\nlink del v\n")
        after = source.changes(Want())
        a = place(after, lab, "a")
        names = {ifindex: link.name for ifindex, link in after.tables[a].links.items()}
        assert {names[key.ifindex] for key in after.counters if key.namespace == a} == {"lo", "new", "other"}
        assert after.counters.keys() == after.read_at.keys()
        lo = next(key for key in after.counters if key.namespace == a and names[key.ifindex] == "lo")
        assert after.read_at[lo] == before.read_at[lo]

    _with_source(lab, work)


def test_what_was_lost_is_made_up_for_by_reading_everything_once(
    lab: Lab, visits: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_BUFFER", 4096)
    _wired(lab)

    def work(source: LiveSource) -> None:
        ours = {lab.inode(name) for name in ("host", "a", "b")}
        source.sample(Want())  # So small a buffer may overflow from the first moment on.
        visits.clear()
        lab.ip("a", "".join(f"addr add 10.9.0.{number}/32 dev lo\n" for number in range(1, 200)))
        seen = source.changes(Want())
        assert len(seen.tables[place(seen, lab, "a")].addresses) >= 199
        assert any("events were dropped" in notice.text for notice in seen.notices)
        assert [visits[inode] for inode in ours] == [1, 1, 1]
        for _ in range(3):
            source.changes(Want())
        assert [visits[inode] for inode in ours] == [1, 1, 1]

    _with_source(lab, work)


def test_a_dump_during_which_something_changed_is_repeated_once_and_later(
    lab: Lab, visits: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_AGAIN_S", 0.3)
    _wired(lab)
    tables = NativeReader.tables
    inode = lab.inode("a")

    def interrupted(self: NativeReader, wanted: AbstractSet[TableName]) -> Read:
        here = Path("/proc/thread-self/ns/net").stat().st_ino
        return tables(self, wanted)._replace(interrupted=here == inode and visits[inode] == 1)

    monkeypatch.setattr(NativeReader, "tables", interrupted)

    def work(source: LiveSource) -> None:
        assert visits[inode] == 1
        time.sleep(0.4)
        for _ in range(3):
            source.changes(Want())
        assert visits[inode] == 2

    _with_source(lab, work)


def test_everybody_is_read_again_some_time(lab: Lab, visits: Counter[int], monkeypatch: pytest.MonkeyPatch) -> None:
    _wired(lab)
    monkeypatch.setattr(inventory, "_ROLLING_S", 0.2)
    monkeypatch.setattr(inventory, "_ROLLING_AT_ONCE", 1000)

    def work(source: LiveSource) -> None:
        visits.clear()
        time.sleep(0.3)
        source.sample(Want())
        assert [visits[lab.inode(name)] for name in ("host", "a", "b")] == [1, 1, 1]

    _with_source(lab, work)


def _heir(lab: Lab, inode: int, name: str) -> str | None:
    """A new namespace with the inode of one that has ended; None: the number went to a file of /proc/net, as most do."""
    for number in range(12):
        lab.add(f"{name}x{number}")
        if lab.inode(f"{name}x{number}") == inode:
            return f"{name}x{number}"
        time.sleep(0.01)
    return None


def test_a_namespace_with_the_inode_of_one_that_has_just_ended_is_another_one(lab: Lab) -> None:
    lab.add("host")

    def work(source: LiveSource) -> None:
        heirs = []
        for name in map("one{}".format, range(20)):
            lab.add(name)
            lab.ip(name, "link add old type veth peer name other\n")
            before = source.changes(Want())
            old, inode = place(before, lab, name), lab.inode(name)
            lab.delete(name)
            heir = _heir(lab, inode, name)
            after = source.changes(Want())
            assert old not in after.found
            if heir is not None:
                new = place(after, lab, heir)
                assert new != old
                assert _names(after, new) == {"lo"}
                heirs.append(heir)
            if len(heirs) == 3:
                break
        assert heirs, "the kernel gave no inode anew"

    _with_source(lab, work)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_change_ends_the_wait_and_is_in_what_comes_then(lab: Lab, backend: Backend) -> None:
    _wired(lab)

    def work(source: LiveSource) -> None:
        while source.wait(0.3):
            source.changes(Want())
        with ThreadPoolExecutor(1) as pool:
            for number in range(5):
                changing = pool.submit(lab.ip, "b", f"link set w up alias a{number}\n")
                aliases: set[str | None] = set()
                ends = time.monotonic() + 5
                while f"a{number}" not in aliases and time.monotonic() < ends:
                    source.wait(5)
                    seen = source.changes(Want())
                    aliases = {link.alias for link in seen.tables[place(seen, lab, "b")].links.values()}
                changing.result(5)
                assert f"a{number}" in aliases

    _with_source(lab, work, backend)


def test_a_storm_wakes_it_ten_times_a_second_at_most(lab: Lab) -> None:
    _wired(lab)
    stop = threading.Event()

    def storm() -> None:
        while not stop.is_set():
            lab.ip("a", "".join(f"link set v mtu {mtu}\n" for mtu in range(1400, 1440)))

    def work(source: LiveSource) -> None:
        with ThreadPoolExecutor(1) as pool:
            storming = pool.submit(storm)
            began, told = time.monotonic(), 0
            while (left := began + 1.5 - time.monotonic()) > 0:
                if source.wait(left):
                    told += 1
                    source.changes(Want())
            stop.set()
            storming.result(10)
        assert 2 <= told <= 16

    _with_source(lab, work)


def test_anybody_may_wake_it_and_else_it_sleeps_as_long_as_it_was_told(lab: Lab) -> None:
    lab.add("host")

    def work(source: LiveSource) -> None:
        while source.wait(0.3):
            source.changes(Want())
        timer = threading.Timer(0.1, source.wake)
        timer.start()
        began = time.monotonic()
        while source.wait(20):
            source.changes(Want())
        assert time.monotonic() - began < 10
        timer.join()
        source.wake()
        source.close()
        source.wake()
        assert source.wait(0.01) is False

    _with_source(lab, work)


def test_a_new_namespace_at_the_end_of_a_wire_is_met_at_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "SWEEP_S", 60.0)
    lab.add("host")

    def work(source: LiveSource) -> None:
        process = _nameless(lab)
        inode = Path(f"/proc/{process}/ns/net").stat().st_ino
        lab.ip("host", f"link add v type veth peer name eth0 netns {process}\n")
        ends = time.monotonic() + 2
        seen = source.changes(Want())
        while inode not in {known.inode for known in seen.found.values()} and time.monotonic() < ends:
            source.wait(0.5)
            seen = source.changes(Want())
        found = next(known for known in seen.found.values() if known.inode == inode)
        assert _names(seen, found.id) == {"lo", "eth0"}

    _with_source(lab, work)


def _nameless(lab: Lab) -> int:
    """A process in a namespace that has no name."""
    lab.add("nameless")
    process = lab.start("nameless", ["sleep", "60"])
    lab.delete("nameless")
    return process.pid


def test_a_process_that_comes_to_the_open_namespace_is_seen_with_the_next_sample(lab: Lab) -> None:
    lab.add("host", "a")

    def pids(seen: Sample) -> set[int]:
        return {process.pid for process in seen.found[place(seen, lab, "a")].processes}

    def work(source: LiveSource) -> None:
        want = Want(place=place(source.sample(Want()), lab, "a"))
        assert pids(source.sample(want)) == set()
        process = lab.start("a", ["sleep", "60"])
        assert pids(source.sample(want)) == {process.pid}
        process.kill()
        process.wait()
        assert pids(source.sample(want)) == set()

    _with_source(lab, work)


def test_a_process_that_enters_another_namespace_is_seen_there_soon(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.add("host", "a")
    monkeypatch.setattr(inventory, "SWEEP_S", 0.1)
    monkeypatch.setattr(inventory, "_SLACK_S", 0.0)
    monkeypatch.setattr("netview.kernel.roster.ROUND_S", 0.5)
    process = subprocess.Popen([sys.executable, "-c", _ENTERS, lab.path("a")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"\n"

        def work(source: LiveSource) -> None:
            assert process.stdin is not None
            time.sleep(0.5)
            source.sample(Want())
            process.stdin.write(b"\n")
            process.stdin.flush()

            def there() -> bool:
                seen = source.sample(Want())
                return process.pid in {one.pid for one in seen.found[place(seen, lab, "a")].processes}

            assert wait(there, 10)

        _with_source(lab, work)
    finally:
        process.kill()
        process.communicate()
