"""A rule or a route that throws traffic away, or leads it past the container that it is for."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import REFUSING, Gist, gists
from netview.derive.doctor.probes import OUTSIDE, Behind, behind, known_link
from netview.derive.path.routing import Lookup, decide
from netview.model import Family, Flow, Namespace, Rule, Snapshot


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """Policy rules that end in nothing, or lead elsewhere; routes that swallow addresses which somebody has."""
    known = gists(snapshot)
    for place, gist in known.items():
        for rule in gist.rules:
            if rule.action in REFUSING:
                yield check.finding(
                    place,
                    snapshot,
                    severity="warning",
                    confidence="possible",
                    message=f"a policy rule of {name_of(snapshot, place)} ends in {rule.action} for"
                    f" traffic from {rule.src} to {rule.dst}",
                    evidence=evidence(priority=rule.priority, src=rule.src, dst=rule.dst, action=rule.action),
                    command=["ip", *_option(rule.family), "rule", "show", "priority", str(rule.priority)],
                    remedy="if that is not meant: ip rule del priority …",
                )
        if gist.refusing:
            yield from _routes(check, snapshot, snapshot.namespaces[place], gist)
    for one in _first(snapshot):
        if known[one.bridge.namespace].rules:
            yield from _led_away(check, snapshot, one)


def _first(snapshot: Snapshot) -> Iterator[Behind]:
    """One container of each bridge and family: rules are about networks."""
    found: dict[object, Behind] = {}
    for one in behind(snapshot):
        found.setdefault((one.bridge, one.family), one)
    return iter(found.values())


def _led_away(check: Check, snapshot: Snapshot, one: Behind) -> Told:
    """By a rule that an administrator made: what is for the container not to its bridge, or what it sends nowhere."""
    host, bridge = snapshot.namespaces[one.bridge.namespace], known_link(snapshot, one.bridge)
    outside = OUTSIDE[one.family]
    to = decide(host.tables, Lookup(Flow("tcp", "", one.address, None, 443)))
    out = decide(host.tables, Lookup(Flow("tcp", one.address, outside, None, 443), iif=bridge))
    for decision, what in ((to, f"what is for {one.address} of"), (out, f"what {one.address} sends, of")):
        if decision.rule is None or not _is_made(decision.rule):
            continue
        if decision.unsure is not None:
            yield check.unknown(f"{name_of(snapshot, host.id)}: {decision.unsure}")
            continue
        ways = {way.oif for way in decision.ways}
        refused = decision.type in REFUSING
        if not refused and (decision is out or one.bridge.ifindex in ways):
            continue
        where = f"ends in {decision.type}" if refused else f"leaves by {_names(host, ways)}"
        yield check.finding(
            host.id,
            snapshot,
            severity="error",
            confidence="likely",
            message=f"{what} {name_of(snapshot, one.end.namespace)} {where} in {name_of(snapshot, host.id)}: policy rule"
            f" {decision.rule.priority} takes it before the main table does",
            evidence=evidence(priority=decision.rule.priority, table=decision.rule.table, **_selectors(decision.rule)),
            command=["ip", *_option(one.family), "rule", "show", "priority", str(decision.rule.priority)],
            remedy=f"a rule before it: ip rule add to {_subnet(host, one)} lookup main priority …",
        )


def _is_made(rule: Rule) -> bool:
    return (rule.priority, rule.table) not in {(0, "local"), (32766, "main"), (32767, "default")}


def _names(host: Namespace, ways: set[int | None]) -> str:
    links = [host.links[oif].name for oif in ways if oif is not None and oif in host.links]
    return ", ".join(links) or "no link that is known"


def _selectors(rule: Rule) -> dict[str, str | None]:
    told = {"src": rule.src, "dst": rule.dst, "iif": rule.iif, "fwmark": rule.fwmark}
    return {name: value for name, value in told.items() if value not in {None, "all"}}


def _subnet(host: Namespace, one: Behind) -> str:
    own = (a for a in host.addresses_of(one.bridge.ifindex) if a.family is one.family and a.scope == "global")
    return next((str(ip_network(f"{a.address}/{a.prefixlen}", strict=False)) for a in own), one.address)


def _option(family: Family) -> list[str]:
    return ["-6"] if family is Family.INET6 else []


def _routes(check: Check, snapshot: Snapshot, namespace: Namespace, gist: Gist) -> Told:
    away = [route for route in gist.refusing if route.table == "main" and route.dst != "default"]
    if not away:
        return
    taken = [
        (address.address, snapshot.namespaces[place].label)
        for place, other in gists(snapshot).items()
        if place != namespace.id
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


CHECK = Check(29, "rule or route that drops or steals", look)
