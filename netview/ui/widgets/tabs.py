"""The tab bar: the views of the host, or the tabs of the place that is open."""

from collections.abc import Iterator

from rich.cells import cell_len
from textual import events
from textual.message import Message

from netview.ui.places import HOST_VIEWS, Place
from netview.ui.widgets.bar import Bar
from netview.ui.widgets.pieces import Piece

MAP = -1
"""The map among the host's views: it is a screen of its own."""

_FEWEST = 4
"""Of number, blank and word: with less of it a word says nothing."""


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
            self._titles([view.title for view in place.views], place.tab)

    def tell_map(self) -> None:
        """Show the host's tabs, with the map open."""
        self._host(MAP)

    def _host(self, tab: int) -> None:
        """Titles as long as there is room for them."""
        titles = [f"{index + 1} {view.title}" for index, view in enumerate(HOST_VIEWS)] + ["0 Map"]
        here = len(HOST_VIEWS) if tab == MAP else tab
        fitting = (some for some in _shortened(titles, here) if sum(cell_len(title) + 2 for title in some) <= self.size.width)
        self._titles(next(fitting, [title.split()[0] for title in titles]), here)

    def _titles(self, titles: list[str], here: int) -> None:
        pieces = (
            Piece(f"[{name}]", "active") if index == here else Piece(f" {name} ", "label") for index, name in enumerate(titles)
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


def _shortened(titles: list[str], here: int) -> Iterator[list[str]]:
    """The titles, then their first words, then ever fewer letters of all but the open one."""
    yield titles
    firsts = [" ".join(title.split()[:2]) for title in titles]
    yield firsts
    for letters in range(max(map(len, firsts)), _FEWEST, -1):
        yield [title if index == here else title[:letters] for index, title in enumerate(firsts)]
    yield [title if index == here else title.split()[0] for index, title in enumerate(firsts)]
