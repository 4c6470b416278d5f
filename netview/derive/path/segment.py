"""Where a frame may come to: links, wires, bridges and tunnels from one end, without a router in between."""

from collections import deque
from collections.abc import Collection, Iterator

from netview.derive.path.bridging import forwarded
from netview.derive.path.steps import Frame, Reach, Step, Trail
from netview.derive.path.tunnelling import wrapped
from netview.derive.peers import PAIRED
from netview.model import Link, LinkFlag, LinkKey, Snapshot

_STACKED = frozenset({"macvlan", "macvtap"})
_GROUPS = frozenset({"bond", "team"})
Learned = dict[tuple[LinkKey, str], str]
"""Remote VTEPs by VXLAN device and MAC, as packets on the way have taught them."""
Onward = tuple[Step, LinkKey, bool]


def search(snapshot: Snapshot, start: LinkKey, frame: Frame, goals: Collection[LinkKey], learned: Learned) -> list[Reach]:
    """What a frame that leaves by `start` comes to: the goals among all links that take it, and where it goes out of sight.

    Ways past what loses it are followed as well, after all others: what is behind tells whose frame was lost.
    """
    return _Search(snapshot, frame, frozenset(goals), learned).run(start)


class _Search:
    def __init__(self, snapshot: Snapshot, frame: Frame, goals: frozenset[LinkKey], learned: Learned) -> None:
        self._snapshot = snapshot
        self._frame = frame
        self._goals = goals
        self._learned = learned
        self._found: list[Reach] = []
        self._upper = _uppers(snapshot)

    def run(self, start: LinkKey) -> list[Reach]:
        open_: deque[tuple[LinkKey, bool, Trail | None]] = deque([(start, True, None)])
        lost: deque[tuple[LinkKey, bool, Trail | None, Step]] = deque()
        seen: set[tuple[LinkKey, bool]] = set()
        while open_ or lost:
            if open_:
                (link, leaves, trail), block = open_.popleft(), None
            else:
                link, leaves, trail, block = lost.popleft()
            if (link, leaves) in seen:
                continue
            seen.add((link, leaves))
            for step, onward, leaving in self._steps(link, leaves, trail, block):
                further, stop = Trail(step, trail), block
                if stop is None and step.block is not None:
                    stop = step
                if stop is None:
                    open_.append((onward, leaving, further))
                else:
                    lost.append((onward, leaving, further, stop))
        return self._found

    def _steps(self, key: LinkKey, leaves: bool, trail: Trail | None, block: Step | None) -> Iterator[Onward]:
        link = self._snapshot.link(key)
        if link is None:
            return
        yield from self._out(key, link, trail, block) if leaves else self._in(key, link, trail, block)

    def _out(self, key: LinkKey, link: Link, trail: Trail | None, block: Step | None) -> Iterator[Onward]:
        bad = _unusable(link)
        if link.kind in PAIRED:
            yield from self._across(key, link, bad, trail, block)
        elif link.kind == "bridge":
            for step, onward, leaving in forwarded(self._snapshot, key, None, self._frame):
                yield (step if bad is None else step._replace(block=bad)), onward, leaving
        elif link.vxlan is not None:
            yield from self._wrapped(key, link, bad, trail, block)
        elif link.kind in _STACKED:
            yield from self._stacked(key, link, bad)
        elif link.kind == "vlan":
            yield from self._below(key, link, bad)
        elif link.kind == "loopback":
            yield Step(key, f"{link.name} hands it back", "it is the loopback", block=bad), key, False
        else:
            self._edge(key, link, bad, trail, block)

    def _in(self, key: LinkKey, link: Link, trail: Trail | None, block: Step | None) -> Iterator[Onward]:
        if link.master is not None and link.port is not None:
            yield from forwarded(self._snapshot, LinkKey(key.namespace, link.master), key, self._frame)
            return
        if link.master is not None and link.port_kind != "vrf":
            self._found.append(Reach(key, trail, block, f"{link.name} is a port of kind {link.port_kind}", opaque=True))
            return
        for upper in self._upper.get(key, ()):
            above = self._snapshot.link(upper)
            if above is not None and self._rises(above):
                yield Step(upper, f"{above.name} takes it", f"{above.kind} on {link.name}", block=_down(above)), upper, False
        if key in self._goals:
            self._found.append(Reach(key, trail, block))

    def _rises(self, above: Link) -> bool:
        """Whether what comes in below goes up to a link that is stacked on it."""
        if above.kind == "vlan":
            return False
        return self._frame.mac is None or above.address == self._frame.mac

    def _across(self, key: LinkKey, link: Link, bad: str | None, trail: Trail | None, block: Step | None) -> Iterator[Onward]:
        peer = self._snapshot.peer(key)
        far = None if peer is None else peer.key
        other = None if far is None else self._snapshot.link(far)
        if far is not None and other is not None:
            down = bad or _down(other)
            yield (
                Step(far, f"{link.name} hands it to {other.name}", f"they are the two ends of a {link.kind}", block=down),
                far,
                False,
            )
        else:
            what = "its other end is gone" if peer is None else "its other end cannot be seen"
            self._edge(key, link, bad, trail, block, behind=(what, peer is not None))

    def _wrapped(self, key: LinkKey, link: Link, bad: str | None, trail: Trail | None, block: Step | None) -> Iterator[Onward]:
        taught = self._learned.get((key, self._frame.mac or ""))
        for step, onward in wrapped(self._snapshot, key, link, self._frame, taught):
            blocked = step if bad is None else step._replace(block=bad)
            if onward is not None:
                yield blocked, onward, False
                continue
            stop = block or (blocked if blocked.block is not None else None)
            edge = "to a remote VTEP" if step.tunnel is not None else "to no remote VTEP"
            self._found.append(Reach(key, Trail(blocked, trail), stop, edge))

    def _stacked(self, key: LinkKey, link: Link, bad: str | None) -> Iterator[Onward]:
        below = self._snapshot.lowers.get(key)
        lower = None if below is None else below.key
        mode = None if link.macvlan is None else link.macvlan.mode
        if mode == "bridge" and lower is not None:
            for sibling in self._upper.get(lower, ()):
                other = self._snapshot.link(sibling)
                bridged = other is not None and other.macvlan is not None and other.macvlan.mode == "bridge"
                if sibling != key and other is not None and bridged and self._rises(other):
                    because = "both are macvlans in bridge mode on one link"
                    yield (
                        Step(sibling, f"{link.name} hands it to {other.name}", because, block=bad or _down(other)),
                        sibling,
                        False,
                    )
        yield from self._below(key, link, bad)

    def _below(self, key: LinkKey, link: Link, bad: str | None) -> Iterator[Onward]:
        below = self._snapshot.lowers.get(key)
        lower = None if below is None else below.key
        under = None if lower is None else self._snapshot.link(lower)
        if lower is not None and under is not None:
            yield Step(lower, f"{link.name} sends it by {under.name}", f"it is a {link.kind} on it", block=bad), lower, True
        else:
            self._found.append(Reach(key, None, None, "the link below it cannot be seen", opaque=True))

    def _edge(
        self,
        key: LinkKey,
        link: Link,
        bad: str | None,
        trail: Trail | None,
        block: Step | None,
        *,
        behind: tuple[str, bool] | None = None,
    ) -> None:
        """The end of what can be seen."""
        words, opaque = behind or _beyond(link)
        step = Step(key, f"{link.name} sends it", words, block=bad)
        stop = block or (step if bad is not None else None)
        self._found.append(Reach(key, Trail(step, trail), stop, words, opaque))


def _beyond(link: Link) -> tuple[str, bool]:
    """What is behind a link without another end here; whether it may come back."""
    if link.kind == "tun":
        return "a process reads it", True
    if link.kind == "dummy":
        return "a dummy swallows it", False
    if link.kind == "device" or link.kind in _GROUPS:
        return "it leaves this host", False
    return f"netview does not follow links of kind {link.kind}", True


def _down(link: Link) -> str | None:
    return None if LinkFlag.UP in link.flags else f"{link.name} is down"


def _unusable(link: Link) -> str | None:
    """Why nothing leaves by it."""
    return _down(link) or (None if LinkFlag.LOWER_UP in link.flags else f"{link.name} has no carrier")


def _uppers(snapshot: Snapshot) -> dict[LinkKey, list[LinkKey]]:
    """What is stacked on each link."""
    found: dict[LinkKey, list[LinkKey]] = {}
    for key, below in snapshot.lowers.items():
        link = snapshot.link(key)
        if below.key is not None and link is not None and (link.kind in _STACKED or link.kind == "vlan"):
            found.setdefault(below.key, []).append(key)
    return found
