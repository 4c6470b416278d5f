"""Where a VXLAN device sends a frame."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from netview.derive.path.steps import Frame, Step, Tunnel
from netview.model import FdbEntry, Link, LinkKey, NamespaceId, Snapshot, Vxlan

_EVERYBODY = "00:00:00:00:00:00"


@dataclass(slots=True, eq=False)
class Tunnels:
    """What is known of outer packets."""

    learned: dict[tuple[LinkKey, str], str] = field(default_factory=dict)
    """Remote VTEPs by VXLAN device and MAC, as packets on the way have taught them."""
    ends: dict[tuple[LinkKey, str], NamespaceId | None] = field(default_factory=dict)
    """The namespace that an outer packet comes to, by device and remote VTEP; None: to none."""
    unknown: set[tuple[LinkKey, str]] = field(default_factory=set)
    """Those of which that would have to be known."""


def wrapped(
    snapshot: Snapshot, key: LinkKey, link: Link, frame: Frame, tunnels: Tunnels
) -> Iterator[tuple[Step, LinkKey | None]]:
    """A step for each remote VTEP, with the device that unwraps it; None: no such device can be seen, or there is no VTEP."""
    if link.vxlan is None:
        return
    entries = _entries(snapshot, key, link.vxlan, frame, tunnels.learned.get((key, frame.mac or "")))
    if not entries:
        why = f"{link.name} has no forwarding entry for {frame.mac or 'everybody'}"
        yield Step(key, f"{link.name} drops it", why, block=why, layer="tunnel"), None
    for remote, entry in entries:
        because = "learned from what came back" if entry is None else f"forwarding entry {entry.mac} dst {remote}"
        if (key, remote) not in tunnels.ends:
            tunnels.unknown.add((key, remote))
            continue
        beneath = tunnels.ends[key, remote]
        ends: list[LinkKey | None] = [] if beneath is None else [*_unwrappers(snapshot, link.vxlan, beneath, remote)]
        for end in ends or [None]:
            words = f"{link.name} wraps it for {remote}"
            yield Step(key, words, because, entry, tunnel=Tunnel(key, remote, end), layer="tunnel"), end


def underlay(snapshot: Snapshot, key: LinkKey) -> NamespaceId | None:
    """The namespace that the outer packets are in; None: it cannot be seen."""
    link, namespace = snapshot.link(key), snapshot.namespaces.get(key.namespace)
    if link is None or namespace is None:
        return None
    return key.namespace if link.link_nsid is None else namespace.tables.nsids.get(link.link_nsid)


def _unwrappers(snapshot: Snapshot, vxlan: Vxlan, beneath: NamespaceId, remote: str) -> Iterator[LinkKey]:
    """The devices with this VNI and port whose outer packets come to a namespace."""
    for namespace in snapshot.namespaces.values():
        for link in namespace.links.values():
            other, key = link.vxlan, LinkKey(namespace.id, link.ifindex)
            fits = other is not None and (other.vni, other.port) == (vxlan.vni, vxlan.port) and other.local in {None, remote}
            if fits and underlay(snapshot, key) == beneath:
                yield key


def _entries(
    snapshot: Snapshot, key: LinkKey, vxlan: Vxlan, frame: Frame, taught: str | None
) -> list[tuple[str, FdbEntry | None]]:
    """The remote VTEPs for a frame: of its own address, else those for everybody."""
    known = [entry for entry in snapshot.namespaces[key.namespace].tables.fdb if entry.ifindex == key.ifindex and entry.dst]
    exact = [entry for entry in known if frame.mac is not None and entry.mac == frame.mac]
    if not exact and taught is not None and vxlan.learning:
        return [(taught, None)]
    chosen = exact[:1] or [entry for entry in known if entry.mac == _EVERYBODY]
    return [(entry.dst, entry) for entry in chosen if entry.dst is not None]
