"""The command palette: every action, found by its name."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from netview.ui.columns import Cell, Context
from netview.ui.listing import Listing
from netview.ui.screens.actions import Action, actions_view
from netview.ui.state import State
from netview.ui.widgets.filter_input import FilterInput
from netview.ui.widgets.live_table import LiveTable


class PaletteScreen(Screen[Action | None]):
    """Type a part of a name, Enter does it.

    sor_
    ┌ Actions ────────────────┐
    │ s     sort              │
    └─────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "leave", "close", id="close"),
        Binding("down", "move(1)", "down", show=False, id="palette-down"),
        Binding("up", "move(-1)", "up", show=False, id="palette-up"),
    ]

    def __init__(self, state: State, rows: tuple[Action, ...]) -> None:
        super().__init__()
        self._state = state
        self._listing = Listing(actions_view(rows))
        self._left = False

    def compose(self) -> ComposeResult:
        """The input and the list."""
        yield FilterInput("", "an action")
        yield LiveTable(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """Everything is listed until something is typed."""
        table = self.query_one(LiveTable)
        table.can_focus = False
        table.set_titles("Actions", "")
        table.define(self._listing.view.columns)
        self.query_one(FilterInput).focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """List what fits the text."""
        snapshot = self._state.snapshot
        if snapshot is None:
            return
        context = Context(snapshot, self._state.history)
        table = self.query_one(LiveTable)
        current = table.current
        entries = self._listing.update(context)
        message = Cell(self._listing.view.empty, "dim")
        table.show(entries, context, None if current is None else current.row.key, message=message)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        self._listing.search(event.value)
        self.refresh_data()

    def on_input_submitted(self) -> None:
        """Do what is selected."""
        self.on_live_table_opened()

    def on_live_table_opened(self) -> None:
        """The same by mouse."""
        current = self.query_one(LiveTable).current
        self._leave(None if current is None else current.row)

    def action_leave(self) -> None:
        """Do nothing."""
        self._leave(None)

    def action_move(self, step: int) -> None:
        """Select the action above or below."""
        self.query_one(LiveTable).action_move(step)

    def _leave(self, action: Action | None) -> None:
        """Close with a choice, once, while it is on top: other keys may have been pressed before this one counts."""
        if self.app.screen is self and not self._left:
            self._left = True
            self.dismiss(action)
