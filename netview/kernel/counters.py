"""Counters of every link, once a beat: one dump at home tells those of most.

What there is to go by comes as a `Beat`. Home is dumped each time; the containers' ends of its wires mirror what home's ends
count (`derive.mirrors`). Other namespaces are entered where something of them is on the screen, where a link is new, or
where it is not known whether a mirror holds; and each in its turn.
"""

import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from itertools import islice
from math import ceil
from typing import NamedTuple

from netview.derive.mirrors import Mirrors, Wire, wires
from netview.derive.renew import changed, renewed
from netview.kernel.discover import Sighting
from netview.kernel.place import Place
from netview.kernel.reader import Reader
from netview.kernel.visit import Visitor
from netview.kernel.wanted import Wanted
from netview.model import LinkKey, LinkRef, LinkStats, NamespaceId, StatsRow, StatsTable, Tables
from netview.model.stats import row_of

TURN_S, _TURN_AT_ONCE = 90.0, 4
"""How old what is nowhere on the screen becomes, and how much of it is read in one beat; a full reading counts, too."""
_CATCH_UP = 100
"""So many that were read but once are read in one beat: what is read twice has rates, and until all have, nothing rests."""


class Counted(NamedTuple):
    """Counters of one namespace, and when they were read (monotonic seconds)."""

    read_at: float
    rows: Mapping[int, LinkStats]


class Beat(NamedTuple):
    """What a reading goes by."""

    visitor: Visitor
    home: NamespaceId
    tables: Mapping[NamespaceId, Tables]
    sightings: Mapping[NamespaceId, Sighting]
    """Of those that something opens."""
    fresh: Mapping[NamespaceId, Counted]
    """Those that were read in full since the last beat, and those that are read from outside."""
    gone: AbstractSet[LinkKey]
    """Links that ended since the last beat; another may have come in their place."""
    want: Wanted


class Readings(NamedTuple):
    """The fields of a Sample."""

    counters: Mapping[LinkKey, LinkStats]
    read_at: Mapping[LinkKey, float]
    mirrored: Mapping[LinkKey, float]


class Counters:
    """Reads them beat after beat."""

    def __init__(self) -> None:
        self._tables: Mapping[NamespaceId, Tables] = {}
        self._peers: Mapping[LinkKey, LinkRef] = {}
        self._mirrors = Mirrors()
        self._rows: dict[LinkKey, StatsRow] = {}
        self._read_at: dict[LinkKey, float] = {}
        self._keys: dict[NamespaceId, dict[int, LinkKey]] = {}
        """Of all that have a row."""
        self._turns: dict[NamespaceId, None] = {}
        """Namespaces, the one that was read the longest ago first."""
        self._once: dict[NamespaceId, None] = {}
        """Those that were read but once."""
        self._changed: set[NamespaceId] = set()
        self._beat_at: float | None = None
        self._moved = True
        """Whether a row is another than in the last readings."""
        self._last = Readings(StatsTable({}), {}, {})
        self._ends: tuple[list[LinkKey], list[LinkKey]] = [], []
        self._basis: tuple[int, list[tuple[LinkKey, Wire]]] | None = None
        """What those were made of; None: nothing yet, or a link was dropped."""
        self._peers_of: Mapping[LinkKey, LinkKey] = {}
        """The same, the other ends by their mirrors."""

    def read(self, beat: Beat) -> Readings:
        """Those of now; raises OSError where netview itself lacks something."""
        self._renew(beat)
        fresh = [(namespace, counted) for namespace, counted in beat.fresh.items() if namespace in beat.tables]
        for namespace, counted in sorted(fresh, key=lambda item: item[1].read_at):
            self._take(namespace, {ifindex: row_of(row) for ifindex, row in counted.rows.items()}, counted.read_at)
            self._had_its_turn(namespace)
        self._visit(beat, beat.home)
        for namespace in self._due(beat):
            self._visit(beat, namespace)
        asked = {key.ifindex for key in self._mirrors.asked(beat.home)}
        if asked:
            again = beat.visitor.at(beat.sightings[beat.home], beat.home, lambda reader, _: reader.counters_of(asked))
            self._mirrors.read(beat.home, again or {}, self._rows.get)
        return self._readings()

    def _renew(self, beat: Beat) -> None:
        """Follow the links and wires that there are."""
        tables, before = beat.tables, self._tables
        self._mirrors.forget(beat.gone)
        for key in beat.gone:
            self._drop(key)
        self._changed |= {key.namespace for key in beat.gone} | changed(tables, before)
        for namespace in self._changed:
            links = tables[namespace].links.keys() if namespace in tables else ()
            for ifindex in self._keys.get(namespace, {}).keys() - links:
                self._drop(LinkKey(namespace, ifindex))
            if not links:
                self._turns.pop(namespace, None)
                self._once.pop(namespace, None)
        peers, _ = renewed(tables, before, self._peers, {})
        if peers is not self._peers:
            self._mirrors.renew(wires(peers, tables, beat.home), tables)
        self._tables, self._peers = tables, peers

    def _due(self, beat: Beat) -> list[NamespaceId]:
        """Whom to enter now."""
        now = time.monotonic()
        passed = 0.0 if self._beat_at is None else now - self._beat_at
        self._beat_at = now
        seen = {key.namespace for key in beat.want.visible} | {namespace for namespace in (beat.want.place,) if namespace}
        others = {wire.counted.namespace for namespace in seen for wire in self._mirrors.mirrors_in(namespace)}
        new = {namespace for namespace in self._changed if self._lacks(namespace)}
        self._changed = set()
        turn = islice(self._turns, min(_TURN_AT_ONCE, ceil(min(1.0, passed / TURN_S) * len(self._turns))))
        due = (seen | others | new | self._mirrors.unknown()).union(turn, islice(self._once, _CATCH_UP) if passed else ())
        return [name for name in due if name != beat.home and name not in beat.fresh and self._opens(beat, name)]

    def _opens(self, beat: Beat, namespace: NamespaceId) -> bool:
        tables = self._tables.get(namespace)
        return tables is not None and tables.error is None and namespace in beat.sightings

    def _lacks(self, namespace: NamespaceId) -> bool:
        """Whether a link of it was never counted."""
        tables = self._tables.get(namespace)
        return tables is not None and not tables.links.keys() <= self._keys.get(namespace, {}).keys()

    def _visit(self, beat: Beat, namespace: NamespaceId) -> None:
        sighting = beat.sightings.get(namespace)
        counted = None if sighting is None else beat.visitor.at(sighting, namespace, _counted)
        if counted is not None:
            self._take(namespace, *counted)
        else:
            for key in list(self._keys.get(namespace, {}).values()):
                self._drop(key)
        self._had_its_turn(namespace)

    def _had_its_turn(self, namespace: NamespaceId) -> None:
        if namespace in self._turns:
            del self._turns[namespace]
            self._once.pop(namespace, None)
        else:
            self._once[namespace] = None
        self._turns[namespace] = None

    def _take(self, namespace: NamespaceId, rows: Mapping[int, StatsRow], read_at: float) -> None:
        """Keep what was read; a row that did not move stays the same object."""
        self._mirrors.read(namespace, rows, self._rows.get)
        known = self._keys.setdefault(namespace, {})
        for ifindex in known.keys() - rows.keys():
            self._drop(known[ifindex])
        for ifindex in (rows.keys() - known.keys()) & self._tables[namespace].links.keys():
            known[ifindex] = LinkKey(namespace, ifindex)
        before = self._rows
        for ifindex, key in known.items():
            row = rows[ifindex]
            if before.get(key) != row:
                before[key] = row
                self._moved = True
        self._read_at |= dict.fromkeys(known.values(), read_at)

    def _drop(self, key: LinkKey) -> None:
        """Its counters are not known any more."""
        self._moved = True
        self._basis = None
        self._rows.pop(key, None)
        self._read_at.pop(key, None)
        self._keys.get(key.namespace, {}).pop(key.ifindex, None)

    def _readings(self) -> Readings:
        moved, self._moved, last = self._moved, False, self._last
        known = self._read_at
        # Of thousands a beat: no call and no object for each.
        mirrors, counted = self._held()
        mirrored = dict(zip(mirrors, map(known.__getitem__, mirrors), strict=True))
        read_at = known | dict(zip(mirrors, map(known.__getitem__, counted), strict=True))
        # The same object where nothing moved, so that nobody looks at each row to find that out.
        same = not moved and mirrored.keys() == last.mirrored.keys()
        self._last = Readings(last.counters if same else StatsTable(dict(self._rows), self._peers_of), read_at, mirrored)
        return self._last

    def _held(self) -> tuple[list[LinkKey], list[LinkKey]]:
        """The mirrors that need not be read, as far as both ends were counted once, and their peers in the same order."""
        basis = len(self._read_at), list(self._mirrors.holding.items())
        if basis != self._basis:
            known = self._read_at
            held = [wire for wire in self._mirrors.holding.values() if wire.counted in known and wire.mirror in known]
            self._ends = [wire.mirror for wire in held], [wire.counted for wire in held]
            self._peers_of = {wire.mirror: wire.counted for wire in held}
            self._basis = basis
        return self._ends


def _counted(reader: Reader, _place: Place) -> tuple[Mapping[int, StatsRow], float]:
    return reader.counters(), time.monotonic()
