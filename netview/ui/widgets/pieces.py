"""Styled text of one line, fitted to a width in terminal cells."""

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size


class Piece(NamedTuple):
    """Text in one style: the last part of a component class's name."""

    text: str
    style: str = "value"


Line = tuple[Piece, ...]
Item = tuple[str, str]
"""A label, which may be empty, and a value."""


def fit(text: str, width: int) -> str:
    """Exactly `width` cells: padded, or cut with an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


def item_lines(items: Iterable[Item], width: int) -> Iterator[Line]:
    """Labelled values joined by dots, as many as fit a line; one that is longer than a line goes on below."""
    line: list[Piece] = []
    used = 0
    for label, value in items:
        size = cell_len(label) + bool(label) + cell_len(value)
        if line and used + 3 + size > width:
            yield tuple(line)
            line, used = [], 0
        if size > width:
            yield from _long(label, value, width)
            continue
        if line:
            line.append(Piece(" · ", "label"))
            used += 3
        if label:
            line.append(Piece(f"{label} ", "label"))
        line.append(Piece(value))
        used += size
    if line:
        yield tuple(line)


def _long(label: str, value: str, width: int) -> Iterator[Line]:
    first, *rest = wrap(f"{label} {value}" if label else value, width) or [""]
    if first.startswith(label):
        yield (Piece(label, "label"), Piece(first.removeprefix(label)))
    else:
        yield (Piece(first),)
    yield from ((Piece(line),) for line in rest)
