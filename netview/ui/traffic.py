"""What the traffic columns show: a metric of one link or of a sum, in two directions."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from netview import text
from netview.derive.pair import flow, into_and_out, total
from netview.derive.wiring import Wire, WireKind
from netview.model import LinkKey, LinkRates, LinkStats, Snapshot
from netview.text import Units
from netview.ui.columns import Cell, Column, Context, SortValue
from netview.ui.options import Metric

TwoWays = tuple[float | None, float | None]
Ends = tuple[tuple[LinkKey, ...], bool]
"""The links that are summed, and whether their tx is what goes in."""


def wire_ends(snapshot: Snapshot, wire: Wire) -> Ends:
    """What goes into and out of a wire's container end; of an uplink, what the host receives and sends."""
    if wire.wire is None or wire.kind is WireKind.FOLD:
        return (), False
    if wire.kind is WireKind.UPLINK:
        return (wire.wire,), False
    found = flow(snapshot, wire.wire)
    if wire.kind is WireKind.BRIDGE and found.links == (wire.wire,):
        return (), False
    return found.links, found.swapped


def two_ways(context: Context, links: Sequence[LinkKey], *, swapped: bool) -> TwoWays:
    """In and out, in bytes, packets or drops; of links that are swapped, tx is in."""
    if context.metric == "peak":
        return _peak(context, links, swapped=swapped)
    if context.metric in {"rate", "packets"}:
        counted: Literal["bytes", "packets"] = "packets" if context.metric == "packets" else "bytes"
        rates = (context.snapshot.rates.get(link) for link in links)
        ways = [into_and_out(rate, swapped=swapped, counted=counted) for rate in rates]
    else:
        ways = [_counted(context, link, swapped=swapped) for link in links]
    return total([way[0] for way in ways]), total([way[1] for way in ways])


def written(value: float | None, context: Context) -> str:
    """A value of the metric, without its unit: the column's title says it."""
    if context.metric == "total":
        return text.iec(value)
    if value is not None and context.metric in {"rate", "peak"} and context.units == "bit":
        value *= 8
    return text.si(value)


def unit_of(units: Units, metric: Metric) -> str:
    """What the numbers of the metric are."""
    speed = "bit/s" if units == "bit" else "B/s"
    words = {"rate": speed, "packets": "pkt/s", "total": "total", "drops": "drops", "peak": f"peak {speed}"}
    return words[metric]


def traffic_columns(ends: Callable[[Any, Context], Ends], *, kernel: bool) -> tuple[Column, Column]:
    """The two columns: RX and TX as the kernel counts, or into and out of the container."""

    def column(index: int, name: str) -> Column:
        def value(row: Any, context: Context) -> SortValue | None:
            links, swapped = ends(row, context)
            return two_ways(context, links, swapped=swapped)[index] if links else None

        def cell(row: Any, context: Context) -> Cell:
            links, swapped = ends(row, context)
            if not links:
                return Cell("")
            found = two_ways(context, links, swapped=swapped)[index]
            return Cell(written(found, context), _role(found, context))

        def title(context: Context) -> str:
            sign = name.upper() if kernel else "↓↑"[index]
            return f"{sign} {'peak' if context.metric == 'peak' else unit_of(context.units, context.metric)}"

        return Column(name, title, cell, value, least=6, most=16, right=True, live=True, rank=1, pair="traffic")

    return column(0, "rx"), column(1, "tx")


def is_busy(context: Context, key: LinkKey) -> bool:
    """Whether anything moved through it, or was dropped, in the last moment."""
    rates = context.snapshot.rates.get(key)
    return rates is not None and any(rates)


def speed(context: Context, links: Sequence[LinkKey]) -> float | None:
    """Both directions together in the unit that is shown, for the filter's `rate>`."""
    rates = [context.snapshot.rates.get(link) for link in links]
    known = [value for rate in rates if rate is not None for value in (rate.rx_bytes, rate.tx_bytes) if value is not None]
    return sum(known) * (8 if context.units == "bit" else 1) if known else None


def _role(value: float | None, context: Context) -> str:
    if not value:
        return "dim"
    return "bad" if context.metric == "drops" else "busy"


def _counted(context: Context, link: LinkKey, *, swapped: bool) -> TwoWays:
    stats = context.snapshot.counters.get(link)
    if stats is None:
        return None, None
    base = None if context.zero is None else context.zero.counters.get(link)
    rx, tx = _totals(stats, context)
    if base is not None:
        # A link that was reset, or came in another's place, has begun anew itself.
        rx0, tx0 = _totals(base, context)
        rx, tx = (rx - rx0, tx - tx0) if rx >= rx0 and tx >= tx0 else (rx, tx)
    return (tx, rx) if swapped else (rx, tx)


def _totals(stats: LinkStats, context: Context) -> tuple[int, int]:
    return (stats.rx_dropped, stats.tx_dropped) if context.metric == "drops" else (stats.rx_bytes, stats.tx_bytes)


def _peak(context: Context, links: Sequence[LinkKey], *, swapped: bool) -> TwoWays:
    """The greatest sum of one moment that history keeps."""
    ways = (context.history.summed(links, LinkRates._fields.index(name)) for name in ("rx_bytes", "tx_bytes"))
    rx, tx = (max((value for value in way if value is not None), default=None) for way in ways)
    return (tx, rx) if swapped else (rx, tx)
