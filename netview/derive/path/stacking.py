"""Links on top of another one: VLANs, macvlans and ipvlans, and which of them takes or sends a frame."""

from collections.abc import Iterator, Sequence
from itertools import chain

from netview.derive.path.steps import Frame, Onward, Step
from netview.model import Link, LinkFlag, LinkKey, Snapshot

STACKED = frozenset({"macvlan", "macvtap", "vlan", "ipvlan", "ipvtap"})
_Link = tuple[LinkKey, Link]
_MACVLANS, _IPVLANS = frozenset({"macvlan", "macvtap"}), frozenset({"ipvlan", "ipvtap"})


class Stacks:
    """All of them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.uppers: dict[LinkKey, list[LinkKey]] = {}
        """What is stacked on each link."""
        for key, below in snapshot.lowers.items():
            link = snapshot.link(key)
            if below.key is not None and link is not None and link.kind in STACKED:
                self.uppers.setdefault(below.key, []).append(key)

    def taken(self, key: LinkKey, frame: Frame, tag: int | None) -> tuple[list[Onward], bool]:
        """Which links stacked on another one take what comes in by it, and whether more than they get it."""
        name = self._name(key)
        stacked = list(self._on(key))
        for upper, link in stacked:
            if tag is not None and link.kind == "vlan" and _detail(link, "id") == tag:
                step = Step(upper, f"{link.name} takes it", f"it is VLAN {tag} of {name}")
                return [Onward(step, upper, leaves=False)], False
        owners = {upper for upper, link in stacked if link.kind in _IPVLANS and self._owns(upper, frame.ip)}
        found = [
            Onward(_taking(upper, link, name), upper, leaves=False, tag=tag)
            for upper, link in stacked
            if _takes(link, frame, owned=upper in owners)
        ]
        # The kernel looks for the address of ipvlans in what is for one alone; in mode l3 it looks at nothing else.
        alone = any(upper in owners and (frame.mac is not None or _mode(link) != "l2") for upper, link in stacked)
        return found, not alone

    def sent(self, key: LinkKey, link: Link, frame: Frame, tag: int | None) -> Iterator[Onward] | str:
        """Where a stacked link sends a frame; words: why nobody can tell."""
        below = self._snapshot.lowers.get(key)
        lower = None if below is None else below.key
        if lower is None or self._snapshot.link(lower) is None:
            return "the link below it cannot be seen"
        if link.kind == "vlan":
            return self._vlan(link, lower, tag)
        siblings = [(other, one) for other, one in self._on(lower) if other != key]
        if link.kind in _IPVLANS:
            return self._ipvlan(link, lower, frame, siblings)
        others = [(other, one) for other, one in siblings if _is_bridging(link) and _is_bridging(one)]
        because = f"both are macvlans in bridge mode on {self._name(lower)}"
        handed = (_handed(link, one, other, because, tag) for other, one in others if _takes(one, frame, owned=False))
        return chain(handed, [self._down(link, lower, tag)])

    def owners(self, key: LinkKey, lower: LinkKey, ip: str) -> list[LinkKey]:
        """The other links on one that have an address."""
        return [other for other, _ in self._on(lower) if other != key and self._owns(other, ip)]

    def _vlan(self, link: Link, lower: LinkKey, tag: int | None) -> Iterator[Onward] | str:
        number, name = _detail(link, "id"), self._name(lower)
        if tag is not None or not isinstance(number, int) or _detail(link, "protocol") == "802.1ad":
            return f"netview does not follow frames with the tags of {link.name}"
        step = Step(lower, f"{link.name} sends it by {name} with tag {number}", f"it is a VLAN on {name}")
        return iter((Onward(step, lower, leaves=True, tag=number),))

    def _ipvlan(self, link: Link, lower: LinkKey, frame: Frame, siblings: Sequence[_Link]) -> Iterator[Onward] | str:
        name, flags = self._name(lower), _detail(link, "flags")
        because = f"both are ipvlans on {name}"
        here = _mode(link) != "l2" or frame.mac == link.address
        owners = [(other, one) for other, one in siblings if self._owns(other, frame.ip)]
        if here and owners and flags != "vepa":
            block = f"{link.name} is private: it hands nothing to others on {name}" if flags == "private" else None
            doubt = f"whether {link.name} is private is not known" if flags is None else None
            return (_handed(link, one, other, because, block=block, doubt=doubt) for other, one in owners)
        if _mode(link) != "l2":
            return f"what {link.name} sends to others is not a matter of its own network"
        if here and flags != "vepa":
            step = Step(lower, f"{link.name} hands it to {name}", "both have the same address")
            return iter((Onward(step, lower, leaves=False),))
        handed = (_handed(link, one, other, because) for other, one in siblings if frame.mac is None)
        return chain(handed, [self._down(link, lower, None)])

    def _down(self, link: Link, lower: LinkKey, tag: int | None) -> Onward:
        step = Step(lower, f"{link.name} sends it by {self._name(lower)}", f"it is a {link.kind} on it")
        return Onward(step, lower, leaves=True, tag=tag)

    def _on(self, key: LinkKey) -> Iterator[_Link]:
        for upper in self.uppers.get(key, ()):
            link = self._snapshot.link(upper)
            if link is not None:
                yield upper, link

    def _name(self, key: LinkKey) -> str:
        link = self._snapshot.link(key)
        return f"#{key.ifindex}" if link is None else link.name

    def _owns(self, key: LinkKey, ip: str | None) -> bool:
        namespace = self._snapshot.namespaces.get(key.namespace)
        return namespace is not None and any(one.address == ip for one in namespace.addresses_of(key.ifindex))


def routed_below(snapshot: Snapshot, key: LinkKey, ip: str) -> LinkKey | None:
    """The link whose namespace routes what an ipvlan in mode l3 sends; None: it is none, or another one on it has the address."""
    link, below = snapshot.link(key), snapshot.lowers.get(key)
    lower = None if below is None else below.key
    if link is None or lower is None or link.kind not in _IPVLANS or _mode(link) == "l2":
        return None
    return None if Stacks(snapshot).owners(key, lower, ip) and _detail(link, "flags") != "vepa" else lower


def _taking(key: LinkKey, link: Link, name: str) -> Step:
    doubt = f"rules of the namespace of {name} see it as well" if link.kind in _IPVLANS and _mode(link) == "l3s" else None
    return Step(key, f"{link.name} takes it", f"it is a {link.kind} on {name}", doubt=doubt)


def _handed(
    link: Link,
    other: Link,
    to: LinkKey,
    because: str,
    tag: int | None = None,
    *,
    block: str | None = None,
    doubt: str | None = None,
) -> Onward:
    step = Step(to, f"{link.name} hands it to {other.name}", because, block=block, doubt=doubt, measured=True)
    return Onward(step, to, leaves=False, tag=tag)


def _takes(link: Link, frame: Frame, *, owned: bool) -> bool:
    """Whether a stacked link takes what comes in there."""
    if link.kind in _IPVLANS:
        everybody = frame.mac is None and _mode(link) == "l2"
        return everybody or (owned and not (frame.mac is None and link.flags & LinkFlag.NOARP))
    return link.kind in _MACVLANS and (frame.mac is None or link.address == frame.mac)


def _is_bridging(link: Link) -> bool:
    return link.macvlan is not None and link.macvlan.mode == "bridge"


def _mode(link: Link) -> object:
    return _detail(link, "mode") or "l2"


def _detail(link: Link, name: str) -> object:
    return next((value for told, value in link.details if told == name), None)
