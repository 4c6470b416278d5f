"""Values of a long row by their places, all of them in one step."""

from collections.abc import Callable, Sequence
from operator import itemgetter

Pick = Callable[[Sequence[float]], tuple[float, ...]]


def picked(places: Sequence[int]) -> Pick:
    """What takes the values at these places out of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)
