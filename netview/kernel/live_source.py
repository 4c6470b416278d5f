"""Samples of the running kernel."""

import os
import pwd
import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Literal, Protocol

from netview.kernel.discover import Discovery, Sighting, Sweep
from netview.kernel.processes import InFull
from netview.kernel.reader import MakeReader
from netview.kernel.scan import Memory, NativeReader
from netview.kernel.sysfs import hardware
from netview.kernel.visit import Visit, Visitor
from netview.model import Found, Hardware, LinkKey, NamespaceId, Notice, Process, Sample, Tables

Backend = Literal["native", "pyroute2"]
# Between two full readings lies at least this many times what the last one took, but never more than the longest wait.
_REST, _LONGEST_S = 10.0, 1.4


class Wanted(Protocol):
    """What a front end shows (live.Want)."""

    @property
    def place(self) -> NamespaceId | None:
        """The namespace that is open."""


class LiveSource:
    """Reads every namespace that can be entered; made anywhere, then used by one thread."""

    def __init__(self, backend: Backend = "native") -> None:
        self._memory = Memory()
        self._make_reader = _maker(backend, self._memory)
        self._discovery = Discovery()
        self._in_full = InFull()
        self._visitor: Visitor | None = None
        self._found: Mapping[NamespaceId, Found] = {}
        self._tables: Mapping[NamespaceId, Tables] = {}
        self._hardware: Mapping[int, Hardware] = {}
        self._full_at = float("-inf")
        self._full_cost = 0.0

    def sample(self, want: Wanted) -> Sample:
        """Counters of now and tables at most 1.5 s old; raises StrandedError where the thread must end."""
        if self._visitor is None:
            self._visitor = Visitor(self._make_reader)
        began = time.monotonic()
        full = began - self._full_at >= min(self._full_cost * _REST, _LONGEST_S)
        sweep = self._discovery.sweep()
        sweep.at(self._visitor.home_inode)
        visits = self._visit_all(self._visitor, sweep, full=full)
        home = next(visit.id for visit, sighting in visits if sighting.inode == self._visitor.home_inode)
        self._digest(self._visitor, visits, want.place)
        if full:
            self._hardware = hardware(self._tables[home].links)
            self._memory.age()
            self._full_at = time.monotonic()
            self._full_cost = self._full_at - began
        return Sample(
            taken_at=time.time(),
            kernel=os.uname().release,
            hostname=os.uname().nodename,
            user=_user(),
            home=home,
            found=self._found,
            tables=self._tables,
            counters={LinkKey(visit.id, ifindex): row for visit, _ in visits for ifindex, row in visit.counters.items()},
            read_at={visit.id: visit.read_at for visit, _ in visits},
            hardware=self._hardware,
            notices=_notices(sweep),
        )

    def close(self) -> None:
        """End the private namespace that peers are resolved in."""
        if self._visitor is not None:
            self._visitor.close()
            self._visitor = None

    def _visit_all(self, visitor: Visitor, sweep: Sweep, *, full: bool) -> list[tuple[Visit, Sighting]]:
        def known(namespace: NamespaceId) -> AbstractSet[int] | None:
            tables = None if full else self._tables.get(namespace)
            return None if tables is None else tables.links.keys()

        # Home first: its dump gives its peers the numbers that are asked for afterwards.
        ordered = sorted(sweep.sightings.values(), key=lambda sighting: sighting.inode != visitor.home_inode)
        visits = ((visitor.visit(sighting, known), sighting) for sighting in ordered)
        return [(visit, sighting) for visit, sighting in visits if visit is not None]

    def _digest(self, visitor: Visitor, visits: list[tuple[Visit, Sighting]], place: NamespaceId | None) -> None:
        """Renew what changed, and only that: unchanged tables stay the same objects."""
        visitor.numbers.keep({visit.id for visit, _ in visits})
        tables = {visit.id: self._tables_of(visitor, visit) for visit, _ in visits}
        if tables.keys() != self._tables.keys() or any(tables[i] is not self._tables[i] for i in tables):
            self._tables = tables
        found = {visit.id: self._found_of(visit, sighting, place) for visit, sighting in visits}
        if found != self._found:
            self._found = found

    def _tables_of(self, visitor: Visitor, visit: Visit) -> Tables:
        before = self._tables.get(visit.id)
        if visit.read is None:
            if before is not None and before.error == visit.error:
                return before
            return Tables(error=visit.error)
        tables = replace(visit.read.tables, nsids=visitor.numbers.nsids_of(visit.id))
        return before if before is not None and _equal(before, tables) else tables

    def _found_of(self, visit: Visit, sighting: Sighting, place: NamespaceId | None) -> Found:
        processes: tuple[Process, ...] = sighting.seniority()
        if visit.id == place:
            processes = self._in_full.read(processes)
        return Found(
            visit.id, sighting.inode, frozenset(sighting.sources), tuple(sighting.paths), tuple(sighting.names), processes
        )


def _maker(backend: Backend, memory: Memory) -> MakeReader:
    if backend == "native":
        return lambda: NativeReader(memory)
    # pyroute2 takes 116 ms to import.
    from netview.kernel.pyroute2_source import Pyroute2Reader  # noqa: PLC0415

    return Pyroute2Reader


def _equal(one: Tables, other: Tables) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in Tables.__slots__)


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _notices(sweep: Sweep) -> tuple[Notice, ...]:
    if not sweep.hidden:
        return ()
    whose = "1 process" if sweep.hidden == 1 else f"{sweep.hidden} processes"
    remedy = "" if os.geteuid() == 0 else ": run as root, or with CAP_SYS_PTRACE and CAP_SYS_ADMIN"
    return (Notice("processes", f"{whose} may not be asked for a namespace (permission denied){remedy}"),)
