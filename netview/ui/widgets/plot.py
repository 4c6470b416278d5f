"""A wire's rates over a minute and over an hour, both directions on one scale."""

from typing import NamedTuple

from textual.geometry import Region
from textual.strip import Strip

from netview.derive.pair import Flow
from netview.derive.plot import Series, plotted, summary
from netview.live import History
from netview.live.coarse import MINUTES
from netview.live.history import LENGTH
from netview.text import Units, throughput
from netview.ui.widgets.bar import Bar
from netview.ui.widgets.pieces import Line, Piece

_LEAST, _MOST = 2, 6
"""Rows of one direction's plot."""


class Curves(NamedTuple):
    """What goes in and out, oldest first."""

    into: Series
    out: Series


class Plot(Bar):
    """Four plots: in and out, of sixty seconds on the left and sixty minutes on the right.

    ↓ 60 s  min 0 · mean 2.1 Mbit/s · p95 8.0 Mbit/s · peak 9.4 Mbit/s   ↓ 60 min  not yet
            ▂▅█▇▅▂
    ↑ 60 s  min 0 · …
    """

    def tell(self, flow: Flow | None, history: History, *, units: Units) -> None:
        """Draw the wire's newest rates."""
        height = max(0, self.size.height // 2 - 1)
        if flow is None or height < _LEAST:
            self.show()
            return
        half = (self.size.width - 3) // 2
        minute, hour = _fine(flow, history), _coarse(flow, history)
        rows = min(_MOST, height)
        left, right = (
            self._drawn(minute, half, rows, f"{LENGTH} s", units),
            self._drawn(hour, half, rows, f"{MINUTES} min", units),
        )
        self.show(*((((*a, Piece("   "), *b), ())) for a, b in zip(left, right, strict=True)))

    def on_resize(self) -> None:
        """Drawn anew with the next facts."""
        self.refresh(Region(0, 0, self.size.width, self.size.height))

    def render_line(self, y: int) -> Strip:
        """One line; those below the plots are empty."""
        return super().render_line(y) if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)

    def _drawn(self, curves: Curves, width: int, rows: int, span: str, units: Units) -> list[Line]:
        top = max((value for series in curves for value in series if value is not None), default=0.0)
        lines: list[Line] = []
        for word, style, series in (("↓", "good", curves.into), ("↑", "crumb", curves.out)):
            lines.append((Piece(_fitted(f"{word} {span}  {_told(series, units)}", width), "label"),))
            lines += [(Piece(line, style),) for line in plotted(series, width, rows, top, ascii=self._ascii)]
        return lines


def _fine(flow: Flow, history: History) -> Curves:
    rings = [history.rates(key) for key in flow.links[:1]]
    known = [(None, None) if rates is None else (rates.rx_bytes, rates.tx_bytes) for ring in rings for rates in ring]
    return _turned([one[0] for one in known], [one[1] for one in known], flow)


def _coarse(flow: Flow, history: History) -> Curves:
    known = [pair or (None, None) for key in flow.links[:1] for pair in history.coarse.rates(key)]
    return _turned([one[0] for one in known], [one[1] for one in known], flow)


def _turned(received: Series, sent: Series, flow: Flow) -> Curves:
    return Curves(sent, received) if flow.swapped else Curves(received, sent)


def _told(series: Series, units: Units) -> str:
    found = summary(series)
    if found is None:
        return "not measured yet"
    names = ("min", "mean", "p95", "peak")
    return " · ".join(f"{name} {throughput(value, units)}" for name, value in zip(names, found, strict=True))


def _fitted(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: max(0, width - 1)] + "…"
