"""View 2 and the tab Links: every interface, with all that ifconfig prints."""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from netview import text
from netview.model import Address, Family, Link, LinkFlag, LinkKey, LinkStats, NamespaceId, Snapshot
from netview.ui.columns import Cell, Column, Context, SortValue, Target, View
from netview.ui.subjects import LinkSubject
from netview.ui.traffic import is_busy, traffic_columns
from netview.ui.views.words import NAMESPACE, far_end, link_name, main_address, state


class Interface(NamedTuple):
    """One interface."""

    key: LinkKey
    fact: Link
    addresses: tuple[Address, ...]

    @property
    def namespace(self) -> NamespaceId:
        """Where it lives."""
        return self.key.namespace

    @property
    def link(self) -> LinkKey:
        """Itself."""
        return self.key


def interfaces(context: Context) -> tuple[Interface, ...]:
    """The interfaces of the place that is open, or of every namespace."""
    rows: list[Interface] = []
    for namespace in context.snapshot.namespaces.values():
        if context.namespace not in {None, namespace.id}:
            continue
        addresses: dict[int, tuple[Address, ...]] = {}
        for address in namespace.tables.addresses:
            addresses[address.ifindex] = (*addresses.get(address.ifindex, ()), address)
        rows.extend(
            Interface(LinkKey(namespace.id, ifindex), link, addresses.get(ifindex, ()))
            for ifindex, link in namespace.links.items()
            if not context.busy_only or is_busy(context, LinkKey(namespace.id, ifindex))
        )
    return tuple(rows)


def _name(row: Interface, _context: Context) -> Cell:
    return Cell(row.fact.name, "name")


def _plugged(row: Interface, context: Context) -> str:
    peer = context.snapshot.peer(row.key)
    if peer is not None:
        return f"⇄ {far_end(context, peer, row.namespace)}"
    lower = context.snapshot.lowers.get(row.key)
    return "" if lower is None else f"on {far_end(context, lower, row.namespace)}"


def _master(row: Interface, context: Context) -> str:
    return "" if row.fact.master is None else link_name(context, LinkKey(row.namespace, row.fact.master))


def _flags(row: Interface, _context: Context) -> str:
    return ",".join(flag.name for flag in LinkFlag if flag & row.fact.flags and flag.name)


def _inet6(row: Interface, _context: Context) -> str:
    return " ".join(f"{a.address}/{a.prefixlen}" for a in row.addresses if a.family is Family.INET6)


def _counter(name: str, title: str, field: str, write: Callable[[int], str] = str) -> Column:
    get: Callable[[LinkStats], int] = attrgetter(field)

    def value(row: Interface, context: Context) -> SortValue | None:
        stats = context.snapshot.counters.get(row.key)
        return None if stats is None else get(stats)

    def cell(row: Interface, context: Context) -> Cell:
        stats = context.snapshot.counters.get(row.key)
        if stats is None:
            return Cell(text.UNKNOWN, "dim")
        count = get(stats)
        alarming = count and ("error" in field or "drop" in field or "collision" in field)
        return Cell(write(count), "bad" if alarming else "" if count else "dim")

    return Column(name, title, cell, value, least=len(title), most=20, right=True, live=True, wide=True)


_COUNTERS = (
    _counter("rx-bytes", "RX BYTES", "rx_bytes", text.iec),
    _counter("rx-packets", "RX PACKETS", "rx_packets"),
    _counter("rx-errors", "RX ERRORS", "rx_errors"),
    _counter("rx-dropped", "RX DROPPED", "rx_dropped"),
    _counter("rx-overruns", "RX OVERRUNS", "rx_fifo_errors"),
    _counter("rx-frame", "RX FRAME", "rx_frame_errors"),
    _counter("tx-bytes", "TX BYTES", "tx_bytes", text.iec),
    _counter("tx-packets", "TX PACKETS", "tx_packets"),
    _counter("tx-errors", "TX ERRORS", "tx_errors"),
    _counter("tx-dropped", "TX DROPPED", "tx_dropped"),
    _counter("tx-overruns", "TX OVERRUNS", "tx_fifo_errors"),
    _counter("tx-carrier", "TX CARRIER", "tx_carrier_errors"),
    _counter("collisions", "COLLISIONS", "collisions"),
    _counter("multicast", "MULTICAST", "multicast"),
)

_NAME = Column("name", "NAME", _name, lambda row, _: row.fact.name, least=6, most=18, rank=0, stays=True)
_COLUMNS = (
    Column("ifindex", "#", lambda row, _: str(row.fact.ifindex), lambda row, _: row.fact.ifindex, least=1, right=True, rank=7),
    Column("kind", "KIND", lambda row, _: row.fact.kind, lambda row, _: row.fact.kind, least=8, rank=6),
    Column("state", "STATE", lambda row, _: state(row.fact), lambda row, _: state(row.fact).text, least=7, most=14, rank=3),
    Column(
        "address",
        "ADDRESS",
        lambda row, _: main_address(row.addresses),
        lambda row, _: main_address(row.addresses) or None,
        least=18,
        most=44,
        rank=3,
    ),
    Column("peer", "OTHER END", _plugged, lambda row, context: _plugged(row, context) or None, least=9, most=34, rank=5),
    Column("master", "MASTER", _master, lambda row, context: _master(row, context) or None, least=6, most=16, rank=6),
    *traffic_columns(lambda row, _: ((row.key,), False), kernel=True),
    Column("mtu", "MTU", lambda row, _: str(row.fact.mtu), lambda row, _: row.fact.mtu, least=4, right=True, rank=8),
    Column("ether", "ETHER", lambda row, _: row.fact.address or "", lambda row, _: row.fact.address, least=17, rank=9),
    *_COUNTERS,
    Column("inet6", "INET6", _inet6, lambda row, context: _inet6(row, context) or None, least=12, most=60, wide=True),
    Column(
        "txqueuelen",
        "TXQUEUELEN",
        lambda row, _: text.UNKNOWN if row.fact.txqlen is None else str(row.fact.txqlen),
        lambda row, _: row.fact.txqlen,
        right=True,
        wide=True,
    ),
    Column("qdisc", "QDISC", lambda row, _: row.fact.qdisc or "", lambda row, _: row.fact.qdisc, wide=True),
    Column("flags", "FLAGS", _flags, _flags, most=60, wide=True),
)


def _subject(row: Interface, context: Context) -> LinkSubject:
    return LinkSubject(context, (row.key,), lambda: (_master(row, context), _plugged(row, context)))


def _target(row: Interface, _context: Context) -> Target:
    return Target(link=row.key)


def _alive(row: Interface, snapshot: Snapshot) -> bool:
    return snapshot.link(row.key) is not None


INTERFACES = View(
    "interfaces",
    "Interfaces",
    (_NAME, replace(NAMESPACE, stays=True), *_COLUMNS),
    interfaces,
    _subject,
    brief="Ifs",
    empty="no interface could be read",
    hides_quiet=True,
    target=_target,
    alive=_alive,
    steady=True,
)
LINKS = View(
    "links",
    "Links",
    (_NAME, *_COLUMNS),
    interfaces,
    _subject,
    empty="no link here",
    hides_quiet=True,
    target=_target,
    crumbs=lambda row, _: (row.fact.name,),
    alive=_alive,
    steady=True,
)
