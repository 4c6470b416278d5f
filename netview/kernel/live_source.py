"""Samples of the running kernel: read once, then followed by what the kernel tells."""

import os
import pwd
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from netview.decode.netlink import MalformedError
from netview.kernel.bell import Bell
from netview.kernel.counters import Beat, Counters, Readings
from netview.kernel.holders import Holders
from netview.kernel.inventory import Inventory
from netview.kernel.ledger import Entry
from netview.kernel.notices import notices
from netview.kernel.place import Place
from netview.kernel.reader import MakeReader
from netview.kernel.scan import Memory, NativeReader
from netview.kernel.sockets import Protocol, monitored, read_sockets
from netview.kernel.sysfs import Devices
from netview.kernel.tracing_instances import remove_left_over
from netview.kernel.visit import Visitor, why
from netview.kernel.wanted import Wanted
from netview.model import LinkKey, NamespaceId, Notice, Sample, Sockets, StatsTable, Tables
from netview.model.host_facts import HostFacts
from netview.model.stats import row_of, table_of

if TYPE_CHECKING:
    from netview.derive.path.questions import Answer, Believed, Question
    from netview.model.ruleset import Ruleset

Backend = Literal["native", "pyroute2"]
_APART_S = 0.1
"""Changes are told at least this far apart, ..."""
_GATHER_S = 0.002
"""... and the first one this long after the kernel told of it: seldom does one thing change alone."""
_FACTS_S = 10.0
"""A container's files seldom change."""
_UNOPENED = "cannot be asked for from outside"


class LiveSource:
    """Follows every namespace that can be entered; made anywhere, then used by one thread.

    `thorough`: the first sample has all that can be found; else what is costly to find comes with the samples after it.
    `staged`: it has links and addresses alone, and all other tables are what changes first.
    """

    def __init__(self, backend: Backend = "native", *, thorough: bool = False, staged: bool = False) -> None:
        self._memory = Memory()
        self._make_reader = _maker(backend, self._memory)
        # What pyroute2 is to tell, no other decoder does.
        self._follows = backend == "native"
        self._thorough = thorough
        self._staged = staged and self._follows
        self._bell = Bell()
        self._inventory: Inventory | None = None
        self._counters = Counters()
        self._devices = Devices()
        self._holders = Holders()
        self._rules: dict[NamespaceId, Ruleset] = {}
        self._known_facts: dict[int, tuple[float, HostFacts]] = {}
        self._user = _user()
        self._told_at = float("-inf")
        self._last: Sample | None = None
        remove_left_over()

    def sample(self, want: Wanted) -> Sample:
        """Everything as of now, counters too; what was known where this look fails as a whole.

        Raises OSError where the first one does, and StrandedError where the thread must end.
        """
        return self._or_last(lambda: self._beat(want))

    def changes(self, want: Wanted) -> Sample:
        """Everything but counters and sockets as of now: those are as of the last sample, but for new links' counters."""
        return self._or_last(lambda: self._step(want))

    def answer(self, question: "Question") -> "Answer":
        """What a path asks for, as of now; for the thread that takes the samples, after the first one."""
        # Only a path waits for these.
        from netview.derive.path.questions import AskBelieved, AskControlled, AskSockets, Unanswered  # noqa: PLC0415
        from netview.kernel.questions import answered  # noqa: PLC0415

        inventory = self._inventory
        entry = None if inventory is None else inventory.ledger.entries.get(question.namespace)
        if inventory is None or entry is None:
            return Unanswered("it is gone")
        if isinstance(question, AskSockets):
            self._holders.refresh()
            return self._sockets_of(inventory, entry, monitored())
        if isinstance(question, AskControlled):
            from netview.kernel.control_groups import controlled  # noqa: PLC0415

            at_home = entry.id == inventory.home
            oldest = next((one.pid for one in entry.found.processes), None)
            return controlled(question.pid or (os.getpid() if at_home else oldest))
        if isinstance(question, AskBelieved):
            return _believed(inventory, entry)
        return answered(question, inventory.visitor, entry.sighting, self._rules)

    def wait(self, seconds: float) -> bool:
        """Sleep this long; True as soon as the kernel tells of a change, ten times a second at most. `wake` ends it."""
        ends = time.monotonic() + seconds
        inventory = self._inventory
        due = float("inf") if inventory is None else inventory.next_due()
        ready = self._bell.wait(min(ends, due), {} if inventory is None else inventory.files())
        if ready is None or inventory is None or not (ready or due < ends):
            return False
        inventory.ready(ready)
        begins = max(time.monotonic() + _GATHER_S, self._told_at + _APART_S)
        if self._bell.wait(min(begins, ends), {}) is None or begins >= ends:
            return False
        self._told_at = time.monotonic()
        return True

    def wake(self) -> None:
        """End the wait under way, or the next one; from any thread."""
        self._bell.ring()

    def close(self) -> None:
        """End the private namespace that peers are resolved in."""
        if self._inventory is not None:
            self._inventory.close()
            self._inventory = None
        self._bell.close()

    def _or_last(self, look: Callable[[], Sample]) -> Sample:
        try:
            self._last = look()
        except OSError as error:
            if self._last is None:
                raise
            failed = Notice("kernel", f"cannot be read at the moment: {why(error)}")
            return replace(self._last, taken_at=time.time(), notices=(failed,))
        return self._last

    def _beat(self, want: Wanted) -> Sample:
        if self._inventory is None:
            visitor = Visitor(self._make_reader)
            self._inventory = Inventory(
                visitor, self._memory, follows=self._follows, thorough=self._thorough, staged=self._staged
            )
        inventory = self._inventory
        inventory.renew(want.place, beat=True)
        ledger, home = inventory.ledger, inventory.home
        sightings = {entry.id: entry.sighting for entry in ledger.entries.values() if entry.sighting is not None}
        fresh = inventory.fresh
        readings = self._counters.read(Beat(inventory.visitor, home, ledger.tables, sightings, fresh, inventory.gone, want))
        inventory.taken()
        return Sample(
            taken_at=time.time(),
            kernel=os.uname().release,
            hostname=os.uname().nodename,
            user=self._user,
            home=home,
            found=ledger.found,
            tables=ledger.tables,
            counters=readings.counters,
            read_at=readings.read_at,
            mirrored=readings.mirrored,
            hardware=self._devices.hardware(ledger.tables[home].links),
            notices=self._notices(inventory),
            sockets=self._sockets(inventory, want),
            facts=self._facts(inventory, want),
        )

    def _step(self, want: Wanted) -> Sample:
        inventory, last = self._inventory, self._last
        if inventory is None or last is None:
            return self._beat(want)
        inventory.renew(want.place, beat=False)
        found, tables = inventory.ledger.found, inventory.ledger.tables
        known = self._counted(inventory, last, tables)._asdict()
        return replace(last, taken_at=time.time(), found=found, tables=tables, notices=self._notices(inventory), **known)

    def _counted(self, inventory: Inventory, last: Sample, tables: Mapping[NamespaceId, Tables]) -> Readings:
        """The last counters; of links that came or went, what is known now."""
        ended = inventory.gone
        if tables is last.tables and not ended:
            return Readings(last.counters, last.read_at, last.mirrored)
        changed = {key.namespace for key in ended} | {
            namespace
            for namespace in tables.keys() | last.tables.keys()
            if tables.get(namespace) is not last.tables.get(namespace)
            and _links(tables.get(namespace)) != _links(last.tables.get(namespace))
        }
        if not changed:
            return Readings(last.counters, last.read_at, last.mirrored)
        table = table_of(last.counters)
        before = table.rows
        rows = {key: row for key, row in before.items() if key.namespace not in changed}
        read_at = {key: at for key, at in last.read_at.items() if key.namespace not in changed}
        for namespace in changed & tables.keys():
            for ifindex in tables[namespace].links:
                key = LinkKey(namespace, ifindex)
                if key in before and key not in ended:
                    rows[key], read_at[key] = before[key], last.read_at[key]
                elif (came := inventory.counted(key)) is not None:
                    read_at[key], rows[key] = came[0], row_of(came[1])
        mirrored = {key: at for key, at in last.mirrored.items() if key in rows and key not in ended}
        mirrors = {mirror: peer for mirror, peer in table.mirrors.items() if mirror in mirrored and peer in rows}
        rows |= {mirror: row for mirror in mirrored.keys() - mirrors if (row := table.row(mirror)) is not None}
        return Readings(StatsTable(rows, mirrors), read_at, mirrored)

    def _notices(self, inventory: Inventory) -> tuple[Notice, ...]:
        visitor = inventory.visitor
        numbers = visitor.numbers
        return notices(inventory.sweep, visitor.handicap, everywhere=numbers.everywhere, dropped=numbers.dropped())

    def _facts(self, inventory: Inventory, want: Wanted) -> dict[int, HostFacts]:
        """What was asked for, by process; read again after a while."""
        if not want.facts:
            return {}
        from netview.kernel.host_files import host_facts, roots  # noqa: PLC0415 - few ask for them

        now = time.monotonic()
        found: dict[int, HostFacts] = {}
        for entry in inventory.ledger.entries.values():
            if want.facts not in {"all", entry.id}:
                continue
            for pid in roots(entry.found.processes):
                read_at, facts = self._known_facts.get(pid, (float("-inf"), None))
                if facts is None or now > read_at + _FACTS_S:
                    read_at, facts = now, host_facts(inventory.visitor.expendable, pid)
                self._known_facts[pid] = read_at, facts
                found[pid] = facts
        self._known_facts = {pid: known for pid, known in self._known_facts.items() if pid in found}
        return found

    def _sockets(self, inventory: Inventory, want: Wanted) -> dict[NamespaceId, Sockets]:
        """What was asked for, with the processes that hold it."""
        if not want.sockets:
            return {}
        self._holders.refresh()
        protocols = monitored()
        return {
            entry.id: self._sockets_of(inventory, entry, protocols)
            for entry in inventory.ledger.entries.values()
            if want.sockets == "all" or want.place == entry.id
        }

    def _sockets_of(self, inventory: Inventory, entry: Entry, protocols: frozenset[Protocol]) -> Sockets:
        read = None
        if entry.sighting is not None:
            read = inventory.visitor.at(entry.sighting, entry.id, lambda _, place: _read_sockets(protocols, place))
        if read is None:
            return Sockets(unknown=entry.tables.error or _UNOPENED)
        return self._holders.named(read, entry.found.processes, all_seen=not inventory.sweep.hidden)


def _believed(inventory: Inventory, entry: Entry) -> "Believed":
    from netview.derive.path.questions import Believed  # noqa: PLC0415 - as for a path
    from netview.kernel.host_files import resolving, roots  # noqa: PLC0415 - as for all facts

    return Believed({pid: resolving(inventory.visitor.expendable, pid) for pid in roots(entry.found.processes)})


def _links(tables: Tables | None) -> object:
    return None if tables is None else tables.links.keys()


def _read_sockets(protocols: frozenset[Protocol], place: Place) -> Sockets:
    try:
        return read_sockets(protocols, place=place)
    except (OSError, MalformedError) as error:
        return Sockets(unknown=why(error))


def _maker(backend: Backend, memory: Memory) -> MakeReader:
    if backend == "native":
        return partial(NativeReader, memory=memory)
    # pyroute2 takes 116 ms to import.
    from netview.kernel.pyroute2_source import Pyroute2Reader  # noqa: PLC0415

    return Pyroute2Reader


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
