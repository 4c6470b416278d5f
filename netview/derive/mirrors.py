"""Which ends of wires need not be read: what goes in at one end of a veth comes out at the other."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from netview.derive.peers import Contents
from netview.model import Link, LinkKey, LinkRef, NamespaceId, StatsRow


class Wire(NamedTuple):
    """A veth between two namespaces."""

    counted: LinkKey
    """The end whose counters are read, home's where there is one."""
    mirror: LinkKey


class _Bracket(NamedTuple):
    """What a mirror was read to be, and what its other end was before; after it comes what that end is next."""

    before: StatsRow
    inside: StatsRow


def wires(peers: Mapping[LinkKey, LinkRef], contents: Contents, home: NamespaceId) -> dict[LinkKey, Wire]:
    """Those whose ends name each other, by their mirror."""
    found: dict[LinkKey, Wire] = {}
    for mirror, ref in peers.items():
        counted = ref.key
        if counted is None or counted.namespace == mirror.namespace:
            continue
        # The end at home counts for both, else the one that comes first.
        if (mirror.namespace != home, mirror) < (counted.namespace != home, counted):
            continue
        back = peers.get(counted)
        if back is not None and back.key == mirror and _link(contents, mirror).kind == "veth":
            found[mirror] = Wire(counted, mirror)
    return found


def lies_between(inside: StatsRow, before: StatsRow, after: StatsRow) -> bool:
    """Whether an end may be the mirror of what was read of its peer before and after it."""
    return (
        before[1] <= inside[0] <= after[1]
        and before[0] <= inside[1] <= after[0]
        and before[3] <= inside[2] <= after[3]
        and before[2] <= inside[3] <= after[2]
    )


class Mirrors:
    """That a veth's end mirrors the other is a hypothesis, false where bpf_redirect_peer() passes one end by.

    It holds once an end that was read lay between what its peer was before and after. One that was refuted stays so, as
    long as it is the same link: its counters have gone apart for good.
    """

    def __init__(self) -> None:
        self.wires: Mapping[LinkKey, Wire] = {}
        """By mirror."""
        self.holding: dict[LinkKey, Wire] = {}
        """Those whose mirror need not be read."""
        self._refuted: set[LinkKey] = set()
        self._ends: dict[LinkKey, tuple[Link, Link]] = {}
        self._in: dict[NamespaceId, list[Wire]] = {}
        self._brackets: dict[NamespaceId, dict[LinkKey, _Bracket]] = {}

    def renew(self, wires: Mapping[LinkKey, Wire], contents: Contents) -> None:
        """These are the wires by now: of one whose ends have not changed what was found out is known."""
        ends = {wire.mirror: (_link(contents, wire.counted), _link(contents, wire.mirror)) for wire in wires.values()}
        same = {mirror for mirror, wire in wires.items() if self.wires.get(mirror) == wire}
        before = self._ends
        self.holding = {
            mirror: wire for mirror, wire in self.holding.items() if mirror in same and ends[mirror] == before[mirror]
        }
        self._refuted = {mirror for mirror in self._refuted & same if _identities(ends[mirror]) == _identities(before[mirror])}
        self.wires, self._ends, self._in = wires, ends, {}
        for wire in wires.values():
            self._in.setdefault(wire.mirror.namespace, []).append(wire)
        for brackets in self._brackets.values():
            for mirror in brackets.keys() - same:
                del brackets[mirror]

    def forget(self, links: AbstractSet[LinkKey]) -> None:
        """These ended; another may have come in their place that looks the same."""
        for wire in [wire for wire in self.wires.values() if wire.counted in links or wire.mirror in links]:
            self.holding.pop(wire.mirror, None)
            self._refuted.discard(wire.mirror)
            self._brackets.get(wire.counted.namespace, {}).pop(wire.mirror, None)

    def unknown(self) -> set[NamespaceId]:
        """Where there are mirrors of which nothing was found out yet."""
        if len(self.holding) + len(self._refuted) == len(self.wires):
            return set()  # Each is one or the other.
        return {mirror.namespace for mirror in self.wires.keys() - self.holding.keys() - self._refuted}

    def mirrors_in(self, namespace: NamespaceId) -> list[Wire]:
        """Wires whose mirror is there."""
        return self._in.get(namespace, [])

    def asked(self, namespace: NamespaceId) -> list[LinkKey]:
        """The counted ends there whose mirrors were read since they were."""
        return [self.wires[mirror].counted for mirror in self._brackets.get(namespace, {})]

    def read(self, namespace: NamespaceId, rows: Mapping[int, StatsRow], last: Callable[[LinkKey], StatsRow | None]) -> None:
        """A namespace was read: conclude from its counted ends; keep its mirrors' for when their peers are, `last` read so."""
        for mirror, bracket in self._brackets.pop(namespace, {}).items():
            wire = self.wires[mirror]
            after = rows.get(wire.counted.ifindex)
            if after is not None:
                self._conclude(wire, held=lies_between(bracket.inside, bracket.before, after))
        for wire in self._in.get(namespace, ()):
            inside, before = rows.get(wire.mirror.ifindex), last(wire.counted)
            if inside is not None and before is not None:
                self._brackets.setdefault(wire.counted.namespace, {})[wire.mirror] = _Bracket(before, inside)

    def _conclude(self, wire: Wire, *, held: bool) -> None:
        if not held:
            self.holding.pop(wire.mirror, None)
            self._refuted.add(wire.mirror)
        elif wire.mirror not in self._refuted:
            self.holding[wire.mirror] = wire


def _link(contents: Contents, key: LinkKey) -> Link:
    return contents[key.namespace].links[key.ifindex]


def _identities(ends: tuple[Link, Link]) -> tuple[tuple[object, ...], ...]:
    return tuple((link.address, link.link, link.link_nsid, link.hardware_type) for link in ends)
