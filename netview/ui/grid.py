"""Where the columns of a list stand."""

from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from netview.ui.columns import Cell, Column, Context

GUTTER = 2
"""Columns before the first: the cursor and the sign of what is new or gone."""


_SQUEEZABLE = range(2, 6)
"""Ranks of columns that are squeezed; those above give way instead."""


class Placed(NamedTuple):
    """One column that is on the screen."""

    column: int
    at: int
    width: int


class Grid:
    """Widths grow with what has been seen and never shrink, so that columns do not tremble."""

    def __init__(self, columns: tuple[Column, ...], *, first: int = 0, wide: bool = False) -> None:
        self.columns = columns
        self.first = first
        self.wide = wide
        self.sort: tuple[str | None, bool] = (None, False)
        self.placed: tuple[Placed, ...] = ()
        self._natural = [column.least for column in columns]
        self._titled = [0 for _ in columns]
        self._find_written()

    def shift(self, step: int) -> None:
        """Scroll by columns; the first one stays."""
        self.first = max(0, min(self.first + step, len(self.columns) - self._staying - 1))
        self._find_written()

    def _find_written(self) -> None:
        whole = self.wide or self.first
        self.written = tuple(index for index, column in enumerate(self.columns) if whole or not column.wide)
        """The columns that may come on the screen, ..."""
        self.live = tuple(index for index in self.written if self.columns[index].live)
        """... and those of them that change with every sample."""

    def headings(self, context: Context | None, *, ascii_only: bool) -> tuple[Cell, ...]:
        """The titles, the sorted one with its arrow."""
        by, reverse = self.sort
        arrow = ("v" if reverse else "^") if ascii_only else ("▼" if reverse else "▲")
        titles = (column.heading(context) for column in self.columns)
        ascii_titles = (title.replace("↓", "v").replace("↑", "^") for title in titles) if ascii_only else titles
        return tuple(
            Cell(f"{title} {arrow}" if column.id == by else title, "header")
            for column, title in zip(self.columns, ascii_titles, strict=True)
        )

    def measure(self, lines: Iterable[tuple[Cell, ...]], context: Context, width: int) -> bool:
        """Widen for what is visible; whether anything moved."""
        headings = self.headings(context, ascii_only=False)
        self._titled = [cell_len(heading.text) for heading in headings]
        for cells in (headings, *lines):
            for index in self.written:
                cell = cells[index]
                if len(cell.text) > self._natural[index] or not cell.text.isascii():
                    self._natural[index] = max(self._natural[index], min(cell_len(cell.text), self.columns[index].most))
        placed = self._place(width)
        moved = placed != self.placed
        self.placed = placed
        return moved

    def at(self, x: int) -> Column | None:
        """The column below a mouse."""
        return next((self.columns[p.column] for p in self.placed if p.at <= x < p.at + p.width), None)

    def _place(self, width: int) -> tuple[Placed, ...]:
        free = width - GUTTER
        chosen = self._chosen(free)
        widths = {index: self._natural[index] for index in chosen}
        gap = 2 if sum(widths.values()) + 2 * (len(chosen) - 1) <= free else 1
        while sum(widths.values()) + gap * (len(chosen) - 1) > free:
            widest = max(chosen, key=lambda index: widths[index] - self._squeezed(index))
            if widths[widest] <= self._squeezed(widest):
                break
            widths[widest] -= 1
        placed: list[Placed] = []
        at = GUTTER
        for index in chosen:
            fits = min(widths[index], width - at)
            if fits < min(3, widths[index]):
                break
            placed.append(Placed(index, at, fits))
            at += fits + gap
        return tuple(placed)

    def _chosen(self, free: int) -> list[int]:
        if self.first or self.wide:
            stay = self._staying
            return [*range(stay), *range(stay + self.first, len(self.columns))]
        chosen = [index for index, column in enumerate(self.columns) if not column.wide]
        while len(chosen) > 2:  # Of two the second is cut instead.
            last = max(self.columns[index].rank for index in chosen[1:])
            needed = (self._squeezed(index) if last in _SQUEEZABLE else self._natural[index] for index in chosen)
            if sum(needed) + len(chosen) - 1 <= free:
                break
            first = next(index for index in reversed(chosen) if index and self.columns[index].rank == last)
            pair = self.columns[first].pair
            chosen = [index for index in chosen if index != first and not (pair and self.columns[index].pair == pair)]
        return chosen

    @property
    def _staying(self) -> int:
        return sum(1 for index, column in enumerate(self.columns) if not index or column.stays)

    def _squeezed(self, index: int) -> int:
        """The width below which a column is better left out; names are never cut for the others, what comes next to them is."""
        natural, column = self._natural[index], self.columns[index]
        if self.first or self.wide or column.rank not in _SQUEEZABLE:
            return natural
        worth_reading = 0 if column.rank == _SQUEEZABLE[0] else natural * 3 // 4
        return min(natural, max(column.least, self._titled[index], worth_reading))


def fit(text: str, width: int, *, right: bool, ellipsis: str) -> str:
    """The text in exactly so many columns, cut with an ellipsis."""
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + ellipsis if width > 1 else set_cell_size(text, width)
    return " " * (width - length) + text if right else text + " " * (width - length)
