"""Help, made from the bindings."""

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.text import safe
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.listing import Listing
from netview.ui.screens.actions import Action
from netview.ui.state import State
from netview.ui.widgets.filter_input import FILTER_HINT
from netview.ui.widgets.live_table import LiveTable

_NOTES = (
    (
        "rx tx",
        "RX and TX are the kernel's own for that link, as `ip -s link` prints them: a veth's two ends are swapped",
    ),
    ("↓ ↑", "↓ is into and ↑ out of the container; a bridge sums its ports seen from the containers; the uplink's ↓ is received"),
    ("+ ~ −", "a row with + is new, with ~ it changed a moment ago, with − it is gone and leaves after 10 s"),  # noqa: RUF001 - the sign itself
    ("⚠", "something is wrong with what the row is about: Doctor says what"),
    ("filter", FILTER_HINT),
)

# What the first column and the frame take at most, and what is left to read in all the same.
_MARGIN, _NARROWEST = 34, 26


class HelpScreen(Screen[None]):
    """Keys, what they do, what the signs mean, and what could not be read.

    ┌ Help ──────────────────────────┐
    │ KEY      ACTION                │
    │ j ↓      down                  │
    └────────────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,question_mark,f1", "app.close", "back", id="close"),
    ]

    def __init__(self, state: State, rows: tuple[Action, ...]) -> None:
        super().__init__()
        self._state = state
        self._rows = rows

    def compose(self) -> ComposeResult:
        """One list."""
        yield LiveTable(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(LiveTable)
        self.refresh_data()
        table.focus()

    def on_live_table_moved(self) -> None:
        """Another line is selected."""
        self._title()

    def refresh_data(self) -> None:
        """Show the newest notices."""
        snapshot = self._state.snapshot
        table = self.query_one(LiveTable)
        if snapshot is None:
            return
        told = [("⚠", f"{safe(notice.source)}: {safe(notice.text)}") for notice in snapshot.notices]
        width = max(_NARROWEST, self.app.size.width - _MARGIN)
        rows = [*_wrapped(told, width)]
        rows += [Item(row.key, None, None, ("  ".join(row.keys), row.description)) for row in self._rows]
        rows += _wrapped(_NOTES, width)
        view = View("help", "Help", _COLUMNS, lambda _context: tuple(rows), lambda _row, _context: None)  # type: ignore[arg-type,return-value]
        context = Context(snapshot, self._state.history)
        table.define(view.columns)
        current = table.current
        table.show(Listing(view).update(context), context, None if current is None else current.row.key)
        self._title()

    def _title(self) -> None:
        table = self.query_one(LiveTable)
        table.set_titles("Help", f"{table.cursor + 1} of {len(table.entries)} · Esc closes · netview only reads")


def _wrapped(notes: Iterable[tuple[str, str]], width: int) -> Iterator[Item]:
    """Each note on as many lines as it needs."""
    for sign, words in notes:
        for number, line in enumerate(wrap(words, width)):
            yield Item((words, number), None, None, ("" if number else sign, line))


_COLUMNS = (
    Column("keys", "KEY", lambda row, _: Cell(row.fact[0], "name"), least=8, most=26),
    Column("description", "WHAT IT DOES", lambda row, _: row.fact[1], least=20, most=140, rank=2),
)
