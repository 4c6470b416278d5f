"""What every link carried in each of the last sixty minutes."""

from array import array
from collections import deque
from collections.abc import Collection
from itertools import pairwise
from operator import sub
from typing import NamedTuple

from netview.live.picking import Pick, picked
from netview.model import LinkKey, Snapshot
from netview.model.stats import rows_of

MINUTES = 60
_MINUTE_S = 60.0


class _Minute(NamedTuple):
    """The counters at one moment: bytes received and sent, a link after the other."""

    at: float
    links: tuple[LinkKey, ...]
    """Shared while they are the same; where links come and go a mapping each minute would be most of what is kept."""
    counted: "array[int]"


class Coarse:
    """Counters once a minute, as numbers in a row: two thousand links take two megabytes in an hour, and no time in between."""

    def __init__(self) -> None:
        self._minutes: deque[_Minute] = deque(maxlen=MINUTES + 1)
        self._told: _Told | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Take the counters down, if the last ones are a minute old."""
        last = self._minutes[-1] if self._minutes else None
        if last is not None and 0 <= snapshot.taken_at - last.at < _MINUTE_S:
            return
        rows = rows_of(snapshot.counters)
        links = tuple(rows)
        if last is not None and links == last.links:
            links = last.links
        counted = array("Q", [count for row in rows.values() for count in row[2:4]])
        self._minutes.append(_Minute(snapshot.taken_at, links, counted))

    def copy(self) -> "Coarse":
        """What it holds now, for good."""
        held = Coarse()
        held._minutes = self._minutes.copy()
        return held

    def rates(self, key: LinkKey) -> tuple[tuple[float, float] | None, ...]:
        """Mean bytes a second received and sent, minute by minute, the oldest first; None where it was not counted, or reset."""
        return self.summed((key,))

    def summed(self, links: Collection[LinkKey]) -> tuple[tuple[float, float] | None, ...]:
        """The same of several links together: of those of which it is known, None where there are none."""
        minutes, links = tuple(self._minutes), tuple(links)
        told = self._told
        if told is not None and minutes and told.newest is minutes[-1] and told.links == links:
            return told.rates
        found: list[tuple[float, float] | None] = []
        between: _Between | None = None
        for before, after in pairwise(minutes):
            if between is None or between.first is not before.links or between.last is not after.links:
                between = _between(before.links, after.links, links)
            found.append(_rate(before, after, between))
        if minutes:
            self._told = _Told(minutes[-1], links, tuple(found))
        return tuple(found)


class _Told(NamedTuple):
    """What was asked last: it is the same for a minute."""

    newest: _Minute
    links: tuple[LinkKey, ...]
    rates: tuple[tuple[float, float] | None, ...]


class _Between(NamedTuple):
    """Where links stand in two minutes."""

    first: tuple[LinkKey, ...]
    last: tuple[LinkKey, ...]
    received: tuple[Pick, Pick]
    """In the one, and in the other."""
    sent: tuple[Pick, Pick]


def _between(first: tuple[LinkKey, ...], last: tuple[LinkKey, ...], links: Collection[LinkKey]) -> _Between:
    wanted = frozenset(links)
    before, after = ({key: place for place, key in enumerate(there) if key in wanted} for there in (first, last))
    known = [key for key in links if key in before and key in after]
    received, sent = (
        (picked([2 * before[key] + way for key in known]), picked([2 * after[key] + way for key in known])) for way in (0, 1)
    )
    return _Between(first, last, received, sent)


def _rate(before: _Minute, after: _Minute, between: _Between) -> tuple[float, float] | None:
    seconds = after.at - before.at
    if seconds <= 0:
        return None
    received, sent = (
        tuple(map(sub, last(after.counted), first(before.counted))) for first, last in (between.received, between.sent)
    )
    if min(received, default=0) < 0 or min(sent, default=0) < 0:
        # One that was reset is left out with both its directions.
        known = [both for both in zip(received, sent, strict=True) if min(both) >= 0]
        received, sent = tuple(one for one, _ in known), tuple(other for _, other in known)
    return (sum(received) / seconds, sum(sent) / seconds) if received else None
