"""What a bridge does with a frame."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from netview.derive.path.filtering import Filters, Members, tag_of, vlan_of
from netview.derive.path.steps import Frame, Onward, Step
from netview.model import FdbEntry, Link, LinkFlag, LinkKey, PortState, Snapshot

Ports = Callable[[LinkKey], Iterable[LinkKey]]


class Crossing(NamedTuple):
    """A frame that comes to a bridge."""

    snapshot: Snapshot
    bridge: LinkKey
    source: LinkKey | None
    """The port that it comes in by; None: it is the bridge's own namespace that sends it."""
    frame: Frame
    tag: int | None
    """The VLAN in its header."""


class _Passage(NamedTuple):
    """The same in a bridge that is there."""

    at: Crossing
    device: Link
    members: Members | None = None
    """None: the bridge does not filter VLANs, or nobody can tell which."""
    vlan: int = 0
    lost: str | None = None
    """Why it does not come in."""
    doubt: str | None = None


def forwarded(at: Crossing, ports: Ports, filters: Filters) -> Iterator[Onward]:
    """Where it goes; `ports`: where a flood goes."""
    mac, source = at.frame.mac, at.source
    device = at.snapshot.link(at.bridge)
    passage = None if device is None else _passage(at, device, filters)
    if passage is None:
        return
    own = None if source is None or mac is None else _own(passage, mac)
    if own is not None:
        yield _taken(passage, own)
        return
    entry = None if mac is None else _entry(passage)
    if entry is not None:
        yield _onward(passage, LinkKey(at.bridge.namespace, entry.ifindex), entry)
        return
    if mac is None and source is not None:
        yield _taken(passage, "it is for everybody")
    for port in ports(at.bridge):
        if port != source or _hairpin(at.snapshot, port):
            yield _onward(passage, port, None)


def _passage(at: Crossing, device: Link, filters: Filters) -> _Passage | None:
    """How it comes in; None: the bridge's VLANs have to be asked for first."""
    passage = _Passage(at, device)
    if device.bridge is None or not device.bridge.vlan_filtering:
        return passage
    if device.bridge.vlan_protocol != "802.1Q":
        return passage._replace(doubt=f"{device.name} filters VLANs by tags of {device.bridge.vlan_protocol}")
    members = filters.known.get(at.bridge.namespace)
    if members is None:
        filters.unknown.add(at.bridge.namespace)
        return None
    if isinstance(members, str):
        return passage._replace(doubt=f"{device.name} filters VLANs, and its VLANs are not known: {members}")
    port = _link(at.snapshot, at.source)
    vlan = vlan_of(members, at.source or at.bridge, device.name if port is None else f"port {port.name}", at.tag)
    return passage._replace(lost=vlan) if isinstance(vlan, str) else passage._replace(members=members, vlan=vlan)


def _taken(passage: _Passage, because: str) -> Onward:
    """It is for the bridge itself."""
    bridge, name = passage.at.bridge, passage.device.name
    if passage.lost is not None:
        return _lost(passage, bridge, leaves=False)
    tag, block = passage.at.tag, None
    if passage.members is not None:
        tag, block = tag_of(passage.members, bridge, name, passage.vlan)
    return Onward(Step(bridge, f"{name} takes it", because, block=block, doubt=passage.doubt), bridge, leaves=False, tag=tag)


def _lost(passage: _Passage, onward: LinkKey, *, leaves: bool) -> Onward:
    why = passage.lost or ""
    step = Step(passage.at.source or passage.at.bridge, f"{passage.device.name} drops it", why, block=why)
    return Onward(step, onward, leaves=leaves)


def refusal(bridge: Link | None, port: Link) -> str | None:
    """Why a bridge takes nothing from a port, and sends nothing by it."""
    if bridge is not None and LinkFlag.UP not in bridge.flags:
        return f"the bridge {bridge.name} is down"
    if port.port is not None and port.port.state is not PortState.FORWARDING:
        return f"port {port.name} is {port.port.state.word}"
    return None


def _link(snapshot: Snapshot, key: LinkKey | None) -> Link | None:
    return None if key is None else snapshot.link(key)


def _own(passage: _Passage, mac: str) -> str | None:
    """Why the frame is for the bridge itself."""
    bridge = passage.at.bridge
    if passage.device.address == mac:
        return f"{mac} is its own address"
    for entry in passage.at.snapshot.namespaces[bridge.namespace].tables.fdb:
        if entry.mac == mac and entry.state == "permanent" and bridge.ifindex in {entry.bridge, entry.ifindex}:
            return f"{mac} is a local entry of its forwarding table"
    return None


def _entry(passage: _Passage) -> FdbEntry | None:
    bridge, frame = passage.at.bridge, passage.at.frame
    return next(
        (
            entry
            for entry in passage.at.snapshot.namespaces[bridge.namespace].tables.fdb
            if entry.mac == frame.mac
            and entry.bridge == bridge.ifindex
            and entry.state != "permanent"
            and "self" not in entry.flags
            and (entry.vlan or 0) == passage.vlan
        ),
        None,
    )


def _onward(passage: _Passage, port: LinkKey, entry: FdbEntry | None) -> Onward:
    if passage.lost is not None:
        return _lost(passage, port, leaves=True)
    snapshot, source, device = passage.at.snapshot, passage.at.source, passage.device
    link, came, tag, apart = snapshot.link(port), _link(snapshot, source), passage.at.tag, None
    name = f"#{port.ifindex}" if link is None else link.name
    if passage.members is not None:
        tag, apart = tag_of(passage.members, port, f"port {name}", passage.vlan)
    because = f"forwarding entry {entry.mac}" if entry is not None else f"flooded to all ports of {device.name}"
    because += f" in VLAN {passage.vlan}" if passage.members is not None else ""
    block = None if link is None else refusal(device, link) or _apart(snapshot, came, source, link, port)
    words = f"{device.name} forwards it to port {name}"
    bridge = None if source is None else passage.at.bridge
    step = Step(
        port,
        words,
        because,
        entry,
        block or apart,
        passage.doubt,
        bridged=bridge,
        tags=(passage.at.tag, tag),
        measured=True,
    )
    return Onward(step, port, leaves=True, tag=tag)


def _apart(snapshot: Snapshot, came: Link | None, source: LinkKey | None, link: Link, port: LinkKey) -> str | None:
    """Why two ports do not talk to each other."""
    if source == port and not _hairpin(snapshot, port):
        return f"it would leave by the port that it came by, and {link.name} is no hairpin"
    both = came is not None and came.port is not None and link.port is not None
    if (
        both
        and came is not None
        and came.port is not None
        and link.port is not None
        and came.port.isolated
        and link.port.isolated
    ):
        return f"ports {came.name} and {link.name} are isolated from each other"
    return None


def _isolated(link: Link) -> bool:
    return link.port is not None and bool(link.port.isolated)


def _hairpin(snapshot: Snapshot, port: LinkKey) -> bool:
    link = snapshot.link(port)
    return link is not None and link.port is not None and link.port.hairpin
