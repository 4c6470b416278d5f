"""What is dropped: counters that moved, the kernel's reasons, and what nobody could look at."""

from collections.abc import Callable, Hashable
from typing import NamedTuple

from netview.derive.drops import Dropped, ReasonCount
from netview.derive.filter import Subject
from netview.live.dropping import DropState
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.model.drops import PROTOCOLS
from netview.text import UNKNOWN
from netview.ui.columns import Cell, Column, Context, View
from netview.ui.subjects import namespace_names
from netview.ui.views.words import link_name


class Drop(NamedTuple):
    """A counter, a reason, or what is not known."""

    key: Hashable
    namespace: NamespaceId | None
    """None: the machine as a whole."""
    link: LinkKey | None
    packets: int | None
    """None: nobody could look."""
    what: str
    source: str
    """Who tells: "qdisc", "the kernel's reason"."""


def drops_view(state: Callable[[], DropState]) -> View:
    """The list of what a look has found so far."""
    return View(
        "drops",
        "Drops",
        (
            Column("packets", "PACKETS", _packets, lambda row, _: row.packets, least=7, right=True, live=True, rank=0),
            Column("place", "WHOSE", _place, lambda row, context: _place(row, context).text, least=10, rank=2),
            Column("link", "DEV", _link, least=5, rank=3),
            Column("what", "WHAT", lambda row, _: row.what, lambda row, _: row.what, least=20, most=48, rank=1),
            Column("source", "TOLD BY", lambda row, _: Cell(row.source, "dim"), lambda row, _: row.source, least=8, rank=4),
        ),
        lambda context: _rows(state(), context.snapshot),
        _subject,
        alive=_alive,
    )


def _rows(state: DropState, snapshot: Snapshot) -> tuple[Drop, ...]:
    found = [*map(_counted, state.counters), *map(_reasoned, state.reasons or ())]
    return (*sorted(found, key=lambda one: -(one.packets or 0)), *(_unknown(*one, snapshot) for one in state.unknown))


def _counted(one: Dropped) -> Drop:
    counter = one.counter
    link = None if counter.ifindex is None else LinkKey(one.namespace, counter.ifindex)
    whose = None if counter.source == "softnet" else one.namespace
    return Drop((one.namespace, counter), whose, link, one.packets, counter.name, counter.source)


def _reasoned(one: ReasonCount) -> Drop:
    reason = one.reason
    protocol = PROTOCOLS.get(reason.protocol, f"{reason.protocol:#06x}")
    return Drop(
        (reason, one.namespace), one.namespace, None, one.packets, f"{reason.reason} in {reason.location} ({protocol})", "kernel"
    )


def _unknown(what: str, why: str, snapshot: Snapshot) -> Drop:
    namespace = NamespaceId(what)
    known = namespace in snapshot.namespaces
    return Drop((what, why), namespace if known else None, None, None, why if known else f"{what}: {why}", "not known")


def _packets(row: Drop, _context: Context) -> Cell:
    return Cell(UNKNOWN, "dim") if row.packets is None else Cell(str(row.packets), "bad")


def _place(row: Drop, context: Context) -> Cell:
    if row.namespace is None:
        return Cell("not told" if row.source == "kernel" else "the machine", "dim")
    known = context.snapshot.namespaces.get(row.namespace)
    return Cell(row.namespace if known is None else known.label, "name")


def _link(row: Drop, context: Context) -> str:
    return "" if row.link is None else link_name(context, row.link)


def _subject(row: Drop, context: Context) -> Subject:
    words = (row.what, row.source, _place(row, context).text, _link(row, context))
    return Subject(words=(*words, *namespace_names(context, row.namespace)))


def _alive(_row: Drop, _snapshot: Snapshot) -> bool:
    return True
