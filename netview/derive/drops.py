"""What was dropped between two readings, where, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from netview.model import NamespaceId
from netview.model.drops import DropCounter, DropReason


class Dropped(NamedTuple):
    """A counter that moved."""

    namespace: NamespaceId
    counter: DropCounter
    packets: int


class ReasonCount(NamedTuple):
    """Drops that have the same reason, place and protocol."""

    reason: DropReason
    """Its pid is None."""
    namespace: NamespaceId | None
    """Whose sending was dropped; None: the kernel does not tell."""
    packets: int


def moved(
    before: Mapping[NamespaceId, Mapping[DropCounter, int]], after: Mapping[NamespaceId, Mapping[DropCounter, int]]
) -> Iterator[Dropped]:
    """The counters that are greater than before; one that was not there before began from nothing."""
    for namespace, counters in after.items():
        known = before.get(namespace)
        if known is None:
            continue  # It came meanwhile: since when its counters count is not known.
        for counter, value in counters.items():
            more = value - known.get(counter, 0)
            if more > 0:
                yield Dropped(namespace, counter, more)


class Reckoning:
    """Counts drops as they come, equal ones together."""

    def __init__(self) -> None:
        self._found: Counter[tuple[DropReason, NamespaceId | None]] = Counter()

    def add(self, reason: DropReason, namespace: NamespaceId | None) -> None:
        """One more."""
        self._found[reason._replace(pid=None), namespace] += 1

    @property
    def counts(self) -> list[ReasonCount]:
        """The most frequent first."""
        return [ReasonCount(reason, namespace, count) for (reason, namespace), count in self._found.most_common()]
