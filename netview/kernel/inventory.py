"""Every namespace that there is: found, read once, and then followed."""

import select
import time
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress

from netview.decode.netlink import MalformedError
from netview.derive.follow import Followed
from netview.kernel.counters import Counted
from netview.kernel.discover import Discovery, Sighting, Sweep
from netview.kernel.events import EventsLostError
from netview.kernel.hub import Hub
from netview.kernel.ledger import Entry, Ledger, missing
from netview.kernel.mounts import Mounts
from netview.kernel.processes import InFull
from netview.kernel.reader import EVERY, FIRST
from netview.kernel.scan import Memory
from netview.kernel.visit import Visitor, why
from netview.kernel.walk import Stray, Walk
from netview.model import Found, FoundBy, LinkKey, LinkStats, NamespaceId, Process, Unknown, UserNamespace
from netview.model.change import TableName

# Where nothing tells of changes: between two full readings lies at least this many times what the last one took, but never
# more than the longest wait.
_REST, _LONGEST_S = 10.0, 1.4
# Not every change is told: each namespace is read again after this long all the same, a few at a time. Among more than some
# hundreds it takes longer to come round, since it costs the same a second then.
_ROLLING_S, _ROLLING_AT_ONCE = 60.0, 4
# What another decoder is to read in full rests this long.
_UNFOLLOWED_S = 1.0
# A wire that leads nowhere known has all processes looked at, but no more often than this.
_CLOSER_S = 2.0
# Not every entry of these is told of: nobody hears of multicast groups and of what is being resolved.
_SILENT: frozenset[TableName] = frozenset({"neighbours", "fdb"})
_MOST_ASKED = 200
_MOST_TOLD = 8
_SLACK_S = 0.3
SWEEP_S = 2.0
"""How late a namespace may be met that nothing hints at, and a process that entered or left one."""


class Inventory:
    """Kept by the one thread that made it.

    `follows`: what is told is applied; else the namespace is read again. `staged`: at first links and addresses are read, and
    the rest right after.
    """

    def __init__(self, visitor: Visitor, memory: Memory, *, follows: bool, thorough: bool, staged: bool = False) -> None:
        self.visitor = visitor
        self._memory = memory
        memory.rereads = not (follows and visitor.numbers.everywhere)
        self.ledger = Ledger()
        self.sweep = Sweep()
        """What the last look over the machine found."""
        self.fresh: dict[NamespaceId, Counted] = {}
        """Counters that came with full readings, until they are taken."""
        self.gone: set[LinkKey] = set()
        """Links that ended meanwhile, likewise; another one may have come in their place."""
        self.home = NamespaceId("")
        """Known once it was read."""
        self._told: dict[LinkKey, tuple[float, LinkStats]] = {}
        self._mounts = Mounts()
        self._discovery = Discovery(thorough=thorough, mounts=self._mounts)
        self._walk = Walk(visitor.numbers) if isinstance(visitor.numbers, Hub) else None
        self._follows = follows
        self._thorough = thorough
        self._staged = staged
        self._first = True
        self._in_full = InFull()
        self._place: NamespaceId | None = None
        self._swept_at = self._polled_at = self._closer_at = float("-inf")
        self._poll_cost = self._closer_cost = 0.0
        self._hinted: frozenset[Stray] = frozenset()
        self._strays: frozenset[Stray] = frozenset()
        self._followed: frozenset[Stray] = frozenset()

    def close(self) -> None:
        """Let go of everything."""
        self._mounts.close()
        self.visitor.close()

    def files(self) -> Mapping[int, int]:
        """Descriptors that tell of changes, with what they are polled for."""
        return {self.visitor.numbers.fileno(): select.POLLIN, self._mounts.fileno(): select.POLLPRI}

    def ready(self, files: Collection[int]) -> None:
        """These told of something: of mounts the kernel says so only once."""
        if self._mounts.fileno() in files:
            self._mounts.told()

    def next_due(self) -> float:
        """When something is to be done though nobody tells of anything (monotonic)."""
        return min(self.ledger.next_due(), self._swept_at + SWEEP_S + _SLACK_S)

    def counted(self, key: LinkKey) -> tuple[float, LinkStats] | None:
        """When a new link's counters were read, and what they were; None: they were not."""
        fresh = self.fresh.get(key.namespace)
        row = None if fresh is None else fresh.rows.get(key.ifindex)
        return self._told.get(key) if fresh is None or row is None else (fresh.read_at, row)

    def taken(self) -> None:
        """The counters that came by the way are in a sample now."""
        self.fresh = {}
        self._told = {}
        self.gone = set()

    def renew(self, place: NamespaceId | None, *, beat: bool) -> None:
        """Come to know what is so now; `place` is open; `beat`: with what is only looked at now and then."""
        began = time.monotonic()
        self._hear()
        polled = beat and self._expire(began)
        due = beat and (place is not None or not self.visitor.numbers.everywhere)
        swept = due or self._mounts.changed() or began - self._swept_at >= SWEEP_S - _SLACK_S
        if swept:
            self._look(place)
        if beat:
            self._look_from_outside()
            self.ledger.doubt_some(place, _SILENT)
        if not (self._staged and self._first):
            self._read_again()
        self._settle()
        # A wire into a namespace not met yet.
        hinted, self._hinted = self.ledger.strays - self._hinted, self.ledger.strays
        if hinted and not swept:
            self._look(place)
            self._settle()
        if beat and (self._thorough or not self._first):
            self._complete(place)
        # Where all is told, hardly anything is read twice: what was is not kept in memory for that.
        if beat and (self.fresh or self.visitor.numbers.everywhere):
            self._memory.age()
        if polled:
            self._polled_at = time.monotonic()
            self._poll_cost = self._polled_at - began
        self._first = self._first and not beat
        self._place = place

    def _hear(self) -> None:
        try:
            told = self.visitor.numbers.heard()
        except EventsLostError:
            self.ledger.doubt()
            self._swept_at = float("-inf")
            return
        self.ledger.drop(told.ended)
        for namespace in told.unclear:
            self._expire_one(namespace)
        now = time.monotonic()
        before, self.gone = self.gone, set()
        for namespace, changes in told.changes.items():
            if self._follows:
                self._tell(namespace, now, self.ledger.follow(namespace, changes))
            else:
                self._expire_one(namespace)
        self.ledger.mind(self.gone)
        self.gone |= before

    def _tell(self, namespace: NamespaceId, at: float, followed: Followed | None) -> None:
        if followed is not None:
            self.gone |= {LinkKey(namespace, ifindex) for ifindex in followed.gone}
            self._told |= {LinkKey(namespace, ifindex): (at, row) for ifindex, row in followed.stats.items()}

    def _expire_one(self, namespace: NamespaceId) -> None:
        entry = self.ledger.entries.get(namespace)
        if entry is not None:
            self.ledger.expire(entry, 0.0 if self._follows else entry.read_at + _UNFOLLOWED_S)

    def _expire(self, now: float) -> bool:
        """What is to be read again though nothing told so; whether that is everything but home."""
        entries = self.ledger.entries
        for entry in self.ledger.oldest(now - _ROLLING_S, _ROLLING_AT_ONCE):
            self.ledger.expire(entry)
        if self.visitor.numbers.everywhere or now - self._polled_at < min(self._poll_cost * _REST, _LONGEST_S):
            return False
        for entry in entries.values():
            if entry.id != self.home:
                self.ledger.expire(entry)
        return True

    def _look(self, place: NamespaceId | None) -> None:
        """Sweep, and meet whoever is new."""
        self._swept_at = time.monotonic()
        entry = None if place is None else self.ledger.entries.get(place)
        inside = None if entry is None or entry.sighting is None else entry.sighting.inode
        self.sweep = self._discovery.sweep(inside=inside)
        self.sweep.at(self.visitor.home_inode)
        # An inode is given anew at once: whoever had it before is told to have ended by now.
        self._hear()
        entries, inodes = self.ledger.entries, self.ledger.inodes
        if place is not None or self._place is not None or not self._are_met(self.sweep.sightings):
            self._meet(self.sweep, place)
            self.ledger.drop(
                [
                    entry.id
                    for entry in entries.values()
                    if entry.sighting is not None
                    and (entry.sighting.inode not in self.sweep.sightings or inodes.get(entry.sighting.inode) != entry.id)
                ]
            )
        self.visitor.numbers.keep({*entries, *(() if self._walk is None else self._walk.known)})

    def _are_met(self, sightings: Mapping[int, Sighting]) -> bool:
        """Whether all of them are known and read, and nobody else is: so it is of most looks."""
        met = 0
        for entry in self.ledger.entries.values():
            sighting = entry.sighting
            if sighting is not None:
                met += 1
                known = self.ledger.inodes.get(sighting.inode) == entry.id and entry.tables.error is None
                if not known or sightings.get(sighting.inode) is not sighting:
                    return False
        return met == len(sightings)

    def _meet(self, sweep: Sweep, place: NamespaceId | None) -> None:
        home = self.visitor.home_inode
        # Home first: its dump gives its peers the numbers that are asked for afterwards.
        for sighting in sorted(sweep.sightings.values(), key=lambda sighting: sighting.inode != home):
            namespace = self.ledger.inodes.get(sighting.inode)
            entry = None if namespace is None else self.ledger.entries.get(namespace)
            if entry is None or entry.tables.error is not None:
                self._visit(sighting, place)
            elif sighting is not entry.sighting or entry.id in {place, self._place}:
                self.ledger.sight(entry, self._found(entry.id, sighting, entry.found.user_namespace, place), sighting)

    def _visit(self, sighting: Sighting, place: NamespaceId | None) -> NamespaceId | None:
        """Read it in full; None: it is gone."""
        wanted = FIRST if self._staged and self._first else EVERY
        visit = self.visitor.visit(sighting, wanted)
        if visit is None:
            return None
        entry = self.ledger.put(visit, self._found(visit.id, sighting, visit.user_namespace, place), sighting)
        self.ledger.lack(entry, EVERY - wanted)
        if visit.read is not None:
            self.fresh[visit.id] = Counted(visit.read_at, visit.read.counters)
        if sighting.inode == self.visitor.home_inode:
            self.home = visit.id
        return visit.id

    def _found(self, namespace: NamespaceId, sighting: Sighting, user: UserNamespace | None, place: NamespaceId | None) -> Found:
        processes: tuple[Process, ...] = sighting.seniority()
        if namespace == place:
            processes = self._in_full.read(processes)
        paths, names = tuple(sighting.paths), tuple(sighting.names)
        elsewhere = tuple(sorted((way.pid, way.path) for way in sighting.elsewhere)[:_MOST_TOLD])
        return Found(namespace, sighting.inode, frozenset(sighting.sources), paths, names, processes, user, elsewhere)

    def _look_from_outside(self) -> None:
        if self._walk is None:
            return
        read = {visit.id: visit for visit in self._walk.read()}
        for visit in read.values():
            self.ledger.put(visit, Found(visit.id, None, frozenset({FoundBy.VETH})), None)
            if visit.read is not None:
                self.fresh[visit.id] = Counted(visit.read_at, visit.read.counters)
        entries = self.ledger.entries.values()
        self.ledger.drop([entry.id for entry in entries if entry.sighting is None and entry.id not in read])

    def _read_again(self) -> None:
        for entry in self.ledger.due(time.monotonic()):
            if entry.sighting is None or (entry.whole and self._visit(entry.sighting, self._place) != entry.id):
                self.ledger.drop([entry.id])
            elif not entry.whole:
                self._read_part(entry, entry.sighting)

    def _read_part(self, entry: Entry, sighting: Sighting) -> None:
        tables, links = frozenset(entry.stale), frozenset(entry.unclear)
        # On a busy machine a reading waits for a processor far longer than it takes one.
        began = time.thread_time()
        part = self.visitor.at(sighting, entry.id, lambda reader, _: reader.part(tables, links))
        if part is None:
            self.ledger.expire(entry)
            return
        took, ended = time.thread_time() - began, time.monotonic()
        self._tell(entry.id, ended, self.ledger.amend(entry, part, took, ended))

    def _settle(self) -> None:
        """Who is behind the numbers of links."""
        unsettled = [(entry, *missing(entry.tables, self.ledger.entries.keys())) for entry in self.ledger.unsettled()]
        at_home = self._home_in([entry.id for entry, _, lacking in unsettled if lacking and entry.sighting is not None])
        for entry, held, lacking in unsettled:
            known = held | {number: name for number, name in at_home.get(entry.id, {}).items() if number in lacking}
            unknown = None
            if lacking - known.keys() and entry.sighting is not None:
                try:
                    known = dict(self._nsids(entry, entry.sighting, known, lacking))
                except (OSError, MalformedError) as error:
                    unknown = Unknown("nsids", why(error))
            self.ledger.settle(entry, known, unknown)

    def _home_in(self, namespaces: Collection[NamespaceId]) -> Mapping[NamespaceId, Mapping[int, NamespaceId]]:
        """Where it cannot be asked of all at once, each is asked for all of its numbers."""
        if isinstance(self.visitor.numbers, Hub):
            with suppress(OSError, MalformedError):
                return self.visitor.numbers.home_in(namespaces)
        return {}

    def _nsids(
        self, entry: Entry, sighting: Sighting, held: Mapping[int, NamespaceId], lacking: AbstractSet[int]
    ) -> Mapping[int, NamespaceId]:
        if self._walk is not None or entry.id == self.home:
            return self.visitor.numbers.nsids_of(entry.id, held)
        # Without a hub each is asked for, home first, and then those that can be read.
        readable = sorted(self.ledger.entries.values(), key=lambda one: (one.id != self.home, one.tables.error is not None))
        others = {one.id: one.sighting for one in readable[:_MOST_ASKED] if one.sighting is not None and one.id != entry.id}
        return {**held, **self.visitor.nsids_at(sighting, entry.id, lacking, others)}

    def _complete(self, place: NamespaceId | None) -> None:
        """Follow the wires that lead nowhere known: look closer, then from outside."""
        lost, now = self.ledger.strays, time.monotonic()
        # What begins or ends may be between two states; what stays unknown from one beat to the next is hidden.
        stay = lost if self._first else lost & self._strays
        rested = now - self._closer_at >= max(_CLOSER_S, _REST * self._closer_cost)
        if not self._first and not lost <= self._strays and rested:
            closer = self._discovery.sweep(closer=True)
            new = {inode: found for inode, found in closer.sightings.items() if inode not in self.ledger.inodes}
            self._hear()
            self._meet(Sweep(new), place)
            self._settle()
            lost = self._strays = self.ledger.strays
            stay &= lost
            self._closer_at, self._closer_cost = now, time.monotonic() - now
        self._strays = lost if self._first else self._strays & lost
        self._followed &= lost
        if self._walk is not None and self._walk.follow(stay - self._followed):
            self._look_from_outside()
            self._settle()
        self._followed |= stay
