"""The tab bar: the views of the host, or the tabs of the place that is open."""

from rich.cells import cell_len
from textual import events
from textual.message import Message

from netview.ui.places import HOST_VIEWS, Place
from netview.ui.widgets.bar import Bar
from netview.ui.widgets.pieces import Piece

MAP = -1
"""The map among the host's views: it is a screen of its own."""


class Tabs(Bar):
    """One line of tabs; the open one stands in brackets, for colour is never the only cue."""

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def tell(self, place: Place) -> None:
        """Show a place's tabs."""
        if place.views is HOST_VIEWS:
            self._host(place.tab)
        else:
            titles = [view.title for view in place.views]
            if sum(cell_len(title) + 2 for title in titles) <= self.size.width:
                self._titles(titles, place.tab)
            else:
                self._closely([view.brief or view.title for view in place.views], place.tab)

    def tell_map(self) -> None:
        """Show the host's tabs, with the map open."""
        self._host(MAP)

    def _host(self, tab: int) -> None:
        """Whole words, as many as there is room for."""
        here = len(HOST_VIEWS) if tab == MAP else tab
        titles = [f"{index + 1} {view.title}" for index, view in enumerate(HOST_VIEWS)] + ["0 Map"]
        briefly = [f"{index + 1} {view.brief or view.title}" for index, view in enumerate(HOST_VIEWS)] + ["0 Map"]
        if sum(cell_len(title) + 2 for title in titles) <= self.size.width:
            self._titles(titles, here)
        elif sum(cell_len(title) + 1 for title in briefly) < self.size.width:
            self._closely(briefly, here)
        else:
            self._closely([title if index == here else title[:1] for index, title in enumerate(briefly)], here)

    def _titles(self, titles: list[str], here: int) -> None:
        pieces = (
            Piece(f"[{name}]", "active") if index == here else Piece(f" {name} ", "label") for index, name in enumerate(titles)
        )
        self.show(((*pieces,), ()))

    def _closely(self, titles: list[str], here: int) -> None:
        """One blank between two of them, in whose place the open one's brackets stand."""
        pieces = (
            Piece(f"[{name}]", "active") if index == here else Piece(f"{'' if index == here + 1 else ' '}{name}", "label")
            for index, name in enumerate(titles)
        )
        self.show(((*pieces,), ()))

    def on_click(self, event: events.Click) -> None:
        """Open the tab below the mouse."""
        at = 0
        for index, piece in enumerate(self._lines[0][0] if self._lines else ()):
            at += cell_len(piece.text)
            if event.x < at:
                self.post_message(self.Picked(MAP if index == len(HOST_VIEWS) else index))
                return
