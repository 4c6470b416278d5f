"""Who talks most."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from netview.live import Want
from netview.ui.listing import Listing
from netview.ui.screens.sorted import SortedScreen
from netview.ui.state import State
from netview.ui.views.talkers import talkers_view
from netview.ui.widgets.live_table import LiveTable


class TalkersScreen(SortedScreen):
    """Every wire once, with what goes into and out of its container, and its share of all that wires carry.

    ┌ top talkers ─────────────────────────────────────────┐
    │ nginx-1  eth0  172.17.0.2/16  docker0  8.1 M  21 k 94 %│
    └──────────────────────────────────────────────────────┘
     Enter both ends  / filter  s sort                Esc back
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "both ends", id="open"),
        Binding("slash", "filter", "filter", id="filter"),
        Binding("s", "sort", "sort", id="sort"),
        Binding("S", "turn", "reverse the sort", show=False, id="reverse"),
        Binding("escape,backspace", "back", "back", id="back"),
        Binding("T", "app.close", "back", show=False, id="talkers"),
    ]

    called = "top talkers"

    def __init__(self, state: State, want: Callable[[Want], None]) -> None:
        super().__init__(state)
        self._tell_wanted = want
        self._listing = Listing(talkers_view())
        self._listing.sort_by("share")

    def on_mount(self) -> None:
        """The busiest first."""
        table = self.query_one(LiveTable)
        table.define(self._listing.view.columns)
        table.focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show the newest rates; the order changes every three seconds at most."""
        update, table, listing = self._state.update, self.query_one(LiveTable), self._listing
        if update is None:
            return
        context = self._state.context(update, namespace=None, bridge=None, rows=table.size.height, whole=True)
        current = table.current
        entries = listing.update(context)
        selected = None if current is None else current.row.key
        table.show(entries, context, selected, sort=(listing.sort, listing.reverse))
        table.set_titles("top talkers", f"{table.cursor + 1} of {len(entries)}" if entries else "")
        self._tell_wanted(Want(table.visible_links()))

    def on_live_table_moved(self, event: LiveTable.Moved) -> None:
        """Other rows are visible; that the order rests, the class above sees to as well."""
        del event
        self._tell_wanted(Want(self.query_one(LiveTable).visible_links()))
