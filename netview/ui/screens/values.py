"""What a row says, to be copied one by one."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.derive.filter import Subject
from netview.model import Snapshot
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.listing import Listing
from netview.ui.state import State
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.live_table import LiveTable


class ValuesScreen(Screen[None]):
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
        super().__init__()
        self._state = state
        rows = tuple(Item(number, None, None, value) for number, value in enumerate(values))
        self._listing = Listing(View("values", "Values", _COLUMNS, lambda _: rows, lambda *_: Subject(), alive=_alive))

    def compose(self) -> ComposeResult:
        """The list and the keys."""
        yield LiveTable(ascii_only=self._state.options.ascii)
        yield Footer(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """What the row said when it was asked: it does not change while one chooses."""
        table = self.query_one(LiveTable)
        table.define(_COLUMNS)
        table.set_titles("copy", "")
        table.focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show the list."""
        snapshot, table = self._state.snapshot, self.query_one(LiveTable)
        if snapshot is not None:
            context = Context(snapshot, self._state.history)
            current = table.current
            table.show(self._listing.update(context), context, None if current is None else current.row.key)

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


def _alive(_row: Item, _snapshot: Snapshot) -> bool:
    return True


_COLUMNS = (
    Column("name", "WHAT", lambda row, _: Cell(row.fact[0], "dim"), least=10, most=20, rank=0),
    Column("value", "VALUE", lambda row, _: row.fact[1].replace("\n", ", "), least=20, most=300, rank=2),
)
