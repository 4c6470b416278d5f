"""The app."""

from textual.app import App

from netview.live import Poller
from netview.ui.options import Options


class NetviewApp(App[int]):
    """Every wire of the host, live; run() returns the exit code."""

    def __init__(self, poller: Poller, options: Options) -> None:
        super().__init__()
        self._poller = poller
        self._options = options
