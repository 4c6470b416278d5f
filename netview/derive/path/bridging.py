"""What a bridge does with a frame."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from netview.derive.path.steps import Frame, Step
from netview.model import FdbEntry, Link, LinkFlag, LinkKey, PortState, Snapshot

Onward = tuple[Step, LinkKey, bool]
"""A step, the link that comes next, and whether the frame leaves by it, else it arrives there."""


Ports = Callable[[LinkKey], Iterable[LinkKey]]


class _Passage(NamedTuple):
    """A frame in a bridge."""

    snapshot: Snapshot
    bridge: LinkKey
    device: Link
    source: LinkKey | None
    doubt: str | None


def forwarded(snapshot: Snapshot, bridge: LinkKey, source: LinkKey | None, frame: Frame, ports: Ports) -> Iterator[Onward]:
    """Where a frame goes that comes in by a port, or from the bridge's own namespace (None); `ports`: where a flood goes."""
    device = snapshot.link(bridge)
    if device is None:
        return
    doubt = None
    if device.bridge is not None and device.bridge.vlan_filtering:
        doubt = f"{device.name} filters VLANs, and its VLAN table is not read"
    own = None if source is None or frame.mac is None else _own(snapshot, bridge, device, frame.mac)
    if own is not None:
        yield Step(bridge, f"{device.name} takes it", own, doubt=doubt), bridge, False
        return
    passage = _Passage(snapshot, bridge, device, source, doubt)
    entry = None if frame.mac is None else _entry(snapshot, bridge, frame)
    if entry is not None:
        yield _onward(passage, LinkKey(bridge.namespace, entry.ifindex), entry)
        return
    if frame.mac is None and source is not None:
        yield Step(bridge, f"{device.name} takes it", "it is for everybody", doubt=doubt), bridge, False
    for port in ports(bridge):
        if port != source or _hairpin(snapshot, port):
            yield _onward(passage, port, None)


def refusal(bridge: Link | None, port: Link) -> str | None:
    """Why a bridge takes nothing from a port, and sends nothing by it."""
    if bridge is not None and LinkFlag.UP not in bridge.flags:
        return f"the bridge {bridge.name} is down"
    if port.port is not None and port.port.state is not PortState.FORWARDING:
        return f"port {port.name} is {port.port.state.word}"
    return None


def _link(snapshot: Snapshot, key: LinkKey | None) -> Link | None:
    return None if key is None else snapshot.link(key)


def _own(snapshot: Snapshot, bridge: LinkKey, device: Link, mac: str) -> str | None:
    """Why the frame is for the bridge itself."""
    if device.address == mac:
        return f"{mac} is its own address"
    for entry in snapshot.namespaces[bridge.namespace].tables.fdb:
        if entry.mac == mac and entry.state == "permanent" and bridge.ifindex in {entry.bridge, entry.ifindex}:
            return f"{mac} is a local entry of its forwarding table"
    return None


def _entry(snapshot: Snapshot, bridge: LinkKey, frame: Frame) -> FdbEntry | None:
    fdb = snapshot.namespaces[bridge.namespace].tables.fdb
    return next(
        (
            entry
            for entry in fdb
            if entry.mac == frame.mac
            and entry.bridge == bridge.ifindex
            and entry.state != "permanent"
            and "self" not in entry.flags
        ),
        None,
    )


def _onward(passage: _Passage, port: LinkKey, entry: FdbEntry | None) -> Onward:
    snapshot, device, source = passage.snapshot, passage.device, passage.source
    link, came = snapshot.link(port), _link(snapshot, source)
    because = f"forwarding entry {entry.mac}" if entry is not None else f"flooded to all ports of {device.name}"
    block = None if link is None else refusal(device, link) or _apart(snapshot, came, source, link, port)
    words = f"{device.name} forwards it to port {f'#{port.ifindex}' if link is None else link.name}"
    bridge = None if source is None else passage.bridge
    return Step(port, words, because, entry, block, passage.doubt, bridged=bridge, measured=True), port, True


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
