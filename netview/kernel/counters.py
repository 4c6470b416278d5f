"""Counters of every link, once a beat: the namespaces are entered one by one.

What there is to go by comes as a `Beat`: `tables` and, for each namespace that can be opened, its sighting, home's among
them; `fresh` is what reading tables gave in passing since the last beat; `want` is what is on the screen. A namespace is
read with `visitor.inside(sighting, namespace, work)`, home's own without entering it.
"""

import time
from collections.abc import Mapping
from typing import NamedTuple

from netview.kernel.discover import Sighting
from netview.kernel.reader import Reader
from netview.kernel.visit import Visitor
from netview.kernel.wanted import Wanted
from netview.model import LinkKey, LinkStats, NamespaceId, Tables


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
    want: Wanted


class Readings(NamedTuple):
    """The fields of a Sample."""

    counters: Mapping[LinkKey, LinkStats]
    read_at: Mapping[LinkKey, float]
    mirrored: Mapping[LinkKey, float]


class Counters:
    """Reads them beat after beat."""

    def read(self, beat: Beat) -> Readings:
        """Those of now; raises OSError where netview itself lacks something."""
        counters: dict[LinkKey, LinkStats] = {}
        read_at: dict[LinkKey, float] = {}
        for namespace, tables in beat.tables.items():
            counted = beat.fresh.get(namespace) or _entered(beat, namespace)
            if counted is None:
                continue
            for ifindex in tables.links:
                row = counted.rows.get(ifindex)
                if row is not None:
                    key = LinkKey(namespace, ifindex)
                    counters[key], read_at[key] = row, counted.read_at
        return Readings(counters, read_at, {})


def _entered(beat: Beat, namespace: NamespaceId) -> Counted | None:
    sighting = beat.sightings.get(namespace)
    if sighting is None or beat.tables[namespace].error is not None:
        return None
    return beat.visitor.inside(sighting, namespace, _counted)


def _counted(reader: Reader) -> Counted:
    rows = reader.counters()
    return Counted(time.monotonic(), rows)
