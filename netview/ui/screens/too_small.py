"""What a terminal that is too small is told."""

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

LEAST = Size(60, 16)


class TooSmallScreen(Screen[None]):
    """netview needs 60x16; q quits."""

    def compose(self) -> ComposeResult:
        """One sentence."""
        size = self.app.size
        yield Static(Content(f"netview needs {LEAST.width}x{LEAST.height}, this is {size.width}x{size.height}; q quits"))

    def refresh_data(self) -> None:
        """Nothing here is live."""
