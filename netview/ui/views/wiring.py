"""View 1: every wire of the host."""

from netview.derive.filter import Subject, Told
from netview.derive.wiring import Wire, WireKind, wiring
from netview.model import Link, Snapshot
from netview.ui.columns import Cell, Column, Context, SortValue, Target, View
from netview.ui.subjects import link_subject, namespace_names, owners_of
from netview.ui.traffic import Ends, traffic_columns, wire_ends
from netview.ui.views.words import far_end, is_down, label, link_name, main_address, state


def _rows(context: Context) -> tuple[Wire, ...]:
    return wiring(context.snapshot, context.folding, context.forest(context.snapshot))


def _link(wire: Wire, context: Context) -> Link | None:
    return None if wire.link is None else context.snapshot.link(wire.link)


def _title(wire: Wire, context: Context) -> str:
    if wire.kind is WireKind.FOLD:
        return f"… {wire.size} quiet"
    if wire.kind in {WireKind.BRIDGE, WireKind.UPLINK}:
        return link_name(context, wire.link)
    if wire.namespace is None:
        return wire.text
    if _by_own_name(wire, context):
        return link_name(context, wire.link)
    name = label(context, wire.namespace)
    return f"✗ {name}" if wire.kind is WireKind.LOCKED else name


def _by_own_name(wire: Wire, context: Context) -> bool:
    """Whether the row is a link that needs no namespace beside it: at home, or beside its own bridge."""
    near = context.snapshot.home if wire.parent is None else wire.parent.namespace
    return wire.kind is WireKind.LINK and wire.namespace == near


def _name(wire: Wire, context: Context) -> Cell:
    title = _title(wire, context)
    if wire.depth:
        role = {WireKind.FOLD: "dim", WireKind.LOCKED: "warn"}.get(wire.kind, "")
        return Cell(f" {'└' if wire.last else '├'} {title}", role)
    sign = ("▾" if wire.expanded else "▸") if wire.expandable else " "
    return Cell(f"{sign} {title}", "section" if wire.kind is WireKind.SECTION else "name")


def _interface(wire: Wire, context: Context) -> Cell:
    if wire.kind is WireKind.FOLD:
        return Cell("Enter shows them", "dim")
    link = _link(wire, context)
    if wire.kind is WireKind.SECTION or link is None:
        return Cell("")
    if wire.kind is WireKind.BRIDGE:
        return Cell(link.kind, "dim") if not is_down(link) else Cell(f"{link.kind} down", "warn")
    if wire.kind is WireKind.UPLINK:
        return Cell("uplink", "dim") if not is_down(link) else Cell("uplink down", "warn")
    name = link.kind if _by_own_name(wire, context) else link.name
    return Cell(f"{name} down", "warn") if is_down(link) else Cell(name)


def _address(wire: Wire, context: Context) -> str:
    if wire.kind is WireKind.LOCKED:
        return wire.text
    if wire.kind is WireKind.HINT:
        return "netview --demo shows some"
    if wire.link is None or wire.kind is WireKind.FOLD:
        return ""
    link = _link(wire, context)
    if link is not None and link.vxlan is not None:
        return f"vni {link.vxlan.vni}"
    namespace = context.snapshot.namespaces.get(wire.link.namespace)
    address = "" if namespace is None else main_address(namespace.addresses_of(wire.link.ifindex))
    if wire.kind is WireKind.BRIDGE and namespace is not None and not namespace.home:
        return f"in {namespace.label} {address}".strip()
    return address


def _far(wire: Wire, context: Context) -> Cell:
    if wire.kind is WireKind.BRIDGE:
        return Cell(f"{wire.size} port{'' if wire.size == 1 else 's'}", "dim")
    link = _link(wire, context)
    if link is not None and link.vxlan is not None:
        remotes = _remotes(wire, context)
        return Cell(f"remote {remotes}" if remotes else "")
    if wire.far is not None:
        return Cell(f"⇄ {far_end(context, wire.far, wire.parent.namespace if wire.parent else wire.namespace)}")
    lower = None if wire.link is None else context.snapshot.lowers.get(wire.link)
    return Cell("" if lower is None else f"on {far_end(context, lower, wire.namespace)}", "dim")


def _remotes(wire: Wire, context: Context) -> str:
    """The default remote and those that the forwarding table names."""
    link = _link(wire, context)
    if link is None or link.vxlan is None or wire.link is None:
        return ""
    entries = context.snapshot.namespaces[wire.link.namespace].tables.fdb
    known = dict.fromkeys(
        [link.vxlan.remote, *(entry.dst for entry in entries if entry.ifindex == link.ifindex)],
    )
    return " ".join(remote for remote in known if remote)


def _state(wire: Wire, context: Context) -> Cell:
    port = None if wire.far is None or wire.far.key is None else context.snapshot.link(wire.far.key)
    port = port if port is not None else _link(wire, context)
    if port is None or wire.kind is WireKind.FOLD:
        return Cell("")
    if port.port is not None and not is_down(port):
        word = port.port.state.word
        return Cell(word, "good" if word == "forwarding" else "warn")
    return state(port)


def _mac(wire: Wire, context: Context) -> str:
    link = _link(wire, context)
    return "" if link is None or wire.kind is WireKind.FOLD else link.address or ""


def _mtu(wire: Wire, context: Context) -> str:
    link = _link(wire, context)
    return "" if link is None or wire.kind is WireKind.FOLD else str(link.mtu)


def _mtu_value(wire: Wire, context: Context) -> SortValue | None:
    link = _link(wire, context)
    return None if link is None else link.mtu


def _ends(wire: Wire, context: Context) -> Ends:
    return wire_ends(context.snapshot, wire)


def _subject(wire: Wire, context: Context) -> Told:
    if wire.kind in {WireKind.ALONE, WireKind.LOCKED}:
        return Subject(namespace_names(context, wire.namespace), words=(wire.text,), owners=owners_of(context, wire.namespace))
    return link_subject(context, wire.ends, link_name(context, wire.parent), wire.text)


def _target(wire: Wire, _context: Context) -> Target | None:
    if wire.kind is WireKind.BRIDGE:
        return Target(bridge=wire.link)
    if wire.kind is WireKind.UPLINK or wire.namespace is None:
        return None if wire.wire is None else Target(link=wire.wire)
    if wire.kind in {WireKind.PAIR, WireKind.LINK, WireKind.ALONE}:
        return Target(namespace=wire.namespace, select=wire.link)
    return None


def _crumbs(wire: Wire, context: Context) -> tuple[str, ...]:
    above = () if wire.parent is None else (link_name(context, wire.parent),)
    return () if wire.kind in {WireKind.SECTION, WireKind.FOLD, WireKind.HINT} else (*above, _title(wire, context))


def _alive(wire: Wire, snapshot: Snapshot) -> bool:
    """A wire that is folded away, or that moved, is still there; one whose container's end is gone is gone."""
    if wire.kind in {WireKind.SECTION, WireKind.FOLD}:
        return True
    return wire.wire is not None and snapshot.link(wire.wire) is not None


WIRING = View(
    "wiring",
    "Wiring",
    (
        Column("wire", "WIRE", _name, _title, least=14, most=26, rank=0),
        Column("interface", "INTERFACE", _interface, lambda wire, context: _interface(wire, context).text, least=5, rank=5),
        Column("address", "ADDRESS", _address, _address, least=12, most=40, rank=3),
        Column("far", "PLUGGED IN AS", _far, lambda wire, context: _far(wire, context).text, least=18, most=34, rank=2),
        *traffic_columns(_ends, kernel=False),
        Column("state", "STATE", _state, lambda wire, context: _state(wire, context).text, least=5, most=16, rank=6),
        Column("mtu", "MTU", _mtu, _mtu_value, least=4, right=True, wide=True),
        Column("mac", "MAC", _mac, _mac, least=17, wide=True),
    ),
    _rows,
    _subject,
    empty="no namespace could be read",
    hides_quiet=True,
    tree=True,
    target=_target,
    crumbs=_crumbs,
    alive=_alive,
)
