"""A trace as the screen shows it: rows of words, made where the trace runs."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from textual.message import Message

from netview.model import LinkKey, NamespaceId
from netview.ui.columns import Cell


class TraceRow(NamedTuple):
    """One row: a packet as a whole, its way through a namespace, or a rule on it."""

    key: Hashable
    namespace: NamespaceId | None
    link: LinkKey | None
    time: Cell = Cell("")
    where: Cell = Cell("")
    what: Cell = Cell("")
    verdict: Cell = Cell("")


@dataclass(frozen=True, slots=True, eq=False)
class TraceShown:
    """A trace as of now."""

    rows: tuple[TraceRow, ...]
    running: bool
    """Whether anything is armed, or is about to be."""
    budget: str
    """What is seen and left, in few words."""
    failed: str | None = None
    """Why it could not begin."""


class TraceTold(Message):
    """There is more of a trace; only the newest matters."""

    def __init__(self, shown: TraceShown) -> None:
        super().__init__()
        self.shown = shown

    def can_replace(self, message: Message) -> bool:
        """Take the place of an older one that still waits."""
        return isinstance(message, TraceTold)
