"""In which form a view is saved."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.derive.filter import Subject
from netview.model import Snapshot
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.exporting import FORMATS
from netview.ui.listing import Listing
from netview.ui.state import State
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.live_table import LiveTable

_WORDS = {"txt": "every row as aligned text", "csv": "every row for a spreadsheet", "json": "every row for a program"}
_WORDS |= {"svg": "the screen as a picture"}


class ExportScreen(Screen[None]):
    """The formats; Enter saves.

    ┌ save this view ───────────────┐
    │ txt   every row as text       │
    │ svg   the screen as a picture │
    └───────────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "save", "save", id="save"),
        Binding("escape,backspace,ctrl+s", "app.close", "back", id="close"),
    ]

    def __init__(self, state: State, save: Callable[[str], None]) -> None:
        super().__init__()
        self._state = state
        self._save = save
        rows = tuple(Item(form, None, None, form) for form in FORMATS)
        self._listing = Listing(View("formats", "Formats", _COLUMNS, lambda _: rows, lambda *_: Subject(), alive=_alive))

    def compose(self) -> ComposeResult:
        """The list and the keys."""
        yield LiveTable(ascii_only=self._state.options.ascii)
        yield Footer(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """The formats do not change."""
        table = self.query_one(LiveTable)
        table.define(_COLUMNS)
        table.set_titles("save this view", "")
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
        self.action_save()

    def action_save(self) -> None:
        """Write the file, from the view below."""
        current = self.query_one(LiveTable).current if self.is_mounted else None
        if current is not None and self.app.screen is self:
            self.app.pop_screen()
            self._save(current.row.fact)


def _alive(_row: Item, _snapshot: Snapshot) -> bool:
    return True


_COLUMNS = (
    Column("form", "FORMAT", lambda item, _: Cell(item.fact, "name"), least=6, rank=0),
    Column("words", "WHAT", lambda item, _: _WORDS[item.fact], least=20, most=60, rank=1),
)
