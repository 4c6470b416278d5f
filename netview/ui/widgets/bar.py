"""A few lines of styled text that are painted again only where they changed."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from netview.text import plain
from netview.ui.grid import fit
from netview.ui.widgets.pieces import Line, Piece

BarLine = tuple[Line, Line]
"""What stands on the left, and what stands on the right and is never cut."""


class Bar(Widget):
    """Lines with a left and a right part."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"bar--{name}" for name in ("value", "label", "title", "good", "warn", "bad", "key", "active", "crumb")
    }

    def __init__(self, *, ascii_only: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._ascii = ascii_only
        self._lines: tuple[BarLine, ...] = ()

    def show(self, *lines: BarLine) -> None:
        """Show these lines."""
        before, self._lines = self._lines, lines
        for y, line in enumerate(lines):
            if before[y : y + 1] != (line,):
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line: the left part cut to what the right part leaves."""
        width = self.size.width
        left, right = self._lines[y] if y < len(self._lines) else ((), ())
        room = width - self._width(right) - 1 if right else width
        segments, used = self._segments(left, room)
        if right:
            segments.append(Segment(" " * max(0, width - self._width(right) - used), self.rich_style))
            segments.extend(self._segments(right, self._width(right))[0])
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _segments(self, line: Line, room: int) -> tuple[list[Segment], int]:
        segments: list[Segment] = []
        used = 0
        for piece in line:
            text = self._text(piece)
            length = cell_len(text)
            if used + length > room:
                text = fit(text, max(0, room - used), right=False, ellipsis="~" if self._ascii else "…") if room > used else ""
                length = cell_len(text)
            segments.append(Segment(text, self.get_component_rich_style(f"bar--{piece.style}")))
            used += length
        return segments, used

    def _text(self, piece: Piece) -> str:
        return plain(piece.text) if self._ascii else piece.text

    def _width(self, line: Line) -> int:
        return sum(cell_len(self._text(piece)) for piece in line)
