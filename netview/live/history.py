"""Rates of the last minute, per link."""

from collections import deque
from collections.abc import Sequence

from netview.model import LinkKey, LinkRates, Snapshot

LENGTH = 60


class History:
    """A ring of rates per link, newest last; a tick without a rate is None."""

    def __init__(self, length: int = LENGTH) -> None:
        self._length = length
        self._rings: dict[LinkKey, deque[LinkRates | None]] = {}
        self._taken_at: deque[float] = deque(maxlen=length + 1)

    def add(self, snapshot: Snapshot) -> None:
        """Take one more tick; links that are gone, or whose ifindex names another link now, are forgotten."""
        self._taken_at.append(snapshot.taken_at)
        rings = self._rings
        for key in rings.keys() - snapshot.counters.keys():
            del rings[key]
        for key in snapshot.counters:
            ring = rings.get(key)
            if ring is None:
                ring = rings[key] = deque(maxlen=self._length)
            rates = snapshot.rates.get(key)
            if rates is None:
                ring.clear()  # Seen for the first time: what the ring holds is of another link with this ifindex.
            ring.append(rates)

    def copy(self) -> "History":
        """What it holds now, for good."""
        held = History(self._length)
        held._rings = {key: deque(ring, self._length) for key, ring in list(self._rings.items())}
        held._taken_at = deque(self._taken_at, self._length + 1)
        return held

    @property
    def span_s(self) -> float:
        """The seconds that its ticks cover, by the wall clock."""
        return max(0.0, self._taken_at[-1] - self._taken_at[0]) if self._taken_at else 0.0

    def rates(self, key: LinkKey) -> Sequence[LinkRates | None]:
        """The link's rates, oldest first, at most one a tick and `length` in all."""
        return tuple(self._rings.get(key, ()))  # A copy: the ring goes on in the kernel thread while a screen reads it.
