"""The line that a filter is typed into."""

from textual.widgets import Input

FILTER_HINT = "text  !text  ns:  if:  ip:  mac:  kind:  rate>1M"


class FilterInput(Input):
    """One line above the footer; it leaves when it is done."""

    def __init__(self, value: str, placeholder: str) -> None:
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=False)
        self.cursor_blink = False
