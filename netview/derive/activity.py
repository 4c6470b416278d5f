"""How busy a link is, in a few steps that a glyph can show."""

from collections.abc import Iterable
from enum import IntEnum

from netview.model import LinkKey, Snapshot

_SOME_BYTES_S, _MUCH_BYTES_S = 12_500.0, 1_250_000.0
"""100 kbit/s and 10 Mbit/s."""


class Activity(IntEnum):
    """Both directions together."""

    UNKNOWN = -1
    QUIET = 0
    LITTLE = 1
    """Below 100 kbit/s."""
    SOME = 2
    """Below 10 Mbit/s."""
    MUCH = 3


def activity(snapshot: Snapshot, ends: Iterable[LinkKey]) -> Activity:
    """Of a wire by the first of its ends that is measured."""
    for key in ends:
        rates = snapshot.rates.get(key)
        if rates is not None and rates[0] is not None and rates[1] is not None:
            moved = rates[0] + rates[1]
            if not moved:
                return Activity.QUIET
            return Activity.LITTLE if moved < _SOME_BYTES_S else Activity.SOME if moved < _MUCH_BYTES_S else Activity.MUCH
    return Activity.UNKNOWN
