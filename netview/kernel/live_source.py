"""Samples of the running kernel."""

import os
import pwd
import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Literal, Protocol

from netview.decode.netlink import MalformedError
from netview.kernel.discover import Discovery, Sighting, Sweep
from netview.kernel.events import EventsLostError
from netview.kernel.holders import Holders
from netview.kernel.hub import Hub
from netview.kernel.processes import InFull
from netview.kernel.reader import MakeReader
from netview.kernel.scan import Memory, NativeReader
from netview.kernel.sockets import monitored
from netview.kernel.sysfs import hardware
from netview.kernel.visit import Asked, Visit, Visitor, why
from netview.kernel.walk import Stray, Walk, astray, strays
from netview.model import Found, FoundBy, Hardware, LinkKey, NamespaceId, Notice, Process, Sample, Sockets, Tables, Unknown

Backend = Literal["native", "pyroute2"]
# Where nothing tells of changes: between two full readings lies at least this many times what the last one took, but never
# more than the longest wait.
_REST, _LONGEST_S = 10.0, 1.4
# Not every change is told: each namespace is read again after this long all the same, a few at a time.
_ROLLING_S, _ROLLING_SHARE = 60.0, 40
# A wire that leads nowhere known has all processes looked at, but no more often than this.
_CLOSER_S = 2.0
_UNOPENED = "cannot be asked for from outside"
Visits = list[tuple[Visit, Sighting | None]]
"""What was read, and how it was found; None: from outside."""


class Wanted(Protocol):
    """What a front end shows (live.Want)."""

    @property
    def place(self) -> NamespaceId | None:
        """The namespace that is open."""

    @property
    def sockets(self) -> str:
        """Whose sockets are read: "place", "all", or nobody's."""


class LiveSource:
    """Reads every namespace that can be entered; made anywhere, then used by one thread.

    `thorough`: the first sample has all that can be found; else what is costly to find comes with the samples after it.
    """

    def __init__(self, backend: Backend = "native", *, thorough: bool = False) -> None:
        self._memory = Memory()
        self._make_reader = _maker(backend, self._memory)
        self._discovery = Discovery(thorough=thorough)
        self._thorough = thorough
        self._walk: Walk | None = None
        self._strays: frozenset[Stray] = frozenset()
        self._followed: frozenset[Stray] = frozenset()
        self._closer_at = float("-inf")
        self._closer_cost = 0.0
        self._in_full = InFull()
        self._holders = Holders()
        self._visitor: Visitor | None = None
        self._found: Mapping[NamespaceId, Found] = {}
        self._tables: Mapping[NamespaceId, Tables] = {}
        self._hardware: Mapping[int, Hardware] = {}
        self._read_at: dict[NamespaceId, float] = {}
        self._polled_at = float("-inf")
        self._poll_cost = 0.0
        self._user = _user()
        self._last: Sample | None = None

    def sample(self, want: Wanted) -> Sample:
        """Counters of now, and tables as of the last change; what was known where this look fails as a whole.

        Raises OSError where the first one does, and StrandedError where the thread must end.
        """
        try:
            self._last = self._sample(want)
        except OSError as error:
            if self._last is None:
                raise
            failed = Notice("kernel", f"cannot be read at the moment: {why(error)}")
            return replace(self._last, taken_at=time.time(), notices=(failed,))
        return self._last

    def _sample(self, want: Wanted) -> Sample:
        if self._visitor is None:
            self._visitor = Visitor(self._make_reader)
            self._walk = Walk(self._visitor.numbers) if isinstance(self._visitor.numbers, Hub) else None
        began = time.monotonic()
        stale = self._stale(self._visitor, began)
        sweep = self._discovery.sweep()
        sweep.at(self._visitor.home_inode)
        asked = self._asked(want, stale)
        visits = self._visit_all(self._visitor, sweep, asked) + self._outside()
        home = next(visit.id for visit, sighting in visits if sighting and sighting.inode == self._visitor.home_inode)
        before = self._tables.get(home)
        self._digest(self._visitor, visits, want.place)
        if self._thorough or self._last is not None:
            visits = self._complete(self._visitor, sweep, visits, asked, want.place)
        if stale is None:
            self._polled_at = time.monotonic()
            self._poll_cost = self._polled_at - began
        if self._tables[home] is not before:
            self._hardware = hardware(self._tables[home].links)
        return Sample(
            taken_at=time.time(),
            kernel=os.uname().release,
            hostname=os.uname().nodename,
            user=self._user,
            home=home,
            found=self._found,
            tables=self._tables,
            counters={LinkKey(visit.id, ifindex): row for visit, _ in visits for ifindex, row in visit.counters.items()},
            read_at={LinkKey(visit.id, ifindex): visit.read_at for visit, _ in visits for ifindex in visit.counters},
            hardware=self._hardware,
            notices=_notices(sweep, self._visitor.handicap),
            sockets=self._sockets(visits, want, all_seen=not sweep.hidden),
        )

    def close(self) -> None:
        """End the private namespace that peers are resolved in."""
        if self._visitor is not None:
            self._visitor.close()
            self._visitor = None

    def _stale(self, visitor: Visitor, now: float) -> AbstractSet[NamespaceId] | None:
        """The namespaces whose tables are to be read anew; None: all of them."""
        try:
            changed = visitor.numbers.changed()
        except EventsLostError:
            return None
        if changed is None:
            return None if now - self._polled_at >= min(self._poll_cost * _REST, _LONGEST_S) else frozenset()
        oldest = sorted((at, namespace) for namespace, at in self._read_at.items() if now - at > _ROLLING_S)
        return changed | {namespace for _, namespace in oldest[: 1 + len(self._read_at) // _ROLLING_SHARE]}

    def _asked(self, want: Wanted, stale: AbstractSet[NamespaceId] | None) -> Asked:
        def known(namespace: NamespaceId) -> AbstractSet[int] | None:
            tables = None if stale is None or namespace in stale else self._tables.get(namespace)
            return None if tables is None else tables.links.keys()

        return Asked(known, lambda namespace: _serves(want, namespace), monitored() if want.sockets else frozenset())

    def _complete(self, visitor: Visitor, sweep: Sweep, visits: Visits, asked: Asked, place: NamespaceId | None) -> Visits:
        """Follow the wires that lead nowhere known: look closer, then from outside."""
        lost, now = strays(self._tables), time.monotonic()
        # What begins or ends may be between two states; what stays unknown from one beat to the next is hidden.
        stay = lost if self._last is None else lost & self._strays
        if (
            self._last is not None
            and not lost <= self._strays
            and now - self._closer_at >= max(_CLOSER_S, _REST * self._closer_cost)
        ):
            closer = self._discovery.sweep(closer=True)
            new = Sweep({inode: found for inode, found in closer.sightings.items() if inode not in sweep.sightings})
            visits = visits + self._visit_all(visitor, new, asked)
            self._digest(visitor, visits, place)
            lost = strays(self._tables)
            stay &= lost
            self._strays = lost
            self._closer_at, self._closer_cost = now, time.monotonic() - now
        self._strays = lost if self._last is None else self._strays & lost
        self._followed &= lost
        if self._walk is not None and self._walk.follow(stay - self._followed):
            visits = [(visit, sighting) for visit, sighting in visits if sighting is not None] + self._outside()
            self._digest(visitor, visits, place)
        self._followed |= stay
        return visits

    def _visit_all(self, visitor: Visitor, sweep: Sweep, asked: Asked) -> Visits:
        # Home first: its dump gives its peers the numbers that are asked for afterwards.
        ordered = sorted(sweep.sightings.values(), key=lambda sighting: sighting.inode != visitor.home_inode)
        visits = ((visitor.visit(sighting, asked), sighting) for sighting in ordered)
        seen: Visits = [(visit, sighting) for visit, sighting in visits if visit is not None]
        return seen

    def _outside(self) -> Visits:
        return [] if self._walk is None else [(visit, None) for visit in self._walk.read()]

    def _digest(self, visitor: Visitor, visits: Visits, place: NamespaceId | None) -> None:
        """Renew what changed, and only that: unchanged tables stay the same objects."""
        alive = {visit.id for visit, _ in visits}
        visitor.numbers.keep(alive)
        others = alive != self._tables.keys()
        tables = {
            visit.id: self._tables_of(visitor, visit, alive if others else None, outside=sighting is None)
            for visit, sighting in visits
        }
        if tables.keys() != self._tables.keys() or any(tables[i] is not self._tables[i] for i in tables):
            self._tables = tables
        found = {visit.id: self._found_of(visit, sighting, place) for visit, sighting in visits}
        if found != self._found:
            self._found = found
        read = {visit.id: visit.read_at for visit, _ in visits if visit.read is not None}
        if read:
            self._memory.age()
        self._read_at = {namespace: at for namespace, at in (self._read_at | read).items() if namespace in alive}

    def _tables_of(self, visitor: Visitor, visit: Visit, alive: AbstractSet[NamespaceId] | None, *, outside: bool) -> Tables:
        before = self._tables.get(visit.id)
        if visit.read is not None:
            tables = visit.read.tables if outside else _with_nsids(visit.read.tables, visitor, visit.id)
            return before if before is not None and _equal(before, tables) else tables
        if before is None or before.error != visit.error:
            return Tables(error=visit.error)
        # A peer's namespace may be found a beat later than the peer, and bear another name once it can be opened.
        if alive is not None and any(astray(link, before, alive) for link in before.links.values()):
            tables = _with_nsids(before, visitor, visit.id)
            return before if _equal(before, tables) else tables
        return before

    def _sockets(self, visits: Visits, want: Wanted, *, all_seen: bool) -> dict[NamespaceId, Sockets]:
        """What was asked for, with the processes that hold it."""
        self._holders.refresh()
        return {
            visit.id: Sockets(unknown=visit.error or _UNOPENED)
            if visit.sockets is None
            else self._holders.named(visit.sockets, self._found[visit.id].processes, all_seen=all_seen)
            for visit, _ in visits
            if _serves(want, visit.id)
        }

    def _found_of(self, visit: Visit, sighting: Sighting | None, place: NamespaceId | None) -> Found:
        if sighting is None:
            return Found(visit.id, None, frozenset({FoundBy.VETH}))
        processes: tuple[Process, ...] = sighting.seniority()
        if visit.id == place:
            processes = self._in_full.read(processes)
        return Found(
            visit.id,
            sighting.inode,
            frozenset(sighting.sources),
            tuple(sighting.paths),
            tuple(sighting.names),
            processes,
            visit.owner_uid,
        )


def _maker(backend: Backend, memory: Memory) -> MakeReader:
    if backend == "native":
        return lambda: NativeReader(memory)
    # pyroute2 takes 116 ms to import.
    from netview.kernel.pyroute2_source import Pyroute2Reader  # noqa: PLC0415

    return Pyroute2Reader


def _serves(want: Wanted, namespace: NamespaceId) -> bool:
    return want.sockets == "all" or (want.sockets == "place" and want.place == namespace)


def _with_nsids(tables: Tables, visitor: Visitor, namespace: NamespaceId) -> Tables:
    """Its tables with its numbers for others, or with the reason why those are unknown."""
    try:
        return replace(tables, nsids=visitor.numbers.nsids_of(namespace))
    except (OSError, MalformedError) as error:
        return replace(tables, unknown=(*tables.unknown, Unknown("nsids", why(error))))


def _equal(one: Tables, other: Tables) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in Tables.__slots__)


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _notices(sweep: Sweep, handicap: str | None) -> tuple[Notice, ...]:
    notices = []
    if handicap is not None:
        text = f"no namespace for netview itself ({handicap}): only home's peers are known, and changes are polled"
        notices.append(Notice("kernel", text))
    if sweep.hidden:
        whose = "1 process" if sweep.hidden == 1 else f"{sweep.hidden} processes"
        remedy = ": run as root, or with CAP_SYS_PTRACE and CAP_SYS_ADMIN" if os.geteuid() else ""
        notices.append(Notice("processes", f"{whose} may not be asked for a namespace (permission denied){remedy}"))
    if sweep.unasked:
        whose = "1 process" if sweep.unasked == 1 else f"{sweep.unasked} processes"
        notices.append(
            Notice("processes", f"what {whose} hold open may not be looked at: namespaces that only they hold are missing")
        )
    if sweep.uncounted:
        whose = "1 process has" if sweep.uncounted == 1 else f"{sweep.uncounted} processes have"
        notices.append(Notice("processes", f"{whose} more descriptors than are looked at"))
    if sweep.unshown and os.geteuid():
        notices.append(Notice("processes", "/proc is mounted with hidepid and leaves out those of other users: run as root"))
    return tuple(notices)
