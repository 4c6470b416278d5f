"""View 3: every namespace, whose it is and what it needs where it could not be read."""

from netview.derive.attributes import published
from netview.derive.filter import Subject
from netview.derive.pair import flow, main_link
from netview.model import LinkKey, Namespace, NamespaceId
from netview.ui.columns import Cell, Column, Context, Item, SortValue, Target, View
from netview.ui.subjects import namespace_names
from netview.ui.traffic import Ends, is_busy, speed, traffic_columns
from netview.ui.views.words import NAMESPACE, main_address


def _rows(context: Context) -> tuple[Item, ...]:
    snapshot = context.snapshot
    return tuple(
        Item(namespace.id, namespace.id, main_link(snapshot, namespace.id), namespace)
        for namespace in snapshot.namespaces.values()
        if not context.busy_only or any(is_busy(context, LinkKey(namespace.id, ifindex)) for ifindex in namespace.links)
    )


def _runtime(item: Item, _context: Context) -> str:
    owners = item.fact.owners
    if item.fact.home:
        return "home"
    return owners[0].runtime.value if owners else ", ".join(sorted(source.value for source in item.fact.found.sources))


def _networks(item: Item, _context: Context) -> str:
    return " ".join(dict.fromkeys(network for owner in item.fact.owners for network in owner.networks))


def _ports(item: Item, _context: Context) -> str:
    return " ".join(text for owner in item.fact.owners for text in published(owner.ports))


def _addresses(item: Item, _context: Context) -> Cell:
    namespace: Namespace = item.fact
    if namespace.tables.error is not None:
        return Cell(f"✗ {namespace.tables.error}", "warn")
    mine = [address for address in namespace.tables.addresses if address.scope not in {"host", "link"}]
    return Cell(main_address(mine))


def _processes(item: Item, _context: Context) -> Cell:
    processes = item.fact.found.processes
    if not processes:
        return Cell("no process", "dim")
    more = f" +{len(processes) - 1}" if len(processes) > 1 else ""
    return Cell(f"{processes[0].comm}[{processes[0].pid}]{more}")


def _links(item: Item, _context: Context) -> SortValue:
    return len(item.fact.links)


def _ends(item: Item, context: Context) -> Ends:
    """Only where one container end is meant: a namespace with one wire."""
    if item.link is None or item.fact.home or len(item.fact.links) > 2:
        return (), False
    found = flow(context.snapshot, item.link)
    return found.links, found.swapped


def _subject(item: Item, context: Context) -> Subject:
    namespace: Namespace = item.fact
    return Subject(
        namespaces=namespace_names(context, item.namespace),
        links=tuple(link.name for link in namespace.links.values()),
        ips=tuple(f"{address.address}/{address.prefixlen}" for address in namespace.tables.addresses),
        macs=tuple(link.address for link in namespace.links.values() if link.address),
        kinds=tuple(link.kind for link in namespace.links.values()),
        words=(_runtime(item, context), _networks(item, context), _processes(item, context).text, namespace.id),
        rate=None if item.link is None else speed(context, (item.link,)),
        owners=namespace.owners,
    )


def _inode(item: Item, _context: Context) -> SortValue:
    return int(item.fact.found.inode or 0)


def place(namespace: NamespaceId | None) -> Target | None:
    """The namespace as a place."""
    return None if namespace is None else Target(namespace=namespace)


NAMESPACES = View(
    "namespaces",
    "Namespaces",
    (
        NAMESPACE,
        Column("runtime", "FROM", _runtime, _runtime, least=6, rank=4),
        Column("links", "LINKS", lambda item, _: str(len(item.fact.links)), _links, least=5, right=True, rank=5),
        Column("addresses", "ADDRESS", _addresses, lambda item, c: _addresses(item, c).text or None, least=14, most=44, rank=2),
        *traffic_columns(_ends, kernel=False),
        Column("processes", "PROCESSES", _processes, lambda item, _: len(item.fact.found.processes), least=10, most=30, rank=6),
        Column("networks", "NETWORKS", _networks, lambda item, c: _networks(item, c) or None, least=8, most=30, rank=8),
        Column("ports", "PUBLISHED", _ports, lambda item, c: _ports(item, c) or None, least=9, most=40, rank=5),
        Column(
            "inode",
            "INODE",
            lambda item, _: "?" if item.fact.found.inode is None else str(item.fact.found.inode),
            _inode,
            right=True,
            wide=True,
        ),
        Column("paths", "MOUNTED AT", lambda item, _: " ".join(item.fact.found.paths), most=60, wide=True),
    ),
    _rows,
    _subject,
    empty="no namespace could be read",
    target=lambda item, _: place(item.namespace),
    hides_quiet=True,
    alive=lambda item, snapshot: item.namespace in snapshot.namespaces,
    steady=True,
)
