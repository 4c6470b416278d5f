"""The line below everything: the keys that matter here."""

from collections.abc import Iterable

from rich.cells import cell_len
from textual.binding import ActiveBinding

from netview.ui.widgets.bar import Bar
from netview.ui.widgets.pieces import Line, Piece

_NAMES = {"slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]", "colon": ":"}
_NAMES |= {"plus": "+", "equals_sign": "=", "minus": "-", "escape": "Esc", "enter": "Enter", "tab": "Tab", "space": "Space"}
_NAMES |= {"up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "PgUp", "pagedown": "PgDn", "backspace": "Backspace"}
_NAMES |= {"f1": "F1", "home": "Home", "end": "End", "shift+left": "shift+←", "shift+right": "shift+→", "full_stop": "."}
_ALWAYS = frozenset({"help", "back-or-quit"})


class Footer(Bar):
    """Hints drop from the middle; help and quit never do."""

    def tell(self, bindings: Iterable[ActiveBinding]) -> None:
        """Show the bindings that want to be shown."""
        first = {active.binding.id: active.binding for active in reversed(list(bindings)) if active.binding.show}
        hints = [(binding.id, key_name(binding.key), binding.description) for binding in reversed(first.values())]
        right = _line([hint for hint in hints if hint[0] in _ALWAYS])
        left = [hint for hint in hints if hint[0] not in _ALWAYS]
        room = self.size.width - _width(right) - 2
        while left and _width(_line(left)) > room:
            left.pop()
        self.show((_line(left), right))


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
