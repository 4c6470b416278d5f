"""Where a frame may come to: links, wires, bridges and tunnels from one end, without a router in between."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from netview.derive.path.bridging import forwarded, refusal
from netview.derive.path.steps import Frame, Reach, Step, Trail
from netview.derive.path.tunnelling import Tunnels, wrapped
from netview.derive.peers import PAIRED
from netview.model import Link, LinkFlag, LinkKey, Snapshot

_STACKED = frozenset({"macvlan", "macvtap"})
_MANY = 16
_GROUPS = frozenset({"bond", "team"})
Onward = tuple[Step, LinkKey, bool]


def search(snapshot: Snapshot, start: LinkKey, frame: Frame, goals: Collection[LinkKey], tunnels: Tunnels) -> list[Reach]:
    """What a frame that leaves by `start` comes to: the goals, links where it is for nobody, and where it goes out of sight.

    Ways past what loses it are followed as well, after all others: what is behind tells whose frame was lost.
    """
    return _Search(snapshot, frame, frozenset(goals), tunnels).run(start)


class _Search:
    def __init__(self, snapshot: Snapshot, frame: Frame, goals: frozenset[LinkKey], tunnels: Tunnels) -> None:
        self._snapshot = snapshot
        self._frame = frame
        self._goals = goals
        self._tunnels = tunnels
        self._found: list[Reach] = []
        self._upper = _uppers(snapshot)
        self._hurried = False

    def run(self, start: LinkKey) -> list[Reach]:
        waiting: deque[_Node] = deque([_Node(start, True, None, None)])
        lost: deque[_Node] = deque()
        seen: set[tuple[LinkKey, bool]] = set()
        while waiting or lost:
            node = waiting.popleft() if waiting else lost.popleft()
            link = self._snapshot.link(node.key)
            if link is None or (node.key, node.leaves) in seen:
                continue
            why = None if node.block is not None else _stop(self._snapshot, node.key, link, leaves=node.leaves)
            if why is not None:
                stop = Step(node.key, f"it ends at {link.name}", why, block=why)
                lost.append(node._replace(trail=Trail(stop, node.trail), block=stop))
                continue
            seen.add((node.key, node.leaves))
            for step, onward, leaves in self._out(node, link) if node.leaves else self._in(node, link):
                block = node.block or (None if step.block is None else step)
                (waiting if block is None else lost).append(_Node(onward, leaves, Trail(step, node.trail), block))
        return self._found

    def _out(self, node: "_Node", link: Link) -> Iterator[Onward]:
        if link.kind in PAIRED:
            yield from self._across(node, link)
        elif link.kind == "bridge":
            yield from forwarded(self._snapshot, node.key, None, self._frame, self._ports)
        elif link.vxlan is not None:
            yield from self._wrapped(node, link)
        elif link.kind in _STACKED:
            yield from self._stacked(node, link)
        elif link.kind == "loopback":
            yield Step(node.key, f"{link.name} hands it back", "it is the loopback"), node.key, False
        else:
            words, opaque = _beyond(link)
            self._edge(node, link, words, opaque=opaque)

    def _in(self, node: "_Node", link: Link) -> Iterator[Onward]:
        key = node.key
        if link.master is not None and link.port is not None:
            yield from forwarded(self._snapshot, LinkKey(key.namespace, link.master), key, self._frame, self._ports)
            return
        if link.master is not None and link.port_kind != "vrf":
            self._edge(node, link, f"{link.name} is a port of kind {link.port_kind}", opaque=True)
            return
        for upper in self._upper.get(key, ()):
            above = self._snapshot.link(upper)
            if above is not None and self._takes(above):
                yield Step(upper, f"{above.name} takes it", f"it is a {above.kind} on {link.name}"), upper, False
        if key in self._goals or (self._frame.mac is not None and not self._hurried):
            self._found.append(Reach(key, node.trail, node.block, refused=key not in self._goals))

    def _ports(self, bridge: LinkKey) -> Iterable[LinkKey]:
        """Those that a flood is followed to: of many only those behind which there may be more than a link that is no goal."""
        ports = self._snapshot.ports_of(bridge)
        if len(ports) < _MANY:
            return ports
        self._hurried = True
        return [port for port in ports if not self._is_dead_end(port)]

    def _is_dead_end(self, port: LinkKey) -> bool:
        peer = self._snapshot.peers.get(port)
        far = None if peer is None else peer.key
        if far is None or far in self._goals or far in self._upper:
            return False
        other = self._snapshot.link(far)
        return other is not None and other.master is None

    def _takes(self, above: Link) -> bool:
        """Whether a link that is stacked on another one takes what comes in there."""
        return self._frame.mac is None or above.address == self._frame.mac

    def _across(self, node: "_Node", link: Link) -> Iterator[Onward]:
        peer = self._snapshot.peer(node.key)
        far = None if peer is None else peer.key
        other = None if far is None else self._snapshot.link(far)
        if far is not None and other is not None:
            yield (
                Step(far, f"{link.name} hands it to {other.name}", f"they are the two ends of a {link.kind}", measured=True),
                far,
                False,
            )
        else:
            self._edge(node, link, "its other end cannot be seen", opaque=True)

    def _wrapped(self, node: "_Node", link: Link) -> Iterator[Onward]:
        for step, onward in wrapped(self._snapshot, node.key, link, self._frame, self._tunnels):
            if onward is not None:
                yield step, onward, False
                continue
            block = node.block or (None if step.block is None else step)
            self._found.append(Reach(node.key, Trail(step, node.trail), block, "in a tunnel"))

    def _stacked(self, node: "_Node", link: Link) -> Iterator[Onward]:
        below = self._snapshot.lowers.get(node.key)
        lower = None if below is None else below.key
        under = None if lower is None else self._snapshot.link(lower)
        if lower is None or under is None:
            self._edge(node, link, "the link below it cannot be seen", opaque=True)
            return
        for sibling in self._upper.get(lower, ()) if _is_bridging(link) else ():
            other = self._snapshot.link(sibling)
            if sibling != node.key and other is not None and _is_bridging(other) and self._takes(other):
                because = f"both are macvlans in bridge mode on {under.name}"
                yield Step(sibling, f"{link.name} hands it to {other.name}", because, measured=True), sibling, False
        yield Step(lower, f"{link.name} sends it by {under.name}", f"it is a {link.kind} on it"), lower, True

    def _edge(self, node: "_Node", link: Link, words: str, *, opaque: bool) -> None:
        """The end of what can be seen."""
        step = Step(node.key, f"{link.name} sends it", words)
        self._found.append(Reach(node.key, Trail(step, node.trail), node.block, words, opaque))


class _Node(NamedTuple):
    """A frame at one end of a link."""

    key: LinkKey
    leaves: bool
    """Whether it leaves by it, else it has come in."""
    trail: Trail | None
    block: Step | None
    """Where it was lost already."""


def _stop(snapshot: Snapshot, key: LinkKey, link: Link, *, leaves: bool) -> str | None:
    """Why a link, or the bridge that it is a port of, lets nothing through."""
    if LinkFlag.UP not in link.flags:
        return f"{link.name} is down"
    if leaves:
        return None if LinkFlag.LOWER_UP in link.flags else f"{link.name} has no carrier"
    master = snapshot.master_of(key)
    return None if master is None or link.port is None else refusal(snapshot.link(master), link)


def _is_bridging(link: Link) -> bool:
    return link.macvlan is not None and link.macvlan.mode == "bridge"


def _beyond(link: Link) -> tuple[str, bool]:
    """What is behind a link without another end here; whether it may come back."""
    if link.kind == "tun":
        return "a process reads it", True
    if link.kind == "dummy":
        return "a dummy swallows it", False
    if link.kind == "device" or link.kind in _GROUPS:
        return "it leaves this host", False
    return f"netview does not follow links of kind {link.kind}", True


def _uppers(snapshot: Snapshot) -> dict[LinkKey, list[LinkKey]]:
    """What is stacked on each link."""
    found: dict[LinkKey, list[LinkKey]] = {}
    for key, below in snapshot.lowers.items():
        link = snapshot.link(key)
        if below.key is not None and link is not None and link.kind in _STACKED:
            found.setdefault(below.key, []).append(key)
    return found
