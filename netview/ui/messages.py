"""Messages between the poller's thread and the app."""

from textual.message import Message

from netview.live import Update


class Updated(Message):
    """There is a newer snapshot; only the newest matters."""

    def __init__(self, update: Update) -> None:
        super().__init__()
        self.update = update

    def can_replace(self, message: Message) -> bool:
        """Take the place of an older one that still waits."""
        return isinstance(message, Updated)


class Failed(Message):
    """A thread of the app's has died of a mistake: what is on the screen will not change any more."""
