"""What is known of each namespace, kept up with what is told, and what of it is to be read again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from netview.derive.follow import Followed, follow
from netview.kernel.discover import Sighting
from netview.kernel.reader import Part
from netview.kernel.visit import Visit
from netview.kernel.walk import Stray, astray
from netview.model import Found, LinkFlag, LinkKey, NamespaceId, Tables, Unknown
from netview.model.change import Change, LinkGone, LinkTold, TableName

# What a table takes to be read, it rests at least this many times as long: a storm of changes costs a twentieth of a core.
_REST = 20.0
# A dump during which something changed is repeated after this long.
_AGAIN_S = 1.0
# So many links that do not tell are asked for in an open namespace.
_MOST = 64


@dataclass(slots=True, eq=False)
class Entry:
    """One namespace."""

    id: NamespaceId
    found: Found
    sighting: Sighting | None
    """None: nothing opens it, it is read from outside."""
    tables: Tables
    read_at: float
    """When it was last read in full."""
    whole: bool = False
    """Whether all of it is to be read again."""
    stale: set[TableName] = field(default_factory=set)
    unclear: set[int] = field(default_factory=set)
    rests_until: float = 0.0
    strays: frozenset[Stray] = frozenset()
    """Its links that lead nowhere known."""

    @property
    def due(self) -> bool:
        """Whether something of it is to be read again."""
        return self.whole or bool(self.stale) or bool(self.unclear)


class Ledger:
    """Entries by identity, and by inode those that something opens."""

    def __init__(self) -> None:
        self.entries: dict[NamespaceId, Entry] = {}
        self.inodes: dict[int, NamespaceId] = {}
        """Whose an inode is, as long as nothing told of its end."""
        self._tables: Mapping[NamespaceId, Tables] | None = None
        self._found: Mapping[NamespaceId, Found] | None = None
        self._pending: set[NamespaceId] = set()
        self._unsettled: set[NamespaceId] = set()
        self._gone: set[NamespaceId] = set()
        self._come = False

    @property
    def tables(self) -> Mapping[NamespaceId, Tables]:
        """Everybody's; the same object while nothing changes."""
        if self._tables is None:
            self._tables = {entry.id: entry.tables for entry in self.entries.values()}
        return self._tables

    @property
    def found(self) -> Mapping[NamespaceId, Found]:
        """How each was found, likewise."""
        if self._found is None:
            self._found = {entry.id: entry.found for entry in self.entries.values()}
        return self._found

    @property
    def strays(self) -> frozenset[Stray]:
        """Links that lead nowhere known."""
        return frozenset(stray for entry in self.entries.values() for stray in entry.strays)

    def put(self, visit: Visit, found: Found, sighting: Sighting | None) -> Entry:
        """Take in a full reading."""
        before = self.entries.get(visit.id)
        if visit.read is not None:
            tables = visit.read.tables
        elif before is not None and before.tables.error == visit.error:
            tables = before.tables
        else:
            tables = Tables(error=visit.error)
        if before is None:
            self._come = True
            self._tables = None
        else:
            # Numbers do not change while both ends live; those of a namespace read from outside come with the reading.
            tables = _merged(before.tables, tables if sighting is None else replace(tables, nsids=before.tables.nsids))
            self._tables = self._tables if tables is before.tables else None
        if before is None or before.found != found:
            self._found = None
        else:
            found = before.found
        entry = Entry(visit.id, found, sighting, tables, visit.read_at)
        if visit.read is not None and visit.read.interrupted:
            entry.whole, entry.rests_until = True, visit.read_at + _AGAIN_S
            self._pending.add(visit.id)
        self.entries[visit.id] = entry
        self._unsettled.add(visit.id)
        if sighting is not None:
            self.inodes[sighting.inode] = visit.id
        return entry

    def drop(self, namespaces: Iterable[NamespaceId]) -> None:
        """Forget namespaces that are gone."""
        for namespace in namespaces:
            entry = self.entries.pop(namespace, None)
            if entry is None:
                continue
            self._tables = self._found = None
            self._gone.add(namespace)
            inode = None if entry.sighting is None else entry.sighting.inode
            if inode is not None and self.inodes.get(inode) == namespace:
                del self.inodes[inode]

    def doubt(self) -> None:
        """Anything may have changed: nothing is known for sure."""
        self.inodes.clear()
        for entry in self.entries.values():
            self.expire(entry)

    def doubt_some(self, namespace: NamespaceId | None, tables: AbstractSet[TableName]) -> None:
        """What nobody tells of may have changed in it: these tables, and some of its links."""
        entry = None if namespace is None else self.entries.get(namespace)
        if entry is not None and entry.sighting is not None and entry.tables.error is None:
            entry.stale |= tables
            entry.unclear |= set(islice(_reticent(entry.tables), _MOST))
            self._pending.add(entry.id)

    def mind(self, gone: AbstractSet[LinkKey]) -> None:
        """Links that ended may be somewhere else now: of their peers, and of what was made upon them, nothing tells."""
        for entry in self.entries.values() if gone else ():
            tables = entry.tables
            for link in tables.links.values():
                if link.link is None and link.link_nsid is None:
                    continue
                far = entry.id if link.link_nsid is None else tables.nsids.get(link.link_nsid)
                below = link.link if link.vxlan is None else link.vxlan.link
                # A tuple is as good as a key, and made in a third of the time.
                if (far, below or link.ifindex) in gone and entry.sighting is not None:
                    entry.unclear.add(link.ifindex)
                    self._pending.add(entry.id)

    def lack(self, entry: Entry, tables: AbstractSet[TableName]) -> None:
        """These tables of it were not read yet."""
        if entry.tables.error is None and tables:
            entry.stale |= tables
            self._pending.add(entry.id)

    def expire(self, entry: Entry, at: float = 0.0) -> None:
        """All of it is to be read again, at once or at that time (monotonic)."""
        entry.whole, entry.rests_until = True, at
        self._pending.add(entry.id)

    def sight(self, entry: Entry, found: Found, sighting: Sighting | None) -> None:
        """It was met again, perhaps in another way."""
        entry.sighting = sighting
        if found != entry.found:
            entry.found = found
            self._found = None

    def follow(self, namespace: NamespaceId, changes: Sequence[Change]) -> Followed | None:
        """Apply what a namespace told; None: it is not followed."""
        entry = self.entries.get(namespace)
        if entry is None or entry.sighting is None or entry.tables.error is not None:
            return None
        followed = follow(entry.tables, changes)
        if followed.tables is not entry.tables:
            if followed.tables.links is not entry.tables.links:
                self._unsettled.add(namespace)
            self._renew(entry, followed.tables)
        entry.stale |= followed.stale
        entry.unclear |= followed.unclear
        if entry.due:
            self._pending.add(namespace)
        return followed

    def amend(self, entry: Entry, part: Part, took: float, ended: float) -> Followed | None:
        """Take in what was read again, as if it had been told; `took`: seconds of a processor, `ended`: when (monotonic)."""
        told: list[Change] = [LinkGone(ifindex) if found is None else LinkTold(*found) for ifindex, found in part.links.items()]
        followed = self.follow(entry.id, told) if told else None
        entry.stale -= part.tables.keys()
        entry.unclear -= part.links.keys()
        unknown = tuple(one for one in entry.tables.unknown if one.field not in part.tables) + part.unknown
        fields = {**_fields(part), "unknown": unknown}
        changed = {name: rows for name, rows in fields.items() if rows != getattr(entry.tables, name)}
        self._renew(entry, replace(entry.tables, **changed) if changed else entry.tables)
        entry.rests_until = ended + _REST * took
        if part.interrupted:
            entry.stale |= part.tables.keys()
            entry.rests_until = max(entry.rests_until, ended + _AGAIN_S)
        return followed

    def due(self, now: float) -> list[Entry]:
        """What is to be read again and has rested."""
        self._pending = {name for name in self._pending if name in self.entries and self.entries[name].due}
        return [entry for name in self._pending if (entry := self.entries[name]).rests_until <= now]

    def next_due(self) -> float:
        """When the next one has rested (monotonic); never: infinity."""
        resting = (self.entries[name].rests_until for name in self._pending if name in self.entries)
        return min(resting, default=float("inf"))

    def oldest(self, before: float, count: int) -> list[Entry]:
        """Some that were not read in full since then."""
        old = [entry for entry in self.entries.values() if entry.read_at < before and entry.sighting is not None]
        return sorted(old, key=lambda entry: entry.read_at)[:count]

    def unsettled(self) -> list[Entry]:
        """Those whose numbers are to be looked at: they have new links, or who is at the other end came or went."""
        wanted, self._unsettled = self._unsettled, set()
        if self._come:
            wanted |= {entry.id for entry in self.entries.values() if entry.strays}
        if self._gone:
            gone = self._gone
            wanted |= {entry.id for entry in self.entries.values() if not gone.isdisjoint(entry.tables.nsids.values())}
        self._come, self._gone = False, set()
        return [self.entries[namespace] for namespace in self.entries if namespace in wanted]

    def settle(self, entry: Entry, nsids: Mapping[int, NamespaceId], unknown: Unknown | None = None) -> None:
        """Take in an entry's numbers, and see which of its links lead nowhere."""
        if entry.sighting is not None:
            used = {link.link_nsid for link in entry.tables.links.values()}
            kept = {number: name for number, name in nsids.items() if number in used}
            told = tuple(one for one in entry.tables.unknown if one.field != "nsids") + (() if unknown is None else (unknown,))
            if kept != entry.tables.nsids or told != entry.tables.unknown:
                self._renew(entry, replace(entry.tables, nsids=kept, unknown=told))
        tables, known = entry.tables, self.entries.keys()
        entry.strays = frozenset(
            (LinkKey(entry.id, link.ifindex), link.link_nsid or 0)
            for link in tables.links.values()
            if astray(link, tables, known)
        )

    def _renew(self, entry: Entry, tables: Tables) -> None:
        if tables is not entry.tables:
            entry.tables = tables
            self._tables = None


def _reticent(tables: Tables) -> Iterator[int]:
    """Links that change without a word, by ifindex."""
    for link in tables.links.values():
        # When down it tells neither its carrier nor its alias nor its other names nor what its kind adds; when the spanning
        # tree comes to rest a bridge forgets addresses as slowly as before.
        if not link.flags & LinkFlag.UP or (link.bridge is not None and link.bridge.stp):
            yield link.ifindex


def missing(tables: Tables, known: AbstractSet[NamespaceId]) -> tuple[dict[int, NamespaceId], set[int]]:
    """The numbers that still hold, and those that are missing."""
    used = {link.link_nsid for link in tables.links.values() if link.link_nsid is not None and link.link_nsid >= 0}
    held = {number: name for number, name in tables.nsids.items() if number in used and name in known}
    return held, used - held.keys()


def _fields(part: Part) -> dict[str, Any]:
    return {str(name): rows for name, rows in part.tables.items()}


def _merged(before: Tables, after: Tables) -> Tables:
    """The later tables; what did not change is the same object."""
    fields = {name: old for name in Tables.__slots__ if (old := getattr(before, name)) == getattr(after, name)}
    return before if len(fields) == len(Tables.__slots__) else replace(after, **fields)
