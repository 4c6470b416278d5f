"""One wire as a pane shows it: which end is inside a container, which outside, and what is known of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from netview.derive.peers import PAIRED
from netview.derive.uplinks import uplinks_of
from netview.model import (
    Address,
    Hardware,
    Link,
    LinkKey,
    LinkRates,
    LinkRef,
    LinkStats,
    NamespaceId,
    NeighbourState,
    Owner,
    Route,
    Snapshot,
)

Counted = Literal["bytes", "packets", "dropped"]

# Links of a container that are its own way in and out, without an outer end.
_OWN_ENDS = frozenset({"macvlan", "macvtap", "ipvlan", "ipvtap", "vlan", "tun"})


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """One end of a wire, or a link that is no wire. Names are raw: see text.safe()."""

    key: LinkKey | None
    """None: its namespace cannot be seen."""
    ifindex: int
    place: str | None
    """Its namespace's label."""
    link: Link | None
    home: bool = False
    missing: str | None = None
    """Why there is no link: "needs CAP_SYS_ADMIN"."""
    addresses: tuple[Address, ...] = ()
    master: Link | None = None
    ports: tuple[Link, ...] = ()
    """Plugged into it, where it is a bridge or another master."""
    stats: LinkStats | None = None
    defaults: tuple[Route, ...] = ()
    """The default routes that leave by it."""
    neighbours: int = 0
    """As `ip neigh` counts them: without those that need no resolution."""
    unread: frozenset[str] = frozenset()
    """Tables of its namespace that could not be read, or not in full: "routes", "neighbours"."""
    owners: tuple[Owner, ...] = ()
    hardware: Hardware | None = None
    lower: LinkRef | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Whose counters tell what goes in and out."""

    links: tuple[LinkKey, ...]
    """Their sum; one link for a wire, a bridge's container ports for a bridge."""
    swapped: bool
    """They are outer ends: their tx goes into the container."""
    worded: bool
    """Into and out of a container or the host (↓ ↑), not merely rx and tx."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Both ends of a wire, in the same order whichever of them is selected; or one link alone."""

    inside: End
    outside: End | None
    """None: the link is no end of a wire."""
    flow: Flow


def pair(snapshot: Snapshot, key: LinkKey | NamespaceId) -> Pair | None:
    """What a pane shows about a link, or about a namespace's main link; None: there is no such link."""
    selected = key if isinstance(key, LinkKey) else main_link(snapshot, key)
    if selected is None or snapshot.link(selected) is None:
        return None
    inner, outer = ends(snapshot, selected)
    ref = snapshot.peer(selected)
    if ref is None:
        return Pair(_end(snapshot, selected), None, flow(snapshot, selected))
    if outer is not None and outer in uplinks_of(snapshot):
        # Its ↓ is what the host receives, here as in every list.
        inner, outer = outer, inner
        through = Flow((inner,), swapped=False, worded=True)
    else:
        through = flow(snapshot, selected)
    inside = _far(snapshot, ref) if inner != selected else _end(snapshot, selected)
    outside = _far(snapshot, ref) if outer != selected else _end(snapshot, selected)
    return Pair(inside, outside, through)


def ends(snapshot: Snapshot, key: LinkKey) -> tuple[LinkKey | None, LinkKey | None]:
    """A wire's inner and outer end; None for an end that cannot be seen. A link that is no wire is its own inner end."""
    ref = snapshot.peer(key)
    if ref is None:
        return key, None
    far = ref.key
    if far is None:
        return (None, key) if _outwardness(snapshot, key) else (key, None)
    first = (_outwardness(snapshot, key), key) < (_outwardness(snapshot, far), far)
    return (key, far) if first else (far, key)


def flow(snapshot: Snapshot, key: LinkKey) -> Flow:
    """The links whose counters show what goes through a wire, a bridge or another link, and which way round."""
    if snapshot.peer(key) is not None:
        return wire_flow(snapshot, *ends(snapshot, key))
    ports = tuple(port for port in snapshot.ports_of(key) if _leads_inside(snapshot, port))
    if ports:
        return Flow(ports, swapped=True, worded=True)
    link = snapshot.link(key)
    kind = "" if link is None else link.kind
    into_container = key.namespace != snapshot.home and kind in _OWN_ENDS
    return Flow((key,), swapped=False, worded=kind == "device" or into_container)


def wire_flow(snapshot: Snapshot, inner: LinkKey | None, outer: LinkKey | None) -> Flow:
    """A wire's: by its inner end's own counters, else by the outer end's."""
    if inner is not None and (outer is None or inner in snapshot.counters):
        return Flow((inner,), swapped=False, worded=True)
    return Flow(() if outer is None else (outer,), swapped=True, worded=True)


def into_and_out(rates: LinkRates | None, *, swapped: bool, counted: Counted = "bytes") -> tuple[float | None, float | None]:
    """What is counted, per second, into and out of the container."""
    if rates is None:
        return None, None
    if counted == "bytes":
        rx, tx = rates.rx_bytes, rates.tx_bytes
    elif counted == "packets":
        rx, tx = rates.rx_packets, rates.tx_packets
    else:
        rx, tx = rates.rx_dropped, rates.tx_dropped
    return (tx, rx) if swapped else (rx, tx)


def total(values: Sequence[float | None]) -> float | None:
    """Their sum, leaving out what is not known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def main_link(snapshot: Snapshot, namespace: NamespaceId) -> LinkKey | None:
    """The link that a namespace is known by: of its default route, else its first wire, else its first link but lo."""
    known = snapshot.namespaces.get(namespace)
    if known is None:
        return None
    routed = [route.oif for route in known.tables.routes if route.dst == "default" and route.oif in known.links]
    wires = [ifindex for ifindex in known.links if LinkKey(namespace, ifindex) in snapshot.peers]
    others = sorted(known.links, key=lambda ifindex: known.links[ifindex].kind == "loopback")
    first = next((ifindex for ifindex in (*routed, *wires, *others) if ifindex is not None), None)
    return None if first is None else LinkKey(namespace, first)


def _outwardness(snapshot: Snapshot, key: LinkKey) -> tuple[bool, bool] | tuple[()]:
    """Sorts a wire's ends: one that is plugged into something is outside, then one at home; () for neither."""
    link = snapshot.link(key)
    plugged = link is not None and link.master is not None
    home = key.namespace == snapshot.home
    return (plugged, home) if plugged or home else ()


def _leads_inside(snapshot: Snapshot, port: LinkKey) -> bool:
    link = snapshot.link(port)
    return link is not None and link.kind in PAIRED | {"tun"}


def _leaves_by(route: Route, ifindex: int) -> bool:
    return route.oif == ifindex or any(hop.oif == ifindex for hop in route.nexthops)


def _far(snapshot: Snapshot, ref: LinkRef) -> End:
    if ref.key is None:
        return End(
            None, ref.ifindex, None, None, missing=f"in a namespace that cannot be seen: nsid {ref.nsid}, ifindex {ref.ifindex}"
        )
    if snapshot.link(ref.key) is not None:
        return _end(snapshot, ref.key)
    known = snapshot.namespaces.get(ref.key.namespace)
    reason = "its namespace is gone" if known is None else known.tables.error or "not read yet"
    label, owners = (None, ()) if known is None else (known.label, known.owners)
    return End(ref.key, ref.ifindex, label, None, missing=reason, owners=owners, stats=snapshot.counters.get(ref.key))


def _end(snapshot: Snapshot, key: LinkKey) -> End:
    namespace = snapshot.namespaces[key.namespace]
    master = snapshot.master_of(key)
    ports = (snapshot.link(port) for port in snapshot.ports_of(key))
    tables = namespace.tables
    return End(
        key,
        key.ifindex,
        namespace.label,
        namespace.links[key.ifindex],
        home=namespace.home,
        addresses=namespace.addresses_of(key.ifindex),
        master=None if master is None else snapshot.link(master),
        ports=tuple(port for port in ports if port is not None),
        stats=snapshot.counters.get(key),
        defaults=tuple(route for route in tables.routes if route.dst == "default" and _leaves_by(route, key.ifindex)),
        neighbours=sum(1 for entry in tables.neighbours if entry.ifindex == key.ifindex and entry.state != NeighbourState.NOARP),
        unread=frozenset(unknown.field for unknown in tables.unknown),
        owners=namespace.owners,
        hardware=snapshot.hardware.get(key.ifindex) if namespace.home else None,
        lower=snapshot.lowers.get(key),
    )
