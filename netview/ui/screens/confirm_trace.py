"""What a trace will add to the host, before it does."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.decode.trace_table import table_lines
from netview.derive.filter import Subject
from netview.derive.trace.plan import Plan
from netview.derive.trace.words import label
from netview.model import Snapshot
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.listing import Listing
from netview.ui.state import State
from netview.ui.trace_desk import BUDGET
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.live_table import LiveTable


class ConfirmTraceScreen(Screen[bool]):
    """The table as nft would print it; y adds it.

    ┌ add this in host, nginx-1? ───────────────┐
    │ table inet netview_4242 {                 │
    └───────────────────────────────────────────┘
     y add it and trace                     Esc leave
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "add", "add it and trace", id="add-trace"),
        Binding("escape,backspace", "leave", "leave it", id="close"),
    ]

    def __init__(self, state: State, snapshot: Snapshot, wanted: Plan) -> None:
        super().__init__()
        self._state = state
        self._where = ", ".join(label(snapshot, name) for name in wanted.namespaces)
        self._left = False
        rows = tuple(Item(number, None, None, line) for number, line in enumerate(_lines(wanted)))
        self._listing = Listing(View("confirm", "Confirm", _COLUMNS, lambda _: rows, lambda *_: Subject(), alive=_alive))

    def compose(self) -> ComposeResult:
        """The table and the keys."""
        yield LiveTable(ascii_only=self._state.options.ascii)
        yield Footer(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """It does not change while one reads."""
        table = self.query_one(LiveTable)
        table.define(_COLUMNS)
        table.set_titles(f"add this table in {self._where}?", "")
        table.focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show it."""
        snapshot, table = self._state.snapshot, self.query_one(LiveTable)
        if snapshot is not None:
            context = Context(snapshot, self._state.history)
            current = table.current
            table.show(self._listing.update(context), context, None if current is None else current.row.key)

    def action_add(self) -> None:
        """Yes."""
        self._leave(sure=True)

    def action_leave(self) -> None:
        """No."""
        self._leave(sure=False)

    def _leave(self, *, sure: bool) -> None:
        """Answer once."""
        if self.app.screen is self and not self._left:
            self._left = True
            self.dismiss(sure)


def _lines(wanted: Plan) -> tuple[str, ...]:
    until = f"when the trace ends, after {BUDGET.packets} packets or {BUDGET.seconds:g} s, and however netview ends."
    told = (
        "It marks the packets of this flow, so that the kernel tells which rules they meet.",
        f"It belongs to netview's process: the kernel removes it {until}",
        "",
    )
    return (*told, *table_lines("netview_<pid>", wanted.matches))


def _alive(_row: Item, _snapshot: Snapshot) -> bool:
    return True


_COLUMNS = (Column("line", "WHAT IS ADDED", lambda row, _: Cell(row.fact), least=20, most=400, rank=0),)
