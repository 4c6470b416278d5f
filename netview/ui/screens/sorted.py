"""A screen with one list that can be filtered and sorted, and whose rows have wires to open."""

from netview.ui.screens.filtered import FilteredScreen
from netview.ui.widgets.live_table import LiveTable


class SortedScreen(FilteredScreen):
    """The keys that sort, and the one that opens both ends of a row's wire."""

    called: str
    """What the list is called on the screen of a wire."""

    def on_live_table_moved(self, event: LiveTable.Moved) -> None:
        """The order rests while one moves."""
        if event.by_user:
            self._listing.touch()

    def on_live_table_opened(self) -> None:
        """A click on the selected row."""
        self.action_open()

    def on_live_table_sorted(self, event: LiveTable.Sorted) -> None:
        """A click on a title."""
        self._listing.sort_by(event.column)
        self.refresh_data()

    def action_open(self) -> None:
        """Both ends of a wire."""
        current = self.query_one(LiveTable).current
        if current is not None and current.row.link is not None and self.app.screen is self:
            from netview.ui.screens.pair import PairScreen  # noqa: PLC0415  # only where one is opened

            self.app.push_screen(PairScreen(self._state, current.row.link, (self.called,)))

    def action_sort(self) -> None:
        """By the next column."""
        self._listing.next_sort()
        self.refresh_data()

    def action_turn(self) -> None:
        """The other way round."""
        self._listing.turn()
        self.refresh_data()
