"""Which packets are to be captured."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from netview.derive.capture.filter import FilterError, program
from netview.derive.filter import Subject
from netview.model import Snapshot
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.listing import Listing
from netview.ui.state import State
from netview.ui.widgets.filter_input import FilterInput
from netview.ui.widgets.live_table import LiveTable

_HINT = "everything, or: icmp   tcp port 80   host 10.0.0.2 and not arp"


class AskCaptureScreen(Screen[str | None]):
    """Type a filter, or none; Enter captures at the points that are listed.

    tcp port 80_
    ┌ capture at ─────────────┐
    │ nginx-1/eth0            │
    │ host/veth9c02e56        │
    └─────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "close", id="close")]

    def __init__(self, state: State, names: tuple[str, ...]) -> None:
        super().__init__()
        self._state = state
        self._left = False
        rows = tuple(Item(name, None, None, name) for name in names)
        self._listing = Listing(View("points", "Points", _COLUMNS, lambda _: rows, lambda *_: Subject(), alive=_alive))

    def compose(self) -> ComposeResult:
        """The input and the points."""
        yield FilterInput("", _HINT)
        yield LiveTable(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """The points do not change while one types."""
        table = self.query_one(LiveTable)
        table.can_focus = False
        table.define(_COLUMNS)
        table.set_titles("capture at", "the namespaces are kept alive meanwhile")
        self.query_one(FilterInput).focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show the points."""
        snapshot, table = self._state.snapshot, self.query_one(LiveTable)
        if snapshot is not None:
            context = Context(snapshot, self._state.history)
            table.show(self._listing.update(context), context, None)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What cannot be understood is red."""
        event.input.set_class(_mistake(event.value) is not None, "-invalid")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Capture, if the filter is understood; else say why not."""
        mistake = _mistake(event.value)
        if mistake is None:
            self._leave(event.value)
        else:
            self.notify(mistake, severity="warning", markup=False)

    def action_leave(self) -> None:
        """Capture nothing."""
        self._leave(None)

    def _leave(self, text: str | None) -> None:
        """Close with an answer, once."""
        if self.app.screen is self and not self._left:
            self._left = True
            self.dismiss(text)


def _mistake(text: str) -> str | None:
    try:
        program(text)
    except FilterError as error:
        return str(error)
    return None


def _alive(_row: Item, _snapshot: Snapshot) -> bool:
    return True


_COLUMNS = (Column("point", "POINT", lambda row, _: Cell(row.fact, "name"), least=20, most=120, rank=0),)
