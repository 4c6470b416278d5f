"""Values drawn as one line of block characters."""

from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "_.,:-=+#"


def sparkline(values: Sequence[float | None], width: int, *, top: float | None = None, ascii: bool = False) -> str:  # noqa: A002  (the option's name)
    """The newest values, one a column, right-aligned in `width`; `top` is the full height, None in a value is a gap.

    Nothing draws as the lowest block and anything above it at least one step higher, so that a trickle beside a flood shows.
    """
    levels = _ASCII if ascii else _BLOCKS
    shown = values[-width:] if width > 0 else ()
    full = top or max((value for value in shown if value is not None), default=0.0)
    return "".join(" " if value is None else levels[_level(value, full, len(levels) - 1)] for value in shown).rjust(width)


def _level(value: float, full: float, highest: int) -> int:
    if value <= 0 or full <= 0:
        return 0
    return min(highest, max(1, round(value / full * highest)))
