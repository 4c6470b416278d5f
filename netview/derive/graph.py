"""The host's network as a graph: namespaces with their links, and every wire, plug, stack and tunnel between them."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from netview.derive.order import natural
from netview.derive.tunnels import remotes
from netview.derive.wiring import is_fallback
from netview.model import Link, LinkKey, LinkRef, Namespace, Snapshot


class EdgeKind(Enum):
    """What ties two links together."""

    WIRE = "wire"
    """Both ends of a veth or netkit."""
    PORT = "port"
    """A port and the bridge, bond or vrf that it is plugged into."""
    LOWER = "lower"
    """A macvlan, ipvlan, vlan or tunnel and the link below it."""
    REMOTE = "remote"
    """A tunnel and a far VTEP."""


class Place(NamedTuple):
    """A link in its box."""

    key: LinkKey
    link: Link
    depth: int
    """1 for a port, below its bridge."""


class Box(NamedTuple):
    """A namespace and its links, each bridge followed by its ports; without lo and the tunnels that nobody made."""

    namespace: Namespace
    places: tuple[Place, ...]


class Outside(NamedTuple):
    """An end that is no link of any box."""

    word: str
    """ "remote", or "unknown" for a namespace that cannot be seen."""
    name: str
    """Raw."""


class Edge(NamedTuple):
    """One tie."""

    kind: EdgeKind
    one: LinkKey
    """The bridge or other master of a port; the upper of a stack; the tunnel."""
    other: LinkKey | Outside


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Boxes in the snapshot's order, home first, and what ties their links."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]

    @property
    def outsides(self) -> tuple[Outside, ...]:
        """Each end outside, once."""
        return tuple(dict.fromkeys(edge.other for edge in self.edges if isinstance(edge.other, Outside)))


def graph(snapshot: Snapshot) -> Graph:
    """All namespaces and all ties of one moment."""
    boxes = tuple(Box(namespace, tuple(_places(snapshot, namespace))) for namespace in snapshot.namespaces.values())
    shown = {place.key: None for box in boxes for place in box.places}
    return Graph(boxes, tuple(_edges(snapshot, shown.keys())))


def _places(snapshot: Snapshot, namespace: Namespace) -> Iterator[Place]:
    links = [link for link in namespace.links.values() if link.kind != "loopback" and not is_fallback(link)]
    masters = {link.master for link in links} & namespace.links.keys()
    ordered = sorted(links, key=lambda link: (link.ifindex not in masters and link.kind != "bridge", natural(link.name)))
    for link in ordered:
        if link.master not in masters:
            yield from _stack(snapshot, namespace, link, 0, frozenset())


def _stack(snapshot: Snapshot, namespace: Namespace, link: Link, depth: int, above: frozenset[int]) -> Iterator[Place]:
    """A link and what is plugged into it; a master may be a port itself."""
    key = LinkKey(namespace.id, link.ifindex)
    yield Place(key, link, depth)
    ports = (namespace.links[port.ifindex] for port in snapshot.ports_of(key) if port.ifindex not in above)
    for port in sorted(ports, key=lambda port: natural(port.name)):
        yield from _stack(snapshot, namespace, port, depth + 1, above | {link.ifindex})


def _edges(snapshot: Snapshot, shown: AbstractSet[LinkKey]) -> Iterator[Edge]:
    wired: set[LinkKey] = set()
    for key in shown:
        master, peer, lower = snapshot.master_of(key), snapshot.peer(key), snapshot.lowers.get(key)
        if master in shown and master is not None:
            yield Edge(EdgeKind.PORT, master, key)
        if peer is not None and key not in wired:
            yield Edge(EdgeKind.WIRE, key, _end(peer, shown))
            wired.update(end for end in (peer.key,) if end is not None)
        if lower is not None:
            yield Edge(EdgeKind.LOWER, key, _end(lower, shown))
        for remote in remotes(snapshot, key):
            yield Edge(EdgeKind.REMOTE, key, Outside("remote", remote))


def _end(ref: LinkRef, shown: AbstractSet[LinkKey]) -> LinkKey | Outside:
    """The far link, or what is known of it."""
    if ref.key in shown and ref.key is not None:
        return ref.key
    where = f"nsid {ref.nsid}" if ref.key is None else ref.key.namespace
    return Outside("unknown", f"{ref.name or f'#{ref.ifindex}'} in {where}")
