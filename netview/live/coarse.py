"""What every link carried in each of the last sixty minutes."""

from array import array
from collections import deque
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from netview.model import LinkKey, Snapshot
from netview.model.stats import rows_of

MINUTES = 60
_MINUTE_S = 60.0


class _Minute(NamedTuple):
    """The counters at one moment: bytes received and sent, a link after the other."""

    at: float
    places: Mapping[LinkKey, int]
    """Shared while the links are the same."""
    counted: "array[int]"


class Coarse:
    """Counters once a minute, as numbers in a row: two thousand links take two megabytes in an hour, and no time in between."""

    def __init__(self) -> None:
        self._minutes: deque[_Minute] = deque(maxlen=MINUTES + 1)

    def add(self, snapshot: Snapshot) -> None:
        """Take the counters down, if the last ones are a minute old."""
        last = self._minutes[-1] if self._minutes else None
        if last is not None and 0 <= snapshot.taken_at - last.at < _MINUTE_S:
            return
        rows = rows_of(snapshot.counters)
        same = last is not None and last.places.keys() == rows.keys() and list(last.places) == list(rows)
        places = last.places if same and last is not None else {key: place for place, key in enumerate(rows)}
        counted = array("Q", [count for row in rows.values() for count in row[2:4]])
        self._minutes.append(_Minute(snapshot.taken_at, places, counted))

    def copy(self) -> "Coarse":
        """What it holds now, for good."""
        held = Coarse()
        held._minutes = self._minutes.copy()
        return held

    def rates(self, key: LinkKey) -> tuple[tuple[float, float] | None, ...]:
        """Mean bytes a second received and sent, minute by minute, the oldest first; None where it was not counted, or reset."""
        minutes = tuple(self._minutes)
        return tuple(_rate(before, after, key) for before, after in pairwise(minutes))


def _rate(before: _Minute, after: _Minute, key: LinkKey) -> tuple[float, float] | None:
    first, last = before.places.get(key), after.places.get(key)
    seconds = after.at - before.at
    if first is None or last is None or seconds <= 0:
        return None
    received = after.counted[2 * last] - before.counted[2 * first]
    sent = after.counted[2 * last + 1] - before.counted[2 * first + 1]
    return None if received < 0 or sent < 0 else (received / seconds, sent / seconds)
