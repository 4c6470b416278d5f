"""The tab FDB: which MAC leads out of which port."""

from collections.abc import Iterable

from netview.derive.filter import Subject
from netview.model import FdbEntry, LinkKey, Namespace
from netview.ui.columns import Cell, Column, Context, Item, Target, View
from netview.ui.subjects import item_subject
from netview.ui.views.facts import facts
from netview.ui.views.words import LINK, far_end, link_name


def identity(entry: FdbEntry) -> tuple[object, ...]:
    """What tells an entry from the others of its namespace."""
    return entry.ifindex, entry.mac, entry.vlan, entry.dst, entry.flags


def behind(context: Context, port: LinkKey | None) -> str:
    """What a port leads to: the far end of its wire."""
    peer = None if port is None else context.snapshot.peer(port)
    return "" if peer is None or port is None else far_end(context, peer, port.namespace)


def state(entry: FdbEntry) -> Cell:
    """The state as `bridge fdb` words it; "learned" where it prints none."""
    return Cell(entry.state or "learned", "dim" if entry.state == "permanent" else "good" if not entry.state else "")


def _entries(namespace: Namespace) -> Iterable[FdbEntry]:
    return namespace.tables.fdb


_all = facts(_entries, identity, lambda entry: entry.ifindex)


def _rows(context: Context) -> tuple[Item, ...]:
    rows = _all(context)
    if context.bridge is None:
        return rows
    ports = {context.bridge, *context.snapshot.ports_of(context.bridge)}
    return tuple(item for item in rows if item.link in ports)


def _bridge(item: Item, context: Context) -> str:
    master = item.fact.bridge
    if master is None or item.namespace is None:
        return ""
    return link_name(context, LinkKey(item.namespace, master))


def _subject(item: Item, context: Context) -> Subject:
    entry: FdbEntry = item.fact
    words = (*entry.flags, entry.state, behind(context, item.link), _bridge(item, context))
    return item_subject(item, context, ips=(entry.dst,), macs=(entry.mac,), words=words)


FDB = View(
    "fdb",
    "FDB",
    (
        Column("mac", "MAC", lambda item, _: Cell(item.fact.mac, "name"), lambda item, _: item.fact.mac, least=17),
        LINK,
        Column("behind", "LEADS TO", lambda item, c: behind(c, item.link), lambda item, c: behind(c, item.link) or None, most=34),
        Column("bridge", "BRIDGE", _bridge, lambda item, context: _bridge(item, context) or None, most=16, rank=6),
        Column("dst", "REMOTE", lambda item, _: item.fact.dst or "", lambda item, _: item.fact.dst, least=8, most=40),
        Column("vlan", "VLAN", lambda item, _: str(item.fact.vlan or ""), lambda item, _: item.fact.vlan, right=True, rank=8),
        Column("state", "STATE", lambda item, _: state(item.fact), lambda item, _: state(item.fact).text, least=9),
        Column("flags", "FLAGS", lambda item, _: " ".join(item.fact.flags), most=30, rank=7),
    ),
    _rows,
    _subject,
    empty="no forwarding entry here",
    target=lambda item, _: Target(link=item.link),
    steady=True,
)
