"""The tab bar: the views of the host, or the tabs of the place that is open."""

from rich.cells import cell_len
from textual import events
from textual.message import Message

from netview.ui.places import HOST_VIEWS, Place
from netview.ui.widgets.bar import Bar
from netview.ui.widgets.pieces import Piece


class Tabs(Bar):
    """One line of tabs; the open one stands in brackets, for colour is never the only cue."""

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def tell(self, place: Place) -> None:
        """Show a place's tabs."""
        pieces = []
        for index, view in enumerate(place.views):
            number = f"{index + 1} " if place.views is HOST_VIEWS else ""
            title = f"{number}{view.title}"
            pieces.append(Piece(f"[{title}]", "active") if index == place.tab else Piece(f" {title} ", "label"))
        self.show(((*pieces,), ()))

    def on_click(self, event: events.Click) -> None:
        """Open the tab below the mouse."""
        at = 0
        for index, piece in enumerate(self._lines[0][0] if self._lines else ()):
            at += cell_len(piece.text)
            if event.x < at:
                self.post_message(self.Picked(index))
                return
