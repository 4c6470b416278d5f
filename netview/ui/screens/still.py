"""A screen with one list that does not change while one reads or chooses."""

from collections.abc import Iterable
from typing import Any, TypeVar

from textual.app import ComposeResult
from textual.screen import Screen

from netview.derive.filter import Subject
from netview.model import Snapshot
from netview.ui.columns import Column, Context, Item, View
from netview.ui.listing import Listing
from netview.ui.state import State
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.live_table import LiveTable

Answer = TypeVar("Answer")


class StillScreen(Screen[Answer]):
    """The list and the keys."""

    def __init__(self, state: State, title: str, facts: Iterable[Any], columns: tuple[Column, ...]) -> None:
        """`facts`: one for each row, as its `fact`; `title` is safe to show."""
        super().__init__()
        self._state = state
        self._headline = title
        self._rows = _rows(facts)
        self._listing = Listing(View("still", title, columns, lambda _: self._rows, lambda *_: Subject(), alive=_alive))

    def compose(self) -> ComposeResult:
        """The list and the keys."""
        yield LiveTable(ascii_only=self._state.options.ascii)
        yield Footer(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """Show it."""
        table = self.query_one(LiveTable)
        table.define(self._listing.view.columns)
        table.set_titles(self._headline, "")
        table.focus()
        self.refresh_data()

    def set_facts(self, facts: Iterable[Any]) -> None:
        """Other rows, as where they are made for a width."""
        self._rows = _rows(facts)
        self.refresh_data()

    def refresh_data(self) -> None:
        """The same rows in the newest context."""
        snapshot, table = self._state.snapshot, self.query_one(LiveTable)
        if snapshot is not None:
            context = Context(snapshot, self._state.history)
            current = table.current
            table.show(self._listing.update(context), context, None if current is None else current.row.key)


def _rows(facts: Iterable[Any]) -> tuple[Item, ...]:
    return tuple(Item(number, None, None, fact) for number, fact in enumerate(facts))


def _alive(_row: Item, _snapshot: Snapshot) -> bool:
    return True
