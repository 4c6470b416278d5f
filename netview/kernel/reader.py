"""What reads a namespace: natively or through pyroute2."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self, get_args

from netview.kernel.place import HERE, Place
from netview.model import Link, LinkStats, StatsRow, Tables, Unknown
from netview.model.change import TableName

EVERY: AbstractSet[TableName] = frozenset(get_args(TableName))
FIRST: AbstractSet[TableName] = frozenset({"addresses"})
"""What is wanted before anything else."""


class Read(NamedTuple):
    """One full reading."""

    tables: Tables
    """Without nsids."""
    counters: Mapping[int, LinkStats]
    """By ifindex."""
    interrupted: bool = False
    """Whether something changed meanwhile: it is to be read once more, later."""


class Part(NamedTuple):
    """Some tables and some links."""

    tables: Mapping[TableName, tuple[Any, ...]]
    links: Mapping[int, tuple[Link, LinkStats] | None]
    """By ifindex; None: gone."""
    unknown: tuple[Unknown, ...]
    interrupted: bool


class Reader(Protocol):
    """Made at a place, used there at once, closed before the thread leaves."""

    def __enter__(self) -> Self:
        """Open what it reads with."""

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        """Close it: an open socket pins the namespace."""

    def cookie(self) -> int | None:
        """The namespace's identity."""

    def tables(self, wanted: AbstractSet[TableName] = EVERY) -> Read:
        """Links and those tables that are wanted; the others, and what cannot be read, are named in `Tables.unknown`."""

    def part(self, tables: AbstractSet[TableName], links: AbstractSet[int]) -> Part:
        """These tables, and these links by ifindex; raises OSError."""

    def counters(self) -> Mapping[int, StatsRow]:
        """Counters alone, by ifindex; raises OSError."""

    def counters_of(self, links: Collection[int]) -> Mapping[int, StatsRow]:
        """Those of some links that are still there; raises OSError."""


class MakeReader(Protocol):
    """Makes a reader of the namespace at a place."""

    def __call__(self, place: Place = HERE) -> Reader:
        """Raises OSError."""
