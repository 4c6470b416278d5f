"""The newest events, for a screen that lists them."""

from collections import deque
from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

from netview.model.event import Event

LENGTH = 2000


class Entry(NamedTuple):
    """An event with its number, counted from 0."""

    number: int
    event: Event


class Log:
    """Keeps so many; what it gives does not change afterwards."""

    def __init__(self, length: int = LENGTH) -> None:
        self._kept: deque[Entry] = deque(maxlen=length)
        self._numbers = count()
        self._entries: tuple[Entry, ...] | None = ()

    def add(self, events: Iterable[Event]) -> None:
        """Take these in."""
        for event in events:
            self._kept.appendleft(Entry(next(self._numbers), event))
            self._entries = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The newest first; the same object while nothing is added."""
        if self._entries is None:
            self._entries = tuple(self._kept)
        return self._entries
