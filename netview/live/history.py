"""Rates of the last minute, of every link."""

from array import array
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, islice
from math import isnan, nan
from operator import itemgetter
from typing import NamedTuple

from netview.derive.plot import summed
from netview.live.coarse import Coarse
from netview.live.picking import picked
from netview.model import LinkKey, LinkRates, Snapshot

LENGTH = 60
_MOVING = 4
"""So many of LinkRates seldom rest; the others are kept where they are not zero."""
_REST = (0.0,) * (len(LinkRates._fields) - _MOVING)
_FIRST, _LAST = itemgetter(slice(_MOVING)), itemgetter(slice(_MOVING, None))
_NOT_A_NUMBER = (nan,) * _MOVING
_MANY = 8
"""From this part of them on it is quicker to take all links anew."""
_UNKNOWN = LinkRates(*([None] * len(LinkRates._fields)))


class _Tick(NamedTuple):
    """The rates of one moment; links that were counted for the first time then have none."""

    places: Mapping[LinkKey, int]
    """Where a link's rates are, by those that were counted; -1 where it has none. Shared while the links are the same."""
    moving: "array[float]"
    """Bytes and packets of both directions, a link after the other; not a number where they are unknown."""
    others: Mapping[int, tuple[float | None, ...]]


class History:
    """What was measured in the last ticks, newest last: single numbers in columns, a tenth of what objects would take."""

    def __init__(self, length: int = LENGTH) -> None:
        self._ticks: deque[_Tick] = deque(maxlen=length)
        self._taken_at: deque[float] = deque(maxlen=length + 1)
        self.coarse = Coarse()
        """The last hour."""
        self._rates: Mapping[LinkKey, LinkRates] = {}
        """Those of the newest tick."""

    def add(self, snapshot: Snapshot) -> None:
        """Take one more tick."""
        self._taken_at.append(snapshot.taken_at)
        self.coarse.add(snapshot)
        last = self._ticks[-1] if self._ticks else None
        before, self._rates = self._rates, snapshot.rates
        if last is not None and before is self._rates and len(last.places) == len(before) == len(snapshot.counters):
            self._ticks.append(last)
            return
        if last is not None and list(before) == list(self._rates) and len(last.places) == len(before) == len(snapshot.counters):
            self._ticks.append(_moved(last, before, self._rates))
            return
        self._ticks.append(_tick(_places(snapshot), self._rates.values()))

    def copy(self) -> "History":
        """What it holds now, for good."""
        held = History()
        held._ticks, held._taken_at, held.coarse = self._ticks.copy(), self._taken_at.copy(), self.coarse.copy()
        return held

    def before(self, ticks: int) -> "History":
        """What it held so many ticks ago; the oldest one always stays."""
        held, left_out = History(), min(ticks, self.reach)
        held.coarse = self.coarse.copy()
        held._ticks = deque(islice(self._ticks, len(self._ticks) - left_out))
        held._taken_at = deque(islice(self._taken_at, len(self._taken_at) - left_out))
        return held

    @property
    def reach(self) -> int:
        """How many ticks there are before the newest."""
        return max(0, len(self._ticks) - 1)

    @property
    def taken_at(self) -> float | None:
        """When its newest tick was taken, in seconds since the epoch; None: there is none yet."""
        return self._taken_at[-1] if self._taken_at else None

    def newest(self) -> Mapping[LinkKey, LinkRates]:
        """The rates of its newest tick, of every link that had any."""
        tick = self._ticks[-1]
        return {key: _rates(tick, place) for key, place in tick.places.items() if place >= 0}

    @property
    def span_s(self) -> float:
        """The seconds that its ticks cover, by the wall clock."""
        return max(0.0, self._taken_at[-1] - self._taken_at[0]) if self._taken_at else 0.0

    def rates(self, key: LinkKey) -> Sequence[LinkRates | None]:
        """The link's rates, oldest first, at most one a tick and `length` in all; None for a tick without.

        What was before a tick without is of another link with this ifindex, and left out.
        """
        found: list[LinkRates | None] = []
        # A copy: it goes on in the kernel thread while a screen reads it.
        for tick in reversed(tuple(self._ticks)):
            place = tick.places.get(key)
            if place is None:
                break
            if place < 0:
                found.append(None)
                break
            found.append(_rates(tick, place))
        found.reverse()
        return tuple(found)

    def summed(self, links: Collection[LinkKey], field: int) -> tuple[float | None, ...]:
        """One field of LinkRates of several links together, oldest first: of those of which it is known, None where of none.

        A thousand ports of a bridge are added up in a few milliseconds.
        """
        if field >= _MOVING:
            return summed([self.rates(key) for key in links], field)
        totals: list[float | None] = []
        places: Mapping[LinkKey, int] | None = None
        live = tuple(links)
        for tick in reversed(tuple(self._ticks)):
            if tick.places is not places:
                places = tick.places
                known = [(key, place) for key in live if (place := places.get(key)) is not None]
                live = tuple(key for key, place in known if place >= 0)
                pick = picked([_MOVING * place + field for _, place in known if place >= 0])
                if not known:
                    break
            elif not live:
                break
            totals.append(_total(pick(tick.moving)))
        totals.reverse()
        return tuple(totals)


def _total(values: Sequence[float]) -> float | None:
    total = sum(values)
    if isnan(total):
        known = [value for value in values if not isnan(value)]
        return sum(known) if known else None
    return total if values else None


def _tick(places: Mapping[LinkKey, int], rates: Collection[LinkRates]) -> _Tick:
    """All of them anew."""
    others = {place: rest for place, rest in enumerate(map(_LAST, rates)) if rest != _REST}
    try:
        moving = array("f", chain.from_iterable(map(_FIRST, rates)))
    except TypeError:  # Some are unknown.
        moving = array("f", chain.from_iterable([_numbers(known) for known in rates]))
    return _Tick(places, moving, others)


def _moved(last: _Tick, before: Mapping[LinkKey, LinkRates], now: Mapping[LinkKey, LinkRates]) -> _Tick:
    """The last tick with what is not as it was then."""
    changed = [(place, new) for place, (new, old) in enumerate(zip(now.values(), before.values(), strict=True)) if new is not old]
    if len(changed) > len(now) // _MANY:
        return _tick(last.places, now.values())
    moving, others = last.moving[:], dict(last.others)
    for place, known in changed:
        moving[_MOVING * place : _MOVING * (place + 1)] = array("f", _numbers(known))
        rest = known[_MOVING:]
        if rest != _REST:
            others[place] = rest
        else:
            others.pop(place, None)
    return _Tick(last.places, moving, others)


def _places(snapshot: Snapshot) -> Mapping[LinkKey, int]:
    """Where each link's rates are."""
    places = dict(zip(snapshot.rates, range(len(snapshot.rates)), strict=True))
    return places | dict.fromkeys(snapshot.counters.keys() - places.keys(), -1)


def _numbers(rates: LinkRates) -> tuple[float, ...]:
    return _NOT_A_NUMBER if rates[0] is None else rates[:_MOVING]  # type: ignore[return-value]  # known all together or not at all


def _rates(tick: _Tick, place: int) -> LinkRates:
    moving = tick.moving[_MOVING * place : _MOVING * (place + 1)]
    if isnan(moving[0]):
        return _UNKNOWN
    return LinkRates(*moving, *tick.others.get(place, _REST))
