"""In which form a view is saved."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from netview.ui.columns import Cell, Column
from netview.ui.exporting import FORMATS
from netview.ui.screens.still import StillScreen
from netview.ui.state import State
from netview.ui.widgets.live_table import LiveTable

_WORDS = {"txt": "every row as aligned text", "csv": "every row for a spreadsheet", "json": "every row for a program"}
_WORDS |= {"svg": "the screen as a picture"}


class ExportScreen(StillScreen[None]):
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
        super().__init__(state, "save this view", FORMATS, _COLUMNS)
        self._save = save

    def on_live_table_opened(self) -> None:
        """The same by mouse."""
        self.action_save()

    def action_save(self) -> None:
        """Write the file, from the view below."""
        current = self.query_one(LiveTable).current if self.is_mounted else None
        if current is not None and self.app.screen is self:
            self.app.pop_screen()
            self._save(current.row.fact)


_COLUMNS = (
    Column("form", "FORMAT", lambda item, _: Cell(item.fact, "name"), least=6, rank=0),
    Column("words", "WHAT", lambda item, _: _WORDS[item.fact], least=20, most=60, rank=1),
)
