"""What a terminal that is too small is told."""

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static


class TooSmallScreen(Screen[None]):
    """netview needs 60x16; q quits."""

    def __init__(self, least: Size, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._least = least

    def compose(self) -> ComposeResult:
        """One sentence."""
        size, least = self.app.size, self._least
        yield Static(Content(f"netview needs {least.width}x{least.height}, this is {size.width}x{size.height}; q quits"))

    def refresh_data(self) -> None:
        """Nothing here is live."""
