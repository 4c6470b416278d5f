"""The second net: whatever a widget draws, no control character reaches the terminal."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from netview.text import safe


class ControlFilter(LineFilter):
    """Makes control characters in drawn text visible."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments with safe text."""
        del background
        # A line's text in one piece: most lines are harmless.
        text = "".join([segment.text for segment in segments])
        if safe(text) is text:
            return segments
        return [segment if segment.control else _safe(segment) for segment in segments]


def _safe(segment: Segment) -> Segment:
    text = safe(segment.text)
    return segment if text is segment.text else Segment(text, segment.style)
