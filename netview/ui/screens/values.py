"""What a row says, to be copied one by one."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.ui.columns import Cell, Column
from netview.ui.screens.still import StillScreen
from netview.ui.state import State
from netview.ui.widgets.live_table import LiveTable


class ValuesScreen(StillScreen[None]):
    """A row's values, addresses first; Enter copies.

    ┌ copy ─────────────────────────┐
    │ ADDRESS    172.17.0.2/16      │
    │ NAME       eth0               │
    └───────────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "copy", "copy", id="copy-value"),
        Binding("escape,backspace,c", "app.close", "back", id="close"),
    ]

    def __init__(self, state: State, values: tuple[tuple[str, str], ...]) -> None:
        super().__init__(state, "copy", values, _COLUMNS)

    def on_live_table_opened(self) -> None:
        """The same by mouse."""
        self.action_copy()

    def action_copy(self) -> None:
        """To the terminal's clipboard."""
        current = self.query_one(LiveTable).current if self.is_mounted else None
        if current is not None and self.app.screen is self:
            send(self, current.row.fact[1])
            self.app.pop_screen()


def send(screen: Screen[None], text: str) -> None:
    """Copy by OSC 52, which a terminal may take or drop: nobody hears which."""
    screen.app.copy_to_clipboard(text)
    screen.app.notify(text, title="sent to the terminal", markup=False)


_COLUMNS = (
    Column("name", "WHAT", lambda row, _: Cell(row.fact[0], "dim"), least=10, most=20, rank=0),
    Column("value", "VALUE", lambda row, _: row.fact[1].replace("\n", ", "), least=20, most=300, rank=2),
)
