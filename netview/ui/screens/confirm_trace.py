"""What a trace will add to the host, before it does."""

from textwrap import wrap
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Resize

from netview.decode.trace_table import table_lines
from netview.derive.trace.plan import Plan
from netview.derive.trace.words import label
from netview.model import Snapshot
from netview.text import safe
from netview.ui.columns import Cell, Column
from netview.ui.grid import GUTTER
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
        super().__init__(state, f"add this table in {where}?", (), _COLUMNS)
        self._lines = _lines(wanted)
        self._left = False

    def on_resize(self, event: Resize) -> None:
        """All of it is read before it is added, however narrow the terminal."""
        width = event.size.width - _FRAME
        self.set_facts(part for line in self._lines for part in _folded(line, width))

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


def _folded(line: str, width: int) -> list[str]:
    """What does not fit goes on below, further in."""
    inner = " " * (len(line) - len(line.lstrip()))
    return wrap(line, width, initial_indent="", subsequent_indent=f"{inner}    ", break_on_hyphens=False) or [line]


_FRAME = 2 + GUTTER
_COLUMNS = (Column("line", "WHAT IS ADDED", lambda row, _: Cell(row.fact), least=20, most=400, rank=0),)
