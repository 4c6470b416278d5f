"""A rule or a route that throws traffic away."""

from ipaddress import ip_address, ip_network

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.model import Namespace, Snapshot

_AWAY = frozenset({"blackhole", "unreachable", "prohibit"})


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """Policy rules that end in nothing; routes that do so for addresses which somebody has, and no longer prefix saves."""
    for namespace in snapshot.namespaces.values():
        for rule in namespace.tables.rules:
            if rule.action in _AWAY:
                yield check.finding(
                    namespace.id,
                    snapshot,
                    severity="warning",
                    confidence="possible",
                    message=f"a policy rule of {name_of(snapshot, namespace.id)} ends in {rule.action} for"
                    f" traffic from {rule.src} to {rule.dst}",
                    evidence=evidence(priority=rule.priority, src=rule.src, dst=rule.dst, action=rule.action),
                    command=["ip", "rule", "show", "priority", str(rule.priority)],
                    remedy="if that is not meant: ip rule del priority …",
                )
        yield from _routes(check, snapshot, namespace)


def _routes(check: Check, snapshot: Snapshot, namespace: Namespace) -> Told:
    away = [
        route for route in namespace.tables.routes if route.type in _AWAY and route.table == "main" and route.dst != "default"
    ]
    if not away:
        return
    taken = [
        (address.address, other.label)
        for other in snapshot.namespaces.values()
        if other.id != namespace.id
        for address in other.tables.addresses
        if address.scope not in {"host", "link"}
    ]
    ways = [ip_network(route.dst) for route in namespace.tables.routes if route.type == "unicast" and route.dst != "default"]
    for route in away:
        lost = ip_network(route.dst)
        for text, label in taken:
            address = ip_address(text)
            if address in lost and not any(address in way and way.prefixlen > lost.prefixlen for way in ways):
                yield check.finding(
                    namespace.id,
                    snapshot,
                    severity="error",
                    confidence="certain",
                    message=f"a {route.type} route of {name_of(snapshot, namespace.id)} swallows what goes to {text} of {label}",
                    evidence=evidence(dst=route.dst, type=route.type, address=text, whose=label),
                    command=["ip", "route", "get", text],
                    remedy="remove the route, or add a longer one that leads to the container",
                )
                break


CHECK = Check(29, "rule or route that drops", look)
