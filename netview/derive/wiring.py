"""Every wire of the host as flat rows: uplinks, bridges and what is plugged into them, the rest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import NamedTuple

from netview.derive.order import Natural, natural
from netview.derive.pair import ends
from netview.derive.uplinks import uplinks_of
from netview.model import Link, LinkFlag, LinkKey, LinkRates, LinkRef, Namespace, NamespaceId, Snapshot

BUSIEST = 5
WireId = tuple[str, ...]
# The kernel makes one of each in every namespace as soon as the module is loaded.
_FALLBACKS = frozenset({"erspan0", "gre0", "gretap0", "ip6_vti0", "ip6gre0", "ip6tnl0", "ip_vti0", "sit0", "tunl0"})


class WireKind(Enum):
    """What a row stands for."""

    UPLINK = "uplink"
    BRIDGE = "bridge"
    PAIR = "pair"
    LINK = "link"
    SECTION = "section"
    FOLD = "fold"
    ALONE = "alone"
    LOCKED = "locked"
    HINT = "hint"


class Quiet(Enum):
    """What becomes of wires without traffic."""

    FOLDED = "folded"
    SHOWN = "shown"
    HIDDEN = "hidden"


class Wire(NamedTuple):
    """One row of the wiring."""

    key: WireId
    kind: WireKind
    depth: int
    namespace: NamespaceId | None = None
    """The namespace that the row leads into."""
    link: LinkKey | None = None
    """The row's own link; of a pair the container's end."""
    far: LinkRef | None = None
    """A pair's other end: the port on the bridge."""
    parent: LinkKey | None = None
    """The bridge it is plugged into."""
    text: str = ""
    size: int = 0
    """The ports of a bridge, the members of a section, or how many are folded."""
    expandable: bool = False
    expanded: bool = False
    last: bool = False
    """The last one below its parent."""

    @property
    def ends(self) -> tuple[LinkKey, ...]:
        """The row's own links, the container's end first."""
        far = None if self.far is None else self.far.key
        return tuple(key for key in (self.link, far) if key is not None)

    @property
    def folded(self) -> bool:
        """Whether it stands for rows that are folded away."""
        return self.kind is WireKind.FOLD

    @property
    def wire(self) -> LinkKey | None:
        """A link that stands for the row: the container's end, or the one end that can be seen."""
        return next(iter(self.ends), None)


@dataclass(frozen=True, slots=True)
class Folding:
    """What of the tree is open."""

    collapsed: frozenset[WireId] = frozenset()
    unfolded: frozenset[WireId] = frozenset()
    limit: int | None = None
    """More rows than these fold the big bridges."""
    quiet: Quiet = Quiet.FOLDED
    ranking: Mapping[LinkKey, LinkRates] = field(default_factory=dict)
    """The rates that tell the busiest; not always the newest, so that rows do not jump."""


class Group(NamedTuple):
    """A row and the rows below it."""

    head: Wire
    members: tuple[Wire, ...]


def wiring(snapshot: Snapshot, folding: Folding, groups: Sequence[Group] | None = None) -> tuple[Wire, ...]:
    """The rows, flat, in the order of the screen; `groups` spares making the forest again while the topology holds."""
    groups = forest(snapshot) if groups is None else groups
    big = folding.limit is not None and sum(1 + len(group.members) for group in groups) > folding.limit
    rows: list[Wire] = []
    for head, members in groups:
        expanded = bool(members) and head.key not in folding.collapsed
        rows.append(head._replace(expandable=bool(members), expanded=expanded, size=len(members)))
        if expanded:
            rows.extend(_members(head, members, folding, big=big))
    if set(snapshot.namespaces) == {snapshot.home}:
        rows.append(Wire(("hint",), WireKind.HINT, 0, text="no containers"))
    return tuple(rows)


def forest(snapshot: Snapshot) -> tuple[Group, ...]:
    """Every wire once, below its bridge, its uplink or its section."""
    bridges = tuple(_bridge(snapshot, key) for key in _in_order(snapshot, (k for k in snapshot.ports if snapshot.link(k))))
    empty = tuple(
        _bridge(snapshot, LinkKey(namespace.id, link.ifindex))
        for namespace in snapshot.namespaces.values()
        for link in namespace.links.values()
        if link.kind == "bridge" and LinkKey(namespace.id, link.ifindex) not in snapshot.ports
    )
    bridges = tuple(sorted(bridges + empty, key=lambda group: _bridge_order(snapshot, group.head)))
    placed = set(chain.from_iterable(_links_of(group) for group in bridges))
    uplinks = tuple(_uplink(snapshot, key, placed) for key in _in_order(snapshot, uplinks_of(snapshot)) if key not in placed)
    placed.update(chain.from_iterable(_links_of(group) for group in uplinks))
    return uplinks + bridges + _sections(snapshot, placed)


def _members(head: Wire, members: tuple[Wire, ...], folding: Folding, *, big: bool) -> list[Wire]:
    shown: Sequence[Wire] = members
    if folding.quiet is not Quiet.SHOWN and head.key not in folding.unfolded and head.kind is WireKind.BRIDGE:
        if folding.quiet is Quiet.HIDDEN:
            shown = [wire for wire in members if _activity(wire, folding.ranking)]
        elif big and len(members) > BUSIEST + 3:
            busiest = sorted(members, key=lambda wire: -_activity(wire, folding.ranking))[:BUSIEST]
            kept = {wire.key for wire in busiest}
            shown = [wire for wire in members if wire.key in kept]
    rows = list(shown)
    hidden = len(members) - len(rows)
    if hidden:
        rows.append(Wire(("fold", *head.key), WireKind.FOLD, 1, head.namespace, head.link, parent=head.link, size=hidden))
    if rows:
        rows[-1] = rows[-1]._replace(last=True)
    return rows


def _activity(wire: Wire, ranking: Mapping[LinkKey, LinkRates]) -> float:
    rates = next((ranking[key] for key in wire.ends if key in ranking), None)
    return 0.0 if rates is None else (rates.rx_bytes or 0.0) + (rates.tx_bytes or 0.0)


def _bridge(snapshot: Snapshot, key: LinkKey) -> Group:
    wires = (_port(snapshot, port, key) for port in snapshot.ports_of(key))
    head = Wire(_id("bridge", key), WireKind.BRIDGE, 0, key.namespace, key)
    return Group(head, tuple(sorted(wires, key=lambda wire: _wire_order(snapshot, wire))))


def _port(snapshot: Snapshot, port: LinkKey, bridge: LinkKey | None) -> Wire:
    """A port of a bridge, seen from the container it leads to."""
    peer = snapshot.peer(port)
    if peer is None:
        return Wire(_id("wire", port), WireKind.LINK, 1, port.namespace, port, parent=bridge)
    link = snapshot.link(port)
    back = LinkRef(port.namespace, None, port.ifindex, None if link is None else link.name)
    inside = peer.key
    if inside is None:
        return Wire(_id("wire", port), WireKind.PAIR, 1, None, None, back, bridge, text="unknown namespace")
    return Wire(_id("wire", port), WireKind.PAIR, 1, inside.namespace, inside, back, bridge)


def _uplink(snapshot: Snapshot, key: LinkKey, placed: set[LinkKey]) -> Group:
    above = [upper for upper, lower in snapshot.lowers.items() if lower.key == key and upper not in placed]
    members = tuple(Wire(_id("wire", upper), WireKind.LINK, 1, upper.namespace, upper, parent=key) for upper in above)
    head = Wire(_id("uplink", key), WireKind.UPLINK, 0, key.namespace, key, snapshot.peer(key))
    return Group(head, tuple(sorted(members, key=lambda wire: _wire_order(snapshot, wire))))


def _sections(snapshot: Snapshot, placed: set[LinkKey]) -> tuple[Group, ...]:
    loose, alone, locked = [], [], []
    for namespace in snapshot.namespaces.values():
        if namespace.tables.error is not None:
            reason = namespace.tables.error
            locked.append(Wire(("locked", namespace.id), WireKind.LOCKED, 1, namespace.id, text=reason))
        links = [link for link in namespace.links.values() if link.kind != "loopback" and not is_fallback(link)]
        if not links and not namespace.home and namespace.tables.error is None:
            alone.append(Wire(("alone", namespace.id), WireKind.ALONE, 1, namespace.id))
        for link in links:
            wire = _loose(snapshot, LinkKey(namespace.id, link.ifindex), placed)
            if wire is not None:
                loose.append(wire)
    loose.sort(key=lambda wire: _wire_order(snapshot, wire))
    named = (("no bridge", loose), ("no link but lo", alone), ("not read", locked))
    return tuple(Group(Wire(("section", name), WireKind.SECTION, 0, text=name), tuple(wires)) for name, wires in named if wires)


def _loose(snapshot: Snapshot, key: LinkKey, placed: set[LinkKey]) -> Wire | None:
    """A link outside every bridge; of a pair the end away from home."""
    if key in placed:
        return None
    placed.add(key)
    peer = snapshot.peer(key)
    if peer is None:
        return Wire(_id("wire", key), WireKind.LINK, 1, key.namespace, key)
    inner, outer = ends(snapshot, key)
    placed.update(end for end in (inner, outer) if end is not None)
    if outer is None:
        return Wire(_id("wire", key), WireKind.PAIR, 1, key.namespace, key, peer)
    return _port(snapshot, outer, None)


def is_fallback(link: Link) -> bool:
    """Whether it is one of the tunnels that the kernel makes in every namespace, and nobody uses it."""
    return link.name in _FALLBACKS and not link.flags & LinkFlag.UP


def _links_of(group: Group) -> Iterable[LinkKey]:
    return chain.from_iterable(wire.ends for wire in (group.head, *group.members))


def _in_order(snapshot: Snapshot, keys: Iterable[LinkKey]) -> tuple[LinkKey, ...]:
    return tuple(sorted(keys, key=lambda key: natural(_name(snapshot, key))))


def _bridge_order(snapshot: Snapshot, head: Wire) -> tuple[bool, Natural, Natural]:
    label = "" if head.namespace is None else snapshot.namespaces[head.namespace].label
    name = "" if head.link is None else _name(snapshot, head.link)
    return head.namespace != snapshot.home, natural(label), natural(name)


def _wire_order(snapshot: Snapshot, wire: Wire) -> tuple[bool, Natural, Natural]:
    """Containers first, by name; links that lead outside last."""
    namespace: Namespace | None = None if wire.namespace is None else snapshot.namespaces.get(wire.namespace)
    label = wire.text if namespace is None else namespace.label
    name = "" if wire.link is None else _name(snapshot, wire.link)
    return wire.kind is WireKind.LINK, natural(label), natural(name)


def _name(snapshot: Snapshot, key: LinkKey) -> str:
    link = snapshot.link(key)
    return "" if link is None else link.name


def _id(word: str, key: LinkKey) -> WireId:
    return word, key.namespace, str(key.ifindex)
