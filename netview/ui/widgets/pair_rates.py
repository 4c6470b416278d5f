"""The pair pane's two live lines: ↓ and ↑ as sparkline, rate and peak."""

from collections.abc import Sequence
from dataclasses import dataclass

from netview.derive.pair import Counted, Flow
from netview.live import History
from netview.model import LinkRates, LinkStats, Snapshot
from netview.text import UNKNOWN, Units, iec, si, throughput
from netview.ui.widgets.pieces import Line, Piece
from netview.ui.widgets.sparkline import sparkline

_VALUE_CELLS = 11
_SPAN_FROM_CELLS = 42


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """What goes in and out over the last minute, newest last, and since the counters began."""

    counted: Counted
    into: tuple[float | None, ...]
    out: tuple[float | None, ...]
    total_into: int | None
    total_out: int | None
    span_s: float
    worded: bool


def rates_of(flow: Flow, snapshot: Snapshot, history: History, metric: str) -> Rates:
    """The series of a metric: "packets", "drops", or else bytes."""
    counted: Counted = "packets" if metric == "packets" else "dropped" if metric == "drops" else "bytes"
    rx, tx = (LinkRates._fields.index(f"{way}_{counted}") for way in ("rx", "tx"))
    totals = [_totals(snapshot.counters.get(key), counted, swapped=flow.swapped) for key in flow.links]
    known = [both for both in totals if both is not None]
    return Rates(
        counted,
        history.summed(flow.links, tx if flow.swapped else rx),
        history.summed(flow.links, rx if flow.swapped else tx),
        sum(into for into, _ in known) if known else None,
        sum(out for _, out in known) if known else None,
        history.span_s,
        flow.worded,
    )


def rate_lines(rates: Rates, width: int, *, units: Units, metric: str, ascii: bool) -> tuple[Line, Line]:  # noqa: A002  (the option's name)
    """One line for each direction, drawn to the same scale."""
    top = max((value for value in (*rates.into, *rates.out) if value is not None), default=0.0)
    words = ("↓", "↑") if rates.worded else ("rx", "tx")
    lines: list[Line] = []
    for word, style, series, sum_ in zip(
        words, ("into", "out"), (rates.into, rates.out), (rates.total_into, rates.total_out), strict=True
    ):
        now = _now(series, rates.counted, units)
        if metric in {"total", "drops"}:
            now = iec(sum_) if metric == "total" else si(sum_, "drops")
        peak = f"{'peak/s' if metric in {'total', 'drops'} else 'peak'} {_peak(series, rates.counted, units)}"
        if width >= _SPAN_FROM_CELLS:
            peak = f"{peak:<12} · {rates.span_s:.0f} s"
        room = width - len(word) - 1 - _VALUE_CELLS - 1 - max(len(peak), 11) - 1
        drawn = sparkline(series, room, top=top, ascii=ascii)
        lines.append((Piece(f"{word} {drawn}", style), Piece(f"{now:>{_VALUE_CELLS}} ", style), Piece(peak, "label")))
    return lines[0], lines[1]


def _totals(stats: LinkStats | None, counted: Counted, *, swapped: bool) -> tuple[int, int] | None:
    if stats is None:
        return None
    rx, tx = (getattr(stats, f"{way}_{counted}") for way in ("rx", "tx"))
    return (tx, rx) if swapped else (rx, tx)


def _now(series: Sequence[float | None], counted: Counted, units: Units) -> str:
    if series and series[-1] is not None:
        return _rate(series[-1], counted, units)
    return f"{UNKNOWN} reset" if any(value is not None for value in series) else f"{UNKNOWN} no rate"


def _peak(series: Sequence[float | None], counted: Counted, units: Units) -> str:
    highest = max((value for value in series if value is not None), default=None)
    if highest is not None and counted == "bytes" and units == "bit":
        highest *= 8
    return si(highest)


def _rate(value: float, counted: Counted, units: Units) -> str:
    if counted == "bytes":
        return throughput(value, units)
    return si(value, "pkt/s" if counted == "packets" else "drop/s")
