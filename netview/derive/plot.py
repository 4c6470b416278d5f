"""Series of rates: how they are drawn, and what they come to."""

from collections.abc import Sequence
from itertools import zip_longest
from math import ceil
from typing import NamedTuple

Series = Sequence[float | None]
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*%#"


class Summary(NamedTuple):
    """Of the values that are known."""

    least: float
    mean: float
    p95: float
    """Nearest rank: 95 of 100 values are not above it."""
    peak: float


def summed(rings: Sequence[Sequence[Sequence[float | None] | None]], field: int) -> tuple[float | None, ...]:
    """One field of several rings tick by tick, the newest last; a ring that is shorter than others has nothing before it."""
    ticks = zip_longest(*(ring[::-1] for ring in rings))
    known = [[value for row in tick if row is not None and (value := row[field]) is not None] for tick in ticks]
    return tuple(sum(values) if values else None for values in reversed(known))


def summary(series: Series) -> Summary | None:
    """None where nothing is known."""
    known = sorted(value for value in series if value is not None)
    if not known:
        return None
    return Summary(known[0], sum(known) / len(known), known[max(0, ceil(0.95 * len(known)) - 1)], known[-1])


def plotted(series: Series, width: int, height: int, top: float, *, ascii: bool = False) -> list[str]:  # noqa: A002  (the option's name)
    """Lines from the top down, the newest value on the right; what is not known is a gap, a trickle beside a flood is seen.

    All of the series: where it is longer than the lines, a cell stands for several values and is as high as the highest.
    """
    levels = _ASCII if ascii else _EIGHTHS
    steps = len(levels) - 1
    shown = _condensed(series, width)
    filled = [_steps(value, top, height * steps) for value in shown]
    lines = []
    for row in range(height - 1, -1, -1):
        cells = (" " if count is None else levels[max(0, min(steps, count - row * steps))] for count in filled)
        lines.append("".join(cells).rjust(max(0, width)))
    return lines


def _condensed(series: Series, width: int) -> list[float | None]:
    """The highest of each few values, so that there are no more than `width`."""
    if width <= 0 or len(series) <= width:
        return list(series) if width > 0 else []
    few = ceil(len(series) / width)
    ends = range(len(series), 0, -few)
    parts = [[value for value in series[max(0, end - few) : end] if value is not None] for end in ends]
    return [max(part, default=None) for part in reversed(parts)]


def _steps(value: float | None, top: float, most: int) -> int | None:
    if value is None:
        return None
    return 0 if value <= 0 or top <= 0 else min(most, max(1, round(value / top * most)))
