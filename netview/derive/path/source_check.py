"""What a namespace refuses because of where it seems to come from: martians and the reverse path filter."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

from netview.derive.path.fib import ways
from netview.derive.path.journey import Journey, Steps, settings
from netview.derive.path.routing import Decision, Lookup, decide, is_local
from netview.model import Family, Flow, Link, NamespaceId, Tables

_DEFAULT_PRIORITIES = frozenset({0, 32766, 32767})


def objection(journey: Journey, namespace: NamespaceId, link: Link, flow: Flow) -> Steps[str | None]:
    """Why a packet that comes in by a link is refused for its addresses; None: it is not."""
    if flow.family is Family.INET6:
        return (yield from _objection6(journey, namespace, link, flow))
    names = {
        name: (f"ipv4/conf/all/{name}", f"ipv4/conf/{link.name}/{name}")
        for name in ("rp_filter", "accept_local", "route_localnet", "src_valid_mark")
    }
    told = yield from settings(journey, namespace, *(path for paths in names.values() for path in paths))
    known = {name: [told.get(path) or 0 for path in paths] for name, paths in names.items()}
    source, destination = IPv4Address(flow.source), IPv4Address(flow.destination)
    if source.is_multicast or source in _NOWHERE or source == _EVERYBODY:
        return f"its source {source} is no address of a host (martian)"
    if (source.is_loopback or destination.is_loopback) and not any(known["route_localnet"]):
        return "an address of the loopback comes in by another link (martian; route_localnet is off)"
    tables = journey.snapshot.namespaces[namespace].tables
    if is_local(tables, flow.source) and not any(known["accept_local"]):
        return f"its source {flow.source} is an address of {journey.label(namespace)} itself (martian)"
    mode = max(known["rp_filter"])
    mark = flow.mark if any(known["src_valid_mark"]) else 0
    return _filtered(tables, link, flow, mode, mark)


_NOWHERE = frozenset({IPv4Address(0)})
_EVERYBODY = IPv4Address("255.255.255.255")


def _filtered(tables: Tables, link: Link, flow: Flow, mode: int, mark: int) -> str | None:
    """The reverse path filter: 1 strict, 2 loose."""
    back = decide(tables, _reverse(flow, mark))
    if back.type in {"broadcast", "multicast"}:
        return f"its source {flow.source} is a {back.type} address (martian)"
    if mode == 0 or _leads_to(back, link):
        return None
    where = "another link" if back.route is not None else "nowhere"
    if mode == 1:
        return f"rp_filter is strict on {link.name}, and the way back to {flow.source} leads {where}"
    bare = not any(one.ifindex == link.ifindex and one.family is Family.INET for one in tables.addresses)
    if back.type in {None, "blackhole", "unreachable", "prohibit"} or bare:
        return f"rp_filter is loose on {link.name}, and there is no way back to {flow.source}"
    return None


def _reverse(flow: Flow, mark: int) -> Lookup:
    turned = replace(
        flow, source=flow.destination, destination=flow.source, source_port=flow.port, port=flow.source_port, mark=mark
    )
    return Lookup(turned, uid=0)


def _leads_to(back: Decision, link: Link) -> bool:
    return back.route is not None and any(way.oif == link.ifindex for way in ways(back.route))


def _objection6(journey: Journey, namespace: NamespaceId, link: Link, flow: Flow) -> Steps[str | None]:
    told = yield from settings(journey, namespace, f"ipv6/conf/{link.name}/disable_ipv6")
    if any(told.values()):
        return f"IPv6 is off on {link.name} (disable_ipv6)"
    source, destination = IPv6Address(flow.source), IPv6Address(flow.destination)
    if source.is_loopback or destination.is_loopback or source.is_multicast:
        return f"{source} to {destination} comes in by a link (martian)"
    return None
