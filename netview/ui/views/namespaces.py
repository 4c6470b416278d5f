"""View 3: every namespace, whose it is and what it needs where it could not be read."""

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from netview.derive.attributes import published
from netview.derive.filter import Subject
from netview.derive.grouping import grouped
from netview.derive.order import natural
from netview.derive.pair import flow, main_link
from netview.model import LinkKey, Namespace, NamespaceId
from netview.ui.columns import Cell, Column, Context, SortValue, Target, View
from netview.ui.subjects import namespace_names
from netview.ui.traffic import Ends, is_busy, speed, traffic_columns
from netview.ui.views.words import label, main_address


class Place(NamedTuple):
    """A namespace, or the head of those that have one thing in common."""

    key: Hashable
    namespace: NamespaceId | None
    link: LinkKey | None
    fact: Namespace | None
    """None: the head of a group."""
    group: str = ""
    size: int = 0
    """Of a head: how many are below it."""
    depth: int = 0
    expanded: bool = False
    last: bool = False

    @property
    def expandable(self) -> bool:
        """Whether others stand below it."""
        return self.fact is None

    @property
    def folded(self) -> bool:
        """No row stands for others that are folded away."""
        return False


def _rows(context: Context) -> tuple[Place, ...]:
    if context.grouping == "none":
        return _members(context, context.snapshot.namespaces, 0)
    rows: list[Place] = []
    for group in grouped(context.snapshot, context.grouping):
        members = _members(context, group.namespaces, 1)
        key = ("group", context.grouping, group.name)
        expanded = key not in context.folding.collapsed
        if members:
            rows.append(Place(key, None, None, None, group.name, len(members), expanded=expanded))
            rows += (*members[:-1], members[-1]._replace(last=True)) if expanded else ()
    return tuple(rows)


def _members(context: Context, namespaces: Iterable[NamespaceId], depth: int) -> tuple[Place, ...]:
    snapshot = context.snapshot
    known = (snapshot.namespaces[namespace] for namespace in namespaces)
    return tuple(
        Place(namespace.id, namespace.id, main_link(snapshot, namespace.id), namespace, depth=depth)
        for namespace in known
        if not context.busy_only or any(is_busy(context, LinkKey(namespace.id, ifindex)) for ifindex in namespace.links)
    )


def _of_namespace(text: Callable[[Namespace], Cell | str]) -> Callable[[Place, Context], Cell | str]:
    """A cell of a namespace; a head has none."""
    return lambda place, _context: "" if place.fact is None else text(place.fact)


def _sorted_by(value: Callable[[Namespace], SortValue | None]) -> Callable[[Place, Context], SortValue | None]:
    """What a namespace sorts by; a head, and one of which there is nothing to say, sorts last."""
    return lambda place, _context: None if place.fact is None else value(place.fact) or None


def _name(place: Place, context: Context) -> Cell:
    if place.fact is None:
        return Cell(f"{'▾' if place.expanded else '▸'} {place.group} · {place.size}", "section")
    name = label(context, place.namespace)
    return Cell(f" {'└' if place.last else '├'} {name}" if place.depth else name, "name")


def _links(namespace: Namespace) -> str:
    return str(len(namespace.links))


def _runtime(namespace: Namespace) -> str:
    owners = namespace.owners
    if namespace.home:
        return "home"
    return owners[0].runtime.value if owners else ", ".join(sorted(source.value for source in namespace.found.sources))


def _networks(namespace: Namespace) -> str:
    return " ".join(dict.fromkeys(network for owner in namespace.owners for network in owner.networks))


def _ports(namespace: Namespace) -> str:
    return " ".join(text for owner in namespace.owners for text in published(owner.ports))


def _addresses(namespace: Namespace) -> Cell:
    if namespace.tables.error is not None:
        return Cell(f"✗ {namespace.tables.error}", "warn")
    mine = [address for address in namespace.tables.addresses if address.scope not in {"host", "link"}]
    return Cell(main_address(mine))


def _processes(namespace: Namespace) -> Cell:
    processes = namespace.found.processes
    if not processes:
        return Cell("no process", "dim")
    more = f" +{len(processes) - 1}" if len(processes) > 1 else ""
    return Cell(f"{processes[0].comm}[{processes[0].pid}]{more}")


def _ends(place: Place, context: Context) -> Ends:
    """Only where one container end is meant: a namespace with one wire."""
    if place.link is None or place.fact is None or place.fact.home or len(place.fact.links) > 2:
        return (), False
    found = flow(context.snapshot, place.link)
    return found.links, found.swapped


def _subject(place: Place, context: Context) -> Subject:
    namespace = place.fact
    if namespace is None:
        return Subject(words=(place.group,))
    return Subject(
        namespaces=namespace_names(context, place.namespace),
        links=tuple(link.name for link in namespace.links.values()),
        ips=tuple(f"{address.address}/{address.prefixlen}" for address in namespace.tables.addresses),
        macs=tuple(link.address for link in namespace.links.values() if link.address),
        kinds=tuple(link.kind for link in namespace.links.values()),
        words=(_runtime(namespace), _networks(namespace), _processes(namespace).text, namespace.id),
        rate=None if place.link is None else speed(context, (place.link,)),
        owners=namespace.owners,
    )


def place(namespace: NamespaceId | None) -> Target | None:
    """The namespace as a place."""
    return None if namespace is None else Target(namespace=namespace)


NAMESPACES = View(
    "namespaces",
    "Namespaces",
    (
        Column("namespace", "NAMESPACE", _name, lambda place, context: natural(label(context, place.namespace)), least=9, rank=0),
        Column("runtime", "FROM", _of_namespace(_runtime), _sorted_by(_runtime), least=6, rank=4),
        Column("links", "LINKS", _of_namespace(_links), _sorted_by(lambda one: len(one.links)), least=5, right=True, rank=5),
        Column(
            "addresses",
            "ADDRESS",
            _of_namespace(_addresses),
            _sorted_by(lambda one: _addresses(one).text),
            least=16,
            most=44,
            rank=2,
        ),
        *traffic_columns(_ends, kernel=False),
        Column(
            "processes",
            "PROCESSES",
            _of_namespace(_processes),
            _sorted_by(lambda one: len(one.found.processes)),
            least=10,
            most=30,
            rank=6,
        ),
        Column(
            "networks",
            "NETWORKS",
            _of_namespace(_networks),
            _sorted_by(_networks),
            least=8,
            most=30,
            rank=8,
        ),
        Column("ports", "PUBLISHED", _of_namespace(_ports), _sorted_by(_ports), least=9, most=40, rank=5),
        Column(
            "inode",
            "INODE",
            _of_namespace(lambda one: "?" if one.found.inode is None else str(one.found.inode)),
            _sorted_by(lambda one: int(one.found.inode or 0)),
            right=True,
            wide=True,
        ),
        Column("paths", "MOUNTED AT", _of_namespace(lambda one: " ".join(one.found.paths)), most=60, wide=True),
    ),
    _rows,
    _subject,
    brief="NS",
    empty="no namespace could be read",
    target=lambda item, _: place(item.namespace),
    hides_quiet=True,
    alive=lambda item, snapshot: item.fact is None or item.namespace in snapshot.namespaces,
    tree=True,
    groups=True,
    steady=True,
)
