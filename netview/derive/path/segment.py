"""Where a frame may come to: links, wires, bridges and tunnels from one end, without a router in between."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from netview.derive.path.bridging import Crossing, forwarded, refusal
from netview.derive.path.filtering import Filters
from netview.derive.path.stacking import STACKED, Stacks
from netview.derive.path.steps import Frame, Onward, Reach, Step, Trail
from netview.derive.path.tunnelling import Tunnels, wrapped
from netview.derive.peers import PAIRED
from netview.model import Link, LinkFlag, LinkKey, Snapshot

_MANY = 16
_GROUPS = frozenset({"bond", "team"})


class Known(NamedTuple):
    """What was asked for so far; what is wanted besides is noted in them."""

    tunnels: Tunnels
    filters: Filters


def search(snapshot: Snapshot, start: LinkKey, frame: Frame, goals: Collection[LinkKey], known: Known) -> list[Reach]:
    """What a frame that leaves by `start` comes to: the goals, links where it is for nobody, and where it goes out of sight.

    Ways past what loses it are followed as well, after all others: what is behind tells whose frame was lost.
    """
    return _Search(snapshot, frame, frozenset(goals), known).run(start)


class _Search:
    def __init__(self, snapshot: Snapshot, frame: Frame, goals: frozenset[LinkKey], known: Known) -> None:
        self._snapshot = snapshot
        self._frame = frame
        self._goals = goals
        self._known = known
        self._found: list[Reach] = []
        self._stacks = Stacks(snapshot)
        self._hurried = False

    def run(self, start: LinkKey) -> list[Reach]:
        waiting: deque[_Node] = deque([_Node(start, True, None, None)])
        lost: deque[_Node] = deque()
        seen: set[tuple[LinkKey, bool, int | None]] = set()
        while waiting or lost:
            node = waiting.popleft() if waiting else lost.popleft()
            link = self._snapshot.link(node.key)
            if link is None or (node.key, node.leaves, node.tag) in seen:
                continue
            why = None if node.block is not None else _stop(self._snapshot, node.key, link, leaves=node.leaves)
            if why is not None:
                stop = Step(node.key, f"it ends at {link.name}", why, block=why)
                lost.append(node._replace(trail=Trail(stop, node.trail), block=stop))
                continue
            seen.add((node.key, node.leaves, node.tag))
            for step, onward, leaves, tag in self._out(node, link) if node.leaves else self._in(node, link):
                block = node.block or (None if step.block is None else step)
                (waiting if block is None else lost).append(_Node(onward, leaves, Trail(step, node.trail), block, tag))
        return self._found

    def _out(self, node: "_Node", link: Link) -> Iterator[Onward]:
        if link.kind in PAIRED:
            yield from self._across(node, link)
        elif link.kind == "bridge":
            crossing = Crossing(self._snapshot, node.key, None, self._frame, node.tag)
            yield from forwarded(crossing, self._ports, self._known.filters)
        elif link.vxlan is not None:
            yield from self._wrapped(node, link)
        elif link.kind in STACKED:
            onwards = self._stacks.sent(node.key, link, self._frame, node.tag)
            if isinstance(onwards, str):
                self._edge(node, link, onwards, opaque=True)
            else:
                yield from onwards
        elif link.kind == "loopback":
            yield Onward(Step(node.key, f"{link.name} hands it back", "it is the loopback"), node.key, leaves=False)
        else:
            words, opaque = _beyond(link)
            self._edge(node, link, words, opaque=opaque)

    def _in(self, node: "_Node", link: Link) -> Iterator[Onward]:
        key, tag = node.key, node.tag
        stacked, more = self._stacks.taken(key, self._frame, tag)
        if not more:
            yield from stacked
            return
        if link.master is not None and link.port is not None:
            crossing = Crossing(self._snapshot, LinkKey(key.namespace, link.master), key, self._frame, tag)
            yield from forwarded(crossing, self._ports, self._known.filters)
            return
        if link.master is not None and link.port_kind != "vrf":
            self._edge(node, link, f"{link.name} is a port of kind {link.port_kind}", opaque=True)
            return
        yield from stacked
        trail, block = node.trail, node.block
        if tag is not None:
            why = f"{link.name} has no VLAN {tag} on it"
            stop = Step(key, f"it ends at {link.name}", why, block=why)
            trail, block = Trail(stop, trail), block or stop
        if key in self._goals or (self._frame.mac is not None and not self._hurried):
            self._found.append(Reach(key, trail, block, refused=key not in self._goals))

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
        if far is None or far in self._goals or far in self._stacks.uppers:
            return False
        other = self._snapshot.link(far)
        return other is not None and other.master is None

    def _across(self, node: "_Node", link: Link) -> Iterator[Onward]:
        peer = self._snapshot.peer(node.key)
        far = None if peer is None else peer.key
        other = None if far is None else self._snapshot.link(far)
        if far is not None and other is not None:
            because = f"they are the two ends of a {link.kind}"
            step = Step(far, f"{link.name} hands it to {other.name}", because, measured=True)
            yield Onward(step, far, leaves=False, tag=node.tag)
        else:
            self._edge(node, link, "its other end cannot be seen", opaque=True)

    def _wrapped(self, node: "_Node", link: Link) -> Iterator[Onward]:
        for step, onward in wrapped(self._snapshot, node.key, link, self._frame, self._known.tunnels):
            if onward is not None:
                yield Onward(step, onward, leaves=False, tag=node.tag)
                continue
            block = node.block or (None if step.block is None else step)
            self._found.append(Reach(node.key, Trail(step, node.trail), block, "in a tunnel"))

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
    tag: int | None = None
    """The VLAN in its header."""


def _stop(snapshot: Snapshot, key: LinkKey, link: Link, *, leaves: bool) -> str | None:
    """Why a link, or the bridge that it is a port of, lets nothing through."""
    if LinkFlag.UP not in link.flags:
        return f"{link.name} is down"
    if leaves:
        return None if LinkFlag.LOWER_UP in link.flags else f"{link.name} has no carrier"
    master = snapshot.master_of(key)
    return None if master is None or link.port is None else refusal(snapshot.link(master), link)


def _beyond(link: Link) -> tuple[str, bool]:
    """What is behind a link without another end here; whether it may come back."""
    if link.kind == "tun":
        return "a process reads it", True
    if link.kind == "dummy":
        return "a dummy swallows it", False
    if link.kind == "device" or link.kind in _GROUPS:
        return "it leaves this host", False
    return f"netview does not follow links of kind {link.kind}", True
