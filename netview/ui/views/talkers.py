"""Top talkers: every wire and uplink once, the busiest first."""

from math import log
from typing import NamedTuple

from netview.derive.traffic import Course, courses
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.text import UNKNOWN
from netview.ui.columns import Cell, Column, Context, SortValue, Target, View
from netview.ui.lasting import Lasting
from netview.ui.subjects import link_subject
from netview.ui.traffic import Ends, traffic_columns
from netview.ui.views.words import label, link_name, main_address

_STEP = log(1.1)
"""Rates that differ by less than a tenth count as equal, so that neighbours do not change places all the time."""


class Talker(NamedTuple):
    """A wire, or an uplink."""

    course: Course
    uplink: bool

    @property
    def key(self) -> LinkKey:
        """Its inner end, where that is known."""
        return self.course.key

    @property
    def namespace(self) -> NamespaceId:
        """Whose it is."""
        return self.course.key.namespace

    @property
    def link(self) -> LinkKey:
        """The same as a link."""
        return self.course.key


def _talkers(snapshot: Snapshot) -> tuple[Talker, ...]:
    along = courses(snapshot)
    uplinks = tuple(Talker(Course(key, key, None, None), uplink=True) for key in along.uplinks)
    return (*uplinks, *(Talker(course, uplink=False) for course in along.wires))


def talkers_view() -> View:
    """The list; it remembers the wires of a topology."""
    known = Lasting(_talkers)
    whole = _Whole()

    def share(row: Talker, context: Context) -> Cell:
        both = _both(row, context)
        if both is None:
            return Cell(UNKNOWN, "dim")
        percent = 100 * both / max(whole.of(known(context.snapshot), context), both, 1.0)
        return Cell("0" if not both else "< 1 %" if percent < 1 else f"{percent:.0f} %", "busy" if percent >= 1 else "dim")

    return View(
        "talkers",
        "Top talkers",
        (
            Column("place", "WHOSE", _place, lambda row, context: _place(row, context).text, least=10, rank=0, stays=True),
            Column("link", "DEV", lambda row, context: link_name(context, row.link), least=5, rank=2),
            Column("address", "ADDRESS", _address, least=12, rank=5),
            Column("via", "VIA", _via, _via, least=7, rank=3),
            *traffic_columns(_ends, kernel=False),
            Column("share", "SHARE", share, _rank, least=6, right=True, live=True, rank=1),
        ),
        lambda context: known(context.snapshot),
        lambda row, context: link_subject(context, _links(row)),
        empty="no wire is known",
        target=lambda row, _: Target(link=row.link),
        alive=_alive,
    )


def _links(row: Talker) -> tuple[LinkKey, ...]:
    return tuple(end for end in (row.course.inner, row.course.outer) if end is not None)


def _ends(row: Talker, context: Context) -> Ends:
    """The counters of its inner end, else those of its outer one turned round."""
    inner, outer = row.course.inner, row.course.outer
    counted = inner is not None and inner in context.snapshot.counters
    if inner is not None and (counted or outer is None):
        return (inner,), False
    return ((outer,), True) if outer is not None else ((), False)


def _place(row: Talker, context: Context) -> Cell:
    return Cell("uplink" if row.uplink else label(context, row.namespace), "name")


def _address(row: Talker, context: Context) -> str:
    known = context.snapshot.namespaces.get(row.namespace)
    return "" if known is None else main_address(known.addresses_of(row.link.ifindex))


def _via(row: Talker, context: Context) -> str:
    through = row.course.bridge or row.course.outer
    return "" if row.uplink else UNKNOWN if through is None else link_name(context, through)


def _both(row: Talker, context: Context) -> float | None:
    """Bytes per second in both directions; None: not measured."""
    links, _ = _ends(row, context)
    rates = context.snapshot.rates.get(links[0]) if links else None
    if rates is None or rates.rx_bytes is None or rates.tx_bytes is None:
        return None
    return rates.rx_bytes + rates.tx_bytes


def _rank(row: Talker, context: Context) -> SortValue | None:
    both = _both(row, context)
    return None if both is None else float(int(log(both + 1) / _STEP))


class _Whole:
    """What goes through all wires together, added up once a snapshot."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._sum = 0.0

    def of(self, rows: tuple[Talker, ...], context: Context) -> float:
        """Bytes per second, in both directions."""
        if self._snapshot is not context.snapshot:
            self._snapshot = context.snapshot
            self._sum = sum(_both(row, context) or 0.0 for row in rows)
        return self._sum


def _alive(row: Talker, snapshot: Snapshot) -> bool:
    return snapshot.link(row.link) is not None
