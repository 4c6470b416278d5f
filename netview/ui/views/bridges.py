"""View 5: bridges, their ports, and below each port the MACs that it leads to."""

from typing import Any, NamedTuple

from netview.derive.filter import Told
from netview.derive.order import natural
from netview.model import FdbEntry, Link, LinkKey, NamespaceId, Snapshot
from netview.ui.columns import Cell, Column, Context, Item, Target, View
from netview.ui.subjects import item_subject, link_subject
from netview.ui.views.fdb import behind, identity
from netview.ui.views.fdb import state as entry_state
from netview.ui.views.ports import inside_address, port_state
from netview.ui.views.words import label, main_address, state


class Leaf(NamedTuple):
    """A bridge, a port or a forwarding entry."""

    key: Any
    link: LinkKey
    fact: Link | FdbEntry
    depth: int
    expandable: bool = False
    expanded: bool = False
    last: bool = False
    folded: bool = False

    @property
    def namespace(self) -> NamespaceId:
        """Where the bridge lives."""
        return self.link.namespace


def _rows(context: Context) -> tuple[Leaf, ...]:
    snapshot = context.snapshot
    rows: list[Leaf] = []
    for namespace in snapshot.namespaces.values():
        if not namespace.tables.fdb and not any(link.kind in {"bridge", "vxlan"} for link in namespace.links.values()):
            continue
        entries: dict[int, list[FdbEntry]] = {}
        for entry in namespace.tables.fdb:
            entries.setdefault(entry.ifindex, []).append(entry)
        for link in sorted(namespace.links.values(), key=lambda link: natural(link.name)):
            if link.kind == "bridge" or (link.kind == "vxlan" and link.master is None):
                rows.extend(_bridge(context, LinkKey(namespace.id, link.ifindex), link, entries))
    return tuple(rows)


def _bridge(context: Context, key: LinkKey, link: Link, entries: dict[int, list[FdbEntry]]) -> list[Leaf]:
    below: list[Leaf] = _entries(key, entries.get(key.ifindex, []), 1)
    for port in context.snapshot.ports_of(key):
        plugged = context.snapshot.link(port)
        if plugged is not None:
            below.extend(_branch(context, port, plugged, _entries(port, entries.get(port.ifindex, []), 2), 1))
    return _branch(context, key, link, below, 0)


def _branch(context: Context, key: LinkKey, link: Link, below: list[Leaf], depth: int) -> list[Leaf]:
    identity_ = ("bridges", key.namespace, str(key.ifindex))
    expanded = bool(below) and identity_ not in context.folding.collapsed
    if below:
        last = max(index for index, leaf in enumerate(below) if leaf.depth == depth + 1)
        below[last] = below[last]._replace(last=True)
    head = Leaf(identity_, key, link, depth, expandable=bool(below), expanded=expanded)
    return [head, *below] if expanded else [head]


def _entries(port: LinkKey, entries: list[FdbEntry], depth: int) -> list[Leaf]:
    """What was learned first, then what was set, groups last."""
    ordered = sorted(entries, key=lambda entry: (_is_group(entry.mac), bool(entry.state), entry.mac))
    return [Leaf((port.namespace, identity(entry)), port, entry, depth) for entry in ordered]


def _is_group(mac: str) -> bool:
    return bool(int(mac.partition(":")[0] or "0", 16) & 1)


def _name(leaf: Leaf, _context: Context) -> Cell:
    title = leaf.fact.mac if isinstance(leaf.fact, FdbEntry) else leaf.fact.name
    sign = ("▾ " if leaf.expanded else "▸ ") if leaf.expandable else ""
    if not leaf.depth:
        return Cell(f"{sign or '  '}{title}", "name")
    branch = " " + "  " * (leaf.depth - 1) + ("└ " if leaf.last else "├ ")
    return Cell(branch + sign + title)


def _sort_name(leaf: Leaf, _context: Context) -> str:
    return leaf.fact.mac if isinstance(leaf.fact, FdbEntry) else leaf.fact.name


def _where(leaf: Leaf, context: Context) -> Cell:
    if leaf.depth == 0:
        return Cell(label(context, leaf.namespace), "dim")
    if isinstance(leaf.fact, FdbEntry):
        return Cell((leaf.fact.dst and f"remote {leaf.fact.dst}") or "", "")
    return Cell(behind(context, leaf.link))


def _state(leaf: Leaf, _context: Context) -> Cell:
    if isinstance(leaf.fact, FdbEntry):
        return entry_state(leaf.fact)
    return port_state(leaf.fact) if leaf.depth else state(leaf.fact)


def _address(leaf: Leaf, context: Context) -> str:
    if isinstance(leaf.fact, FdbEntry):
        return ""
    if leaf.depth:
        return inside_address(context, leaf.link)
    return main_address(context.snapshot.namespaces[leaf.namespace].addresses_of(leaf.link.ifindex))


def _details(leaf: Leaf, _context: Context) -> str:
    if isinstance(leaf.fact, FdbEntry):
        vlan = "" if leaf.fact.vlan is None else f"vlan {leaf.fact.vlan} "
        return vlan + " ".join(leaf.fact.flags)
    link = leaf.fact
    if link.bridge is not None:
        stp = "on" if link.bridge.stp else "off"
        return f"id {link.bridge.id}  stp {stp}  ageing {link.bridge.ageing_s:g} s"
    words = [] if link.port is None else [f"cost {link.port.cost}"]
    if link.vxlan is not None:
        words.append(f"vni {link.vxlan.vni}")
    return "  ".join(words)


def _subject(leaf: Leaf, context: Context) -> Told:
    if isinstance(leaf.fact, FdbEntry):
        entry, item = leaf.fact, Item(leaf.key, leaf.namespace, leaf.link)
        return item_subject(item, context, ips=(entry.dst,), macs=(entry.mac,), words=(entry.state, behind(context, leaf.link)))
    return link_subject(context, (leaf.link,), behind(context, leaf.link), inside_address(context, leaf.link))


def _target(leaf: Leaf, _context: Context) -> Target:
    return Target(bridge=leaf.link) if leaf.depth == 0 else Target(link=leaf.link)


def _alive(leaf: Leaf, snapshot: Snapshot) -> bool:
    """A port is still there when it is folded away; an entry too while its port's bridge is closed."""
    if isinstance(leaf.fact, FdbEntry):
        return any(identity(entry) == identity(leaf.fact) for entry in _fdb(snapshot, leaf.namespace))
    return snapshot.link(leaf.link) is not None


def _fdb(snapshot: Snapshot, namespace: NamespaceId) -> tuple[FdbEntry, ...]:
    known = snapshot.namespaces.get(namespace)
    return () if known is None else known.tables.fdb


BRIDGES = View(
    "bridges",
    "Bridges and FDB",
    (
        Column("name", "BRIDGE, PORT, MAC", _name, _sort_name, least=18, most=34, rank=0),
        Column("where", "LEADS TO", _where, lambda leaf, context: _where(leaf, context).text or None, least=8, most=34, rank=3),
        Column("address", "ADDRESS", _address, lambda leaf, c: _address(leaf, c) or None, least=17, most=40, rank=4),
        Column("state", "STATE", _state, lambda leaf, context: _state(leaf, context).text, least=10, rank=3),
        Column("details", "ATTRIBUTES", _details, least=10, most=60, rank=5),
    ),
    _rows,
    _subject,
    brief="Bridges",
    empty="no bridge on this host",
    tree=True,
    target=_target,
    crumbs=lambda leaf, context: (_sort_name(leaf, context),),
    alive=_alive,
)
