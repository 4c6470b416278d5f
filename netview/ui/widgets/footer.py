"""The line below everything: the keys that matter here."""

from rich.cells import cell_len
from textual.strip import Strip

from netview.ui.widgets.bar import Bar, BarLine
from netview.ui.widgets.pieces import Line, Piece

_NAMES = {"slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]", "colon": ":"}
_NAMES |= {"plus": "+", "equals_sign": "=", "minus": "-", "escape": "Esc", "enter": "Enter", "tab": "Tab", "space": "Space"}
_NAMES |= {"up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "PgUp", "pagedown": "PgDn", "backspace": "Backspace"}
_NAMES |= {"f1": "F1", "home": "Home", "end": "End", "shift+left": "shift+←", "shift+right": "shift+→", "full_stop": "."}
_NAMES["comma"] = ","
_ALWAYS = frozenset({"help", "back-or-quit"})


class Footer(Bar):
    """Hints drop from the middle; help and quit never do."""

    def render_line(self, y: int) -> Strip:
        """The bindings of the screen that want to be shown, as many as fit."""
        self._lines = (self._hints(),)
        return super().render_line(y)

    def _hints(self) -> BarLine:
        bindings = [active.binding for active in self.screen.active_bindings.values() if active.binding.show]
        first = {binding.id: binding for binding in reversed(bindings)}
        hints = [(binding.id, key_name(binding.key), binding.description) for binding in reversed(first.values())]
        right = _line([hint for hint in hints if hint[0] in _ALWAYS])
        left = [hint for hint in hints if hint[0] not in _ALWAYS]
        room = self.size.width - _width(right) - 2
        while left and _width(_line(left)) > room:
            left.pop()
        return _line(left), right


def key_name(key: str) -> str:
    """A key as people write it."""
    return _NAMES.get(key, key)


def _line(hints: list[tuple[str | None, str, str]]) -> Line:
    pieces: list[Piece] = []
    for _, key, description in hints:
        pieces.extend((Piece(f" {key}", "key"), Piece(f" {description} ", "label")))
    return tuple(pieces)


def _width(line: Line) -> int:
    return sum(cell_len(piece.text) for piece in line)
