"""A list as a file: every row of it, not only those on the screen."""

import csv
import io
import json
from collections.abc import Callable, Sequence

from rich.cells import cell_len

from netview.text import safe
from netview.ui.columns import Cell, Context, View
from netview.ui.listing import Entry

FORMATS = ("txt", "csv", "json", "svg")
Table = tuple[list[str], list[list[str]]]


def as_text(view: View, entries: Sequence[Entry], context: Context, form: str) -> str:
    """The rows with all columns; safe for a terminal in every format."""
    return _WRITERS[form](_table(view, entries, context))


def _table(view: View, entries: Sequence[Entry], context: Context) -> Table:
    headings = [safe(column.heading(context)) for column in view.columns]
    return headings, [[_written(column.text(entry.row, entry.context)) for column in view.columns] for entry in entries]


def _written(cell: Cell | str) -> str:
    return safe(cell.text if isinstance(cell, Cell) else cell).strip()


def _txt(table: Table) -> str:
    headings, rows = table
    widths = [max(cell_len(line[index]) for line in (headings, *rows)) for index in range(len(headings))]
    lines = (
        "  ".join(text + " " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True))
        for line in (headings, *rows)
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _csv(table: Table) -> str:
    written = io.StringIO()
    headings, rows = table
    # A spreadsheet takes what begins so for a formula.
    cleaned = ([f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text for text in row] for row in rows)
    csv.writer(written, lineterminator="\n").writerows([headings, *cleaned])
    return written.getvalue()


def _json(table: Table) -> str:
    headings, rows = table
    return json.dumps([dict(zip(headings, row, strict=True)) for row in rows], indent=1) + "\n"


_WRITERS: dict[str, Callable[[Table], str]] = {"txt": _txt, "csv": _csv, "json": _json}
