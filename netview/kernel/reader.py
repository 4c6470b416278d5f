"""What reads the namespace that the thread is in: natively or through pyroute2."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from netview.model import LinkStats, Tables


class Read(NamedTuple):
    """One full reading."""

    tables: Tables
    """Without nsids."""
    counters: Mapping[int, LinkStats]
    """By ifindex."""


class Reader(Protocol):
    """Made inside a namespace, used there at once, closed before the thread leaves."""

    def __enter__(self) -> Self:
        """Open what it reads with."""

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        """Close it: an open socket pins the namespace."""

    def cookie(self) -> int | None:
        """The namespace's identity."""

    def tables(self) -> Read:
        """Everything; what cannot be read is named in `Tables.unknown`."""

    def counters(self) -> Mapping[int, LinkStats]:
        """Counters alone, by ifindex."""


MakeReader = Callable[[], Reader]
