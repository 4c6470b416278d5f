"""The least Textual app with a title and a footer: what netview's first frame and memory are held against."""

from textual.app import App, ComposeResult
from textual.widgets import Static

TITLE, FOOTER = "bare title", "bare footer"


class Bare(App[None]):
    """Two lines and nothing between them."""

    CSS = "Static { height: 1 } #footer { dock: bottom }"

    def compose(self) -> ComposeResult:
        """The lines."""
        yield Static(TITLE)
        yield Static(FOOTER, id="footer")


if __name__ == "__main__":
    Bare().run()
