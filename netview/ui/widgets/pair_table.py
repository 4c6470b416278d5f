"""The pair pane's counters: one row a counter, rx and tx of each end, as that end's kernel counts."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from netview.derive.pair import End
from netview.model import LinkStats
from netview.text import UNKNOWN, iec, safe, si
from netview.ui.widgets.pieces import Line, Piece, fit

_WIDE = 60


class Row(NamedTuple):
    """A counter's name as ifconfig says it, and its fields; None: that direction has no such counter."""

    name: str
    rx: str | None
    tx: str | None
    problem: bool = True


FIRST = (
    Row("bytes", "rx_bytes", "tx_bytes", problem=False),
    Row("packets", "rx_packets", "tx_packets", problem=False),
    Row("errors", "rx_errors", "tx_errors"),
    Row("dropped", "rx_dropped", "tx_dropped"),
    Row("overruns", "rx_fifo_errors", "tx_fifo_errors"),
    Row("frame", "rx_frame_errors", None),
    Row("carrier", None, "tx_carrier_errors"),
    Row("collisions", None, "collisions"),
    Row("multicast", "multicast", None, problem=False),
)
REST = (
    Row("missed", "rx_missed_errors", None),
    Row("length", "rx_length_errors", None),
    Row("crc", "rx_crc_errors", None),
    Row("over", "rx_over_errors", None),
    Row("aborted", None, "tx_aborted_errors"),
    Row("heartbeat", None, "tx_heartbeat_errors"),
    Row("window", None, "tx_window_errors"),
    Row("compressed", "rx_compressed", "tx_compressed", problem=False),
    Row("nohandler", "rx_nohandler", None),
    Row("otherhost", "rx_otherhost_dropped", None, problem=False),
)


def header_lines(ends: Sequence[End], width: int) -> Iterator[Line]:
    """Whose columns they are, where there are two ends, and which is rx and which tx."""
    label, column = _widths(len(ends), width)
    if len(ends) > 1:
        names = [f"#{end.ifindex}" if end.link is None else safe(end.link.name) for end in ends]
        yield (Piece(" " * label), *(Piece(fit(f" {name}", 2 * column), "name") for name in names))
    titles = (" " * label, *(f"{title:>{column}}" for _ in ends for title in ("rx", "tx")))
    yield (Piece("".join(titles), "label"),)


def counter_lines(rows: Sequence[Row], ends: Sequence[End], width: int) -> Iterator[Line]:
    """A line for each counter; what is not counted in a direction is "-", what is not known "?"."""
    label, column = _widths(len(ends), width)
    for row in rows:
        words = _bytes if row.name == "bytes" else _count
        pieces = [Piece(fit(row.name, label), "label")]
        pieces += [_cell(end.stats, field, column, words, problem=row.problem) for end in ends for field in (row.rx, row.tx)]
        yield tuple(pieces)


def _widths(ends: int, width: int) -> tuple[int, int]:
    label = 12 if width >= _WIDE else 10
    return label, max(0, min(14, (width - label) // (2 * ends)))


def _cell(stats: LinkStats | None, field: str | None, column: int, words: Callable[[int, int], str], *, problem: bool) -> Piece:
    if field is None:
        return Piece(f"{'-':>{column}}", "label")
    value: int | None = None if stats is None else getattr(stats, field)
    if value is None:
        return Piece(f"{UNKNOWN:>{column}}", "unknown")
    return Piece(f"{words(value, column - 1):>{column}}", "problem" if problem and value else "value")


def _bytes(value: int, room: int) -> str:
    long = iec(value)
    return long if len(long) <= room else long.replace(" ", "").removesuffix("B")


def _count(value: int, room: int) -> str:
    exact = str(value)
    return exact if len(exact) <= room else si(value).replace(" ", "")
