"""Rates of the last minute, per link."""

from collections import deque
from collections.abc import Sequence

from netview.model import LinkKey, LinkRates, Snapshot

LENGTH = 60
_NOTHING: Sequence[LinkRates | None] = ()


class History:
    """A ring of rates per link, newest last; a tick without a rate is None."""

    def __init__(self, length: int = LENGTH) -> None:
        self._length = length
        self._rings: dict[LinkKey, deque[LinkRates | None]] = {}

    def add(self, snapshot: Snapshot) -> None:
        """Take one more tick; links that are gone are forgotten."""
        rings = self._rings
        for key in rings.keys() - snapshot.counters.keys():
            del rings[key]
        for key in snapshot.counters:
            ring = rings.get(key)
            if ring is None:
                ring = rings[key] = deque(maxlen=self._length)
            ring.append(snapshot.rates.get(key))

    def rates(self, key: LinkKey) -> Sequence[LinkRates | None]:
        """The link's rates, oldest first, at most one a tick and `length` in all."""
        return self._rings.get(key, _NOTHING)
