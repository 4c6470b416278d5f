"""The demo's captions: three journeys of a packet to be walked, a line each."""

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

    def tell(self, number: int) -> None:
        """Show one of them."""
        name, how = CAPTIONS[number]
        left = (Piece(f" {number + 1}/{len(CAPTIONS)} {name}: ", "title"), Piece(how))
        following = "next" if number + 1 < len(CAPTIONS) else "done"
        self.show((left, (Piece(" J", "key"), Piece(f" {following} ", "label"))))
