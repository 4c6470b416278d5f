"""What a level of the map is made of."""

from typing import NamedTuple, Protocol

from netview.derive.wiring import Wire, WireId
from netview.ui.widgets.pieces import Line


class Item(NamedTuple):
    """What can be selected, and where it is drawn."""

    wire: Wire
    block: WireId
    x: int
    y: int
    height: int = 1


class Drawing(Protocol):
    """One level, as high as it needs."""

    @property
    def height(self) -> int:
        """Lines."""

    @property
    def items(self) -> tuple[Item, ...]:
        """What can be selected, in reading order."""

    def line(self, y: int, selected: WireId | None) -> Line:
        """One line, as wide as the drawing."""
