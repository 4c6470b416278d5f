"""What the map says of wires and blocks."""

from rich.cells import cell_len

from netview.derive.wiring import Wire, WireKind
from netview.model import LinkKey, Snapshot
from netview.text import safe, throughput
from netview.ui.columns import Context
from netview.ui.traffic import two_ways, unit_of, wire_ends, written
from netview.ui.views.words import main_address


def name(snapshot: Snapshot, wire: Wire) -> str:
    """A container, a bridge, an uplink or a section; safe."""
    if wire.kind in {WireKind.BRIDGE, WireKind.UPLINK} or (wire.kind is WireKind.LINK and wire.namespace == snapshot.home):
        return link_name(snapshot, wire.link)
    namespace = None if wire.namespace is None else snapshot.namespaces.get(wire.namespace)
    return safe(wire.text if namespace is None else namespace.label)


def place(snapshot: Snapshot, wire: Wire) -> str:
    """Where a bridge is, if that is not the home namespace; safe."""
    namespace = None if wire.namespace is None else snapshot.namespaces.get(wire.namespace)
    return "" if namespace is None or namespace.home else f"in {safe(namespace.label)}"


def link_name(snapshot: Snapshot, key: LinkKey | None) -> str:
    """Safe; nothing where there is no link."""
    link = None if key is None else snapshot.link(key)
    return "" if link is None else safe(link.name)


def address(snapshot: Snapshot, key: LinkKey | None) -> str:
    """The link's main address."""
    namespace = None if key is None else snapshot.namespaces.get(key.namespace)
    return "" if namespace is None or key is None else main_address(namespace.addresses_of(key.ifindex))


def overlay(snapshot: Snapshot, wire: Wire) -> str:
    """Where a VXLAN leads: its number and the VTEPs that it knows."""
    link = None if wire.link is None else snapshot.link(wire.link)
    if link is None or link.vxlan is None or wire.link is None:
        return ""
    entries = snapshot.namespaces[wire.link.namespace].tables.fdb
    remotes = dict.fromkeys([link.vxlan.remote, *(entry.dst for entry in entries if entry.ifindex == link.ifindex)])
    told = ", ".join(remote for remote in remotes if remote not in {None, "0.0.0.0", "::"}) or "no remote known"  # noqa: S104
    return f"{safe(link.name)} vni {link.vxlan.vni} → {told}"


def ways(context: Context, wire: Wire, *, unit: bool = False) -> str:
    """What goes into and out of the container, of all containers on a bridge, or of the host: "↓ 8.1 M ↑ 21 k"."""
    links, swapped = wire_ends(context.snapshot, wire)
    if not links:
        return ""
    into, out = (_written(value, context, unit=unit) for value in two_ways(context, links, swapped=swapped))
    return f"↓ {into} ↑ {out}"


def fitted(context: Context, wire: Wire, room: int, more: str = "") -> str:
    """All of a wire and what is said of it, in so many columns if units can be left out: the header says them."""
    whole = sentence(context, wire) + more
    return whole if cell_len(whole) <= room else sentence(context, wire, unit=False) + more


def sentence(context: Context, wire: Wire, *, unit: bool = True) -> str:
    """All of a wire in one line."""
    snapshot = context.snapshot
    inner = " ".join(
        part for part in (name(snapshot, wire), link_name(snapshot, wire.link), address(snapshot, wire.link)) if part
    )
    if wire.kind in {WireKind.BRIDGE, WireKind.UPLINK}:
        inner = " ".join(part for part in (name(snapshot, wire), place(snapshot, wire), address(snapshot, wire.link)) if part)
    elif wire.kind is WireKind.LINK and wire.namespace == snapshot.home:
        inner = " ".join(part for part in (name(snapshot, wire), address(snapshot, wire.link)) if part)
    if wire.kind is WireKind.LOCKED:
        return f"{name(snapshot, wire)} ✗ {safe(wire.text)}"
    far = "" if wire.far is None else wire.far.name or link_name(snapshot, wire.far.key)
    both = f"{inner} ⇄ {safe(far)}" if far else inner
    return " · ".join(part for part in (both, overlay(snapshot, wire), ways(context, wire, unit=unit)) if part)


def _written(value: float | None, context: Context, *, unit: bool) -> str:
    if not unit:
        return written(value, context)
    if context.metric in {"rate", "peak"}:
        return throughput(value, context.units)
    return f"{written(value, context)} {unit_of(context.units, context.metric)}"
