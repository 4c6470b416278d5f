"""What a trace will add to the host, before it does."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from netview.decode.trace_table import table_lines
from netview.derive.trace.plan import Plan
from netview.derive.trace.words import label
from netview.model import Snapshot
from netview.text import safe
from netview.ui.columns import Cell, Column
from netview.ui.screens.still import StillScreen
from netview.ui.state import State
from netview.ui.trace_desk import BUDGET


class ConfirmTraceScreen(StillScreen[bool]):
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
        where = safe(", ".join(label(snapshot, name) for name in wanted.namespaces))
        super().__init__(state, f"add this table in {where}?", _lines(wanted), _COLUMNS)
        self._left = False

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


_COLUMNS = (Column("line", "WHAT IS ADDED", lambda row, _: Cell(row.fact), least=20, most=400, rank=0),)
