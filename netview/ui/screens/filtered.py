"""A screen with one list that can be filtered."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from netview.ui.state import State
from netview.ui.widgets.filter_input import FILTER_HINT, FilterInput
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.live_table import LiveTable

if TYPE_CHECKING:
    from netview.ui.listing import Listing


class FilteredScreen(Screen[None]):
    """The list, the keys, and between them the line that a filter is typed into."""

    hint = FILTER_HINT

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._listing: Listing

    def compose(self) -> ComposeResult:
        """The list and the keys."""
        yield LiveTable(ascii_only=self._state.options.ascii)
        yield Footer(ascii_only=self._state.options.ascii)

    def refresh_data(self) -> None:
        """Show the newest."""

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed; what cannot be understood is red and changes nothing."""
        self._listing.search(event.value)
        event.input.set_class(self._listing.invalid is not None, "-invalid")
        self.refresh_data()

    def on_input_submitted(self) -> None:
        """Keep the filter."""
        self._end_filter()

    async def action_filter(self) -> None:
        """Show a part of the list."""
        if not self.query("FilterInput"):
            line = FilterInput(self._listing.query, self.hint)
            await self.mount(line, before=self.query_one(Footer))
            self.set_focus(line)

    def action_back(self) -> None:
        """Clear the filter, then leave."""
        if self.query("FilterInput") or self._listing.query:
            self._listing.search("")
            self._end_filter()
            self.refresh_data()
        elif self.app.screen is self:
            self.app.pop_screen()

    def _end_filter(self) -> None:
        self.query("FilterInput").remove()
        self.query_one(LiveTable).focus()
