"""What a terminal that is too small is told."""

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static


class TooSmallScreen(Screen[None]):
    """netview needs 60x16; q quits."""

    DEFAULT_CSS = """
    TooSmallScreen { overflow: hidden; }
    """

    def __init__(self, least: Size) -> None:
        super().__init__(classes="too-small")
        self._least = least

    def compose(self) -> ComposeResult:
        """One sentence."""
        yield Static(self._sentence())

    def on_resize(self) -> None:
        """Another size."""
        self.query_one(Static).update(self._sentence())

    def on_screen_resume(self) -> None:
        """Out of the way where the terminal has grown while another screen stood above."""
        if self.app.size.width >= self._least.width and self.app.size.height >= self._least.height:
            self.dismiss()

    def refresh_data(self) -> None:
        """Nothing here is live."""

    def _sentence(self) -> Content:
        size, least = self.app.size, self._least
        return Content(f"netview needs {least.width}x{least.height}, this is {size.width}x{size.height}; q quits")
