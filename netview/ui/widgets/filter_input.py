"""The line that a filter is typed into."""

from textual import events
from textual.widgets import Input

FILTER_HINT = "text  !text  ns: if: ip: mac: kind: owner: pod: image: port: rate>1M"
LONGEST = 200


class FilterInput(Input):
    """One line above the footer; it leaves when it is done."""

    def __init__(self, value: str, placeholder: str) -> None:
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=False, max_length=LONGEST)
        self.cursor_blink = False
        self._early = len(value)

    def insert_early(self, letter: str) -> None:
        """One that was typed before this line was there, and comes here by a longer way: it stands before all typed since."""
        cursor = self.cursor_position
        self.insert(letter, self._early)
        self._early += len(letter)
        self.cursor_position = cursor + len(letter)

    def on_paste(self, event: events.Paste) -> None:
        """Everything that was pasted on one line, without what could act on a terminal, and not more than fits."""
        event.prevent_default()
        event.stop()
        room = LONGEST - len(self.value) + len(self.selected_text)
        line = "".join(letter for letter in " ".join(event.text.split()) if letter.isprintable())
        self.replace(line[:room], *self.selection)
