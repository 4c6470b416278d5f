"""What changed since a mark."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.derive.diff import diff
from netview.live import Entry
from netview.model import Snapshot
from netview.text import age
from netview.ui.columns import Cell, Context
from netview.ui.listing import Listing
from netview.ui.state import State
from netview.ui.views.events import EVENTS
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.live_table import LiveTable


class ChangesScreen(Screen[None]):
    """New, changed and gone between the mark and now, as in view 6.

    ┌ since the mark, 3 min ago ────────────────┐
    │ + new      link     veth9c02e56  host     │
    └───────────────────────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,d", "app.close", "back", id="close"),
    ]

    def __init__(self, state: State, mark: Snapshot) -> None:
        super().__init__()
        self._state = state
        self._mark = mark
        self._listing = Listing(EVENTS)

    def compose(self) -> ComposeResult:
        """The list and the keys."""
        yield LiveTable(ascii_only=self._state.options.ascii)
        yield Footer(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """Show what is known."""
        table = self.query_one(LiveTable)
        table.define(EVENTS.columns)
        table.focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """Compare the newest facts with the mark."""
        snapshot, table = self._state.snapshot, self.query_one(LiveTable)
        if snapshot is None:
            return
        log = tuple(Entry(number, event) for number, event in enumerate(diff(self._mark, snapshot)))
        context = Context(snapshot, self._state.history, log=log)
        current = table.current
        entries = self._listing.update(context)
        table.show(entries, context, None if current is None else current.row.key, message=Cell("nothing has changed", "dim"))
        table.set_titles(f"since the mark, {age(snapshot.taken_at - self._mark.taken_at)} ago", str(len(entries)))
