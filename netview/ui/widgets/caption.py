"""The demo's captions: three journeys of a packet to be walked, a line each."""

from textual.strip import Strip

from netview.ui.widgets.bar import Bar
from netview.ui.widgets.pieces import Piece

CAPTIONS = (
    ("container to container", "on nginx-1 press n, type nginx-2, Enter"),
    ("host to container", "on the uplink press n, type nginx-2, Enter"),
    ("container to outside", "on nginx-1 press n, type 198.51.100.10"),
)
"""What each journey is called, and how one walks it."""


class Caption(Bar):
    """One journey at a time.

    1/3 container to container: on nginx-1 press n, type nginx-2, Enter        J next
    """

    _number = 0

    def tell(self, number: int) -> None:
        """Show one of them."""
        self._number = number
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """How one walks it, and what it is called where there is room."""
        name, how = CAPTIONS[self._number]
        following = "next" if self._number + 1 < len(CAPTIONS) else "done"
        right = (Piece(" J", "key"), Piece(f" {following} ", "label"))
        count = f" {self._number + 1}/{len(CAPTIONS)}"
        left = (Piece(f"{count} {name}: ", "title"), Piece(how))
        if self._width(left) + self._width(right) >= self.size.width:
            left = (Piece(f"{count} ", "title"), Piece(how))
        self._lines = ((left, right),)
        return super().render_line(y)
