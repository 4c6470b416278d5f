"""A wire's rates over a minute and over an hour, both directions on one scale."""

from typing import NamedTuple

from textual.geometry import Region, Size
from textual.strip import Strip

from netview.derive.pair import Flow
from netview.derive.plot import Series, plotted, summary
from netview.live import History
from netview.live.coarse import MINUTES
from netview.live.history import LENGTH
from netview.model import LinkRates
from netview.text import Units, si, throughput
from netview.ui.widgets.bar import Bar
from netview.ui.widgets.pieces import Line, Piece, fit

_LEAST, _MOST = 2, 6
"""Rows of one direction's plot."""
_ROOM, _ROOMY = 24, 36
"""Lines of the terminal from which there are small plots, and large ones."""
_GAP = 3
_IN_ONE_LINE, _IN_TWO = 72, 38
"""Columns that all four figures need in one line, and in two."""
_SPANS = (f"{LENGTH} s", f"{MINUTES} min")
_HIGHEST = ("peak", "busiest minute")
"""An hour is made of whole minutes: the highest of them is lower than the peak of a moment."""


class Curves(NamedTuple):
    """What goes in and out, oldest first."""

    into: Series
    out: Series


class Plot(Bar):
    """Four plots: in and out, of sixty seconds on the left and sixty minutes on the right.

    ↓ 60 s  min 0 · mean 2.1 M · p95 8.0 M · peak 9.4 Mbit/s   ↓ 60 min  not measured yet
            ▂▅█▇▅▂
    ↑ 60 s  min 0 · …

    Where there are fewer columns the figures take two lines; where there are fewer still there is the minute alone.
    """

    @staticmethod
    def height_in(terminal: Size) -> int:
        """Lines that the plots take of a terminal; none where it is low."""
        if terminal.height < _ROOM:
            return 0
        rows = _MOST if terminal.height >= _ROOMY else _LEAST
        return 2 * (rows + _lines_of_words(_widths(terminal.width)[0]))

    def tell(self, flow: Flow | None, history: History, *, units: Units) -> None:
        """Draw the wire's newest rates."""
        widths = _widths(self.size.width)
        rows = min(_MOST, self.size.height // 2 - _lines_of_words(widths[0]))
        if flow is None or rows < _LEAST:
            self.show()
            return
        curves = (_fine(flow, history), _coarse(flow, history))
        drawn = [self._drawn(curves[index], index, width, rows, units) for index, width in enumerate(widths)]
        gap = Piece(" " * _GAP)
        self.show(*((tuple(piece for line in lines for piece in (*line, gap))[:-1], ()) for lines in zip(*drawn, strict=True)))

    def on_resize(self) -> None:
        """Drawn anew with the next facts."""
        self.refresh(Region(0, 0, self.size.width, self.size.height))

    def render_line(self, y: int) -> Strip:
        """One line; those below the plots are empty."""
        return super().render_line(y) if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)

    def _drawn(self, curves: Curves, index: int, width: int, rows: int, units: Units) -> list[Line]:
        """The minute's plots, or the hour's."""
        top = max((value for series in curves for value in series if value is not None), default=0.0)
        lines: list[Line] = []
        for word, style, series in (("↓", "good", curves.into), ("↑", "crumb", curves.out)):
            told = _told(f"{word} {_SPANS[index]}  ", series, _HIGHEST[index], units, _lines_of_words(width))
            lines += [(Piece(fit(text, width), "label"),) for text in told]
            lines += [(Piece(line, style),) for line in plotted(series, width, rows, top, ascii=self._ascii)]
        return lines


def _widths(width: int) -> tuple[int, ...]:
    """Of the minute's plots, and of the hour's where there is room for them."""
    half = (width - _GAP) // 2
    return (half, half) if half >= _IN_TWO else (width,)


def _lines_of_words(width: int) -> int:
    return 1 if width >= _IN_ONE_LINE else 2


def _fine(flow: Flow, history: History) -> Curves:
    received, sent = (history.summed(flow.links, LinkRates._fields.index(name)) for name in ("rx_bytes", "tx_bytes"))
    return _turned(received, sent, flow)


def _coarse(flow: Flow, history: History) -> Curves:
    known = [both or (None, None) for both in history.coarse.summed(flow.links)]
    return _turned([received for received, _ in known], [sent for _, sent in known], flow)


def _turned(received: Series, sent: Series, flow: Flow) -> Curves:
    return Curves(sent, received) if flow.swapped else Curves(received, sent)


def _told(head: str, series: Series, highest: str, units: Units, lines: int) -> list[str]:
    """The four figures in so many lines; the unit stands once in each."""
    found = summary(series)
    if found is None:
        return [f"{head}not measured yet", ""][:lines]
    least, mean, p95, _ = (si(value * 8 if units == "bit" else value) for value in found)
    last = f"{highest} {throughput(found.peak, units)}"
    if lines == 1:
        return [f"{head}min {least} · mean {mean} · p95 {p95} · {last}"]
    return [f"{head}mean {mean} · p95 {throughput(found.p95, units)}", f" min {least} · {last}"]
