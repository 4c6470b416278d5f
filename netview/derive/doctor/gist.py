"""Of each namespace's tables the little that checks look for, kept as long as these stay the same."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from netview.model import Address, Family, Link, LinkKey, NamespaceId, Neighbour, NeighbourState, Route, Rule, Snapshot, Tables

REFUSING = frozenset({"blackhole", "unreachable", "prohibit"})
"""Types of routes, and actions of rules, that let nothing through."""
_ALWAYS = frozenset({(0, "local"), (32766, "main"), (32767, "default")})
_DAD_FAILED = 0x08
_FREE = frozenset({NeighbourState.NOARP, NeighbourState.PERMANENT})
"""Neighbours that the limits do not count."""
_PLAIN = frozenset({None, "noqueue", "noop"})
"""Queues that drop nothing."""
_DEAF = frozenset({NeighbourState.FAILED, NeighbourState.INCOMPLETE})


class Gist(NamedTuple):
    """What most namespaces have next to nothing of."""

    tables: Tables
    """Which it was made of."""
    kinds: Mapping[str, Sequence[tuple[LinkKey, Link]]]
    """Links by kind."""
    queued: bool
    """Whether one of its links has a queue worth the name."""
    defaults: tuple[Route, ...]
    """Default routes."""
    refusing: tuple[Route, ...]
    """Routes that let nothing through."""
    rules: tuple[Rule, ...]
    """Those that are not always there."""
    deaf: tuple[Neighbour, ...]
    """Neighbours that do not answer."""
    counted: Mapping[Family, int]
    """How many neighbours count where they are limited."""
    own: tuple[Address, ...]
    """Its addresses that others may reach (of scope global)."""
    refused: tuple[Address, ...]
    """Addresses that somebody else has (dadfailed)."""


class _Memory:
    """The gists of the last snapshot: most namespaces are the same in the next one."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._known: Mapping[NamespaceId, Gist] = {}

    def of(self, snapshot: Snapshot) -> Mapping[NamespaceId, Gist]:
        if snapshot is not self._snapshot:
            known = self._known
            self._known = {
                place: gist
                if (gist := known.get(place)) is not None and gist.tables is namespace.tables
                else _gist(place, namespace.tables)
                for place, namespace in snapshot.namespaces.items()
            }
            self._snapshot = snapshot
        return self._known


gists = _Memory().of
"""By namespace, in the snapshot's order."""


def links_of(snapshot: Snapshot, *kinds: str) -> Iterator[tuple[LinkKey, Link]]:
    """Every link of these kinds, or of any."""
    for gist in gists(snapshot).values():
        for kind in kinds or gist.kinds:
            yield from gist.kinds.get(kind, ())


class Wire(NamedTuple):
    """One end of a wire with the other one."""

    link: Link
    far: LinkKey
    far_link: Link


@lru_cache(maxsize=1)
def wires(snapshot: Snapshot) -> Mapping[LinkKey, Wire]:
    """Every wire from either end, where both can be seen."""
    found: dict[LinkKey, Wire] = {}
    known, peers = gists(snapshot), snapshot.peers
    for key, link in links_of(snapshot, "veth", "netkit"):
        peer = peers.get(key)
        gist = None if peer is None or peer.namespace is None else known.get(peer.namespace)
        far = None if gist is None or peer is None else gist.tables.links.get(peer.ifindex)
        if gist is not None and peer is not None and far is not None and peer.namespace is not None:
            found[key] = Wire(link, LinkKey(peer.namespace, peer.ifindex), far)
    return found


def _gist(place: NamespaceId, tables: Tables) -> Gist:
    kinds: dict[str, list[tuple[LinkKey, Link]]] = {}
    for ifindex, link in tables.links.items():
        kinds.setdefault(link.kind, []).append((LinkKey(place, ifindex), link))
    counted: dict[Family, int] = {}
    for entry in tables.neighbours:
        if entry.state not in _FREE:
            counted[entry.family] = counted.get(entry.family, 0) + 1
    return Gist(
        tables,
        kinds,
        queued=any(link.qdisc not in _PLAIN for link in tables.links.values()),
        defaults=tuple(route for route in tables.routes if route.dst == "default"),
        refusing=tuple(route for route in tables.routes if route.type in REFUSING),
        rules=tuple(rule for rule in tables.rules if (rule.priority, rule.table) not in _ALWAYS or rule.action != "lookup"),
        deaf=tuple(entry for entry in tables.neighbours if entry.state in _DEAF),
        counted=counted,
        own=tuple(address for address in tables.addresses if address.scope == "global"),
        refused=tuple(address for address in tables.addresses if address.flags & _DAD_FAILED),
    )
