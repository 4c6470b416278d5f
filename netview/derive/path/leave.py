"""Which route a packet takes, held against what the kernel itself says."""

import errno
from dataclasses import replace
from typing import NamedTuple

from netview.derive.path.agreement import disagreement, told
from netview.derive.path.journey import Ended, Journey, Steps, settings
from netview.derive.path.prefixes import UNSPECIFIED
from netview.derive.path.questions import AskRoute, RouteAnswer, Unanswered
from netview.derive.path.routing import Decision, Lookup, decide, is_plain
from netview.derive.selectors import outcome, selectors
from netview.model import Family, LinkKey, NamespaceId, NextHop, Route, Tables
from netview.model.path import Place, Verdict

LOCAL = frozenset({"local", "anycast"})
"""Types of routes to the namespace itself."""
_LINKDOWN = 0x10
_DEFAULT_RULES = frozenset({0, 32766, 32767})


class Routed(NamedTuple):
    """Where a packet goes next."""

    decision: Decision
    way: NextHop
    resolved: Route | int | None
    """The kernel's own answer; None: it was not asked."""


def routed(
    journey: Journey,
    namespace: NamespaceId,
    lookup: Lookup,
    wrong: str | None = None,
    halted: str | None = None,
    *,
    foreign: bool = False,
) -> Steps[Routed]:
    """The deciding route and the next hop, held against the kernel's own answer.

    The kernel takes nothing that has something `wrong` with its addresses, and what is not for here it does not where it is
    `halted`, whatever the tables say. Of a `foreign` source it answers nobody, and is asked without it.
    """
    tables = _tables(journey, namespace)
    spare = yield from _spare(journey, namespace, tables)
    decision = decide(tables, lookup, spare)
    answer = yield AskRoute(namespace, lookup._replace(flow=replace(lookup.flow, source="")) if foreign else lookup)
    if lookup.flow.family is Family.INET and is_plain(tables, Family.INET) and isinstance(answer, RouteAnswer):
        merged = decide(tables, lookup, spare, merged=True)
        decision = merged if _contradiction(decision, answer, None) else decision
    refused = wrong or (None if decision.type in LOCAL else halted)
    if decision.unsure is not None:
        journey.doubts(namespace, None, decision.unsure)
    resolved: Route | int | None = None
    if isinstance(answer, RouteAnswer):
        resolved = answer.resolved
        wrong = _contradiction(decision, answer, refused)
        if wrong is not None:
            journey.doubts(namespace, None, f"rules and tables say {_said(decision)}, but {wrong}")
    else:
        why = answer.reason if isinstance(answer, Unanswered) else "no answer"
        journey.doubts(namespace, None, f"the kernel's own lookup in {journey.label(namespace)} is not known: {why}")
    return Routed(decision, _way(journey, namespace, decision, resolved), resolved)


def refusal(journey: Journey, namespace: NamespaceId, lookup: Lookup, decision: Decision) -> Ended | None:
    """The end of a packet that rules and tables lead nowhere."""
    place = Place(namespace, None if lookup.iif is None else LinkKey(namespace, lookup.iif.ifindex))
    label, to = journey.label(namespace), lookup.flow.destination
    if decision.route is None and decision.rule is None:
        journey.hop(namespace, place.link, 3, "no route", f"no table that the rules lead to has one to {to}", argv=asking(lookup))
        return Ended(Verdict.NO_ROUTE, f"{label} has no route to {to}", place)
    if decision.route is None and decision.rule is not None:
        because = f"rule {decision.rule.priority}: {outcome(decision.rule)}"
        journey.hop(namespace, place.link, 3, "refused", because, fact=decision.rule)
        return Ended(Verdict.DROPPED, f"{label} refuses it by {because}", place)
    if decision.route is not None and decision.type in {"blackhole", "unreachable", "prohibit"}:
        journey.hop(namespace, place.link, 3, "refused", told(decision.route), fact=decision.route)
        return Ended(Verdict.DROPPED, f"{label} refuses it by the route {told(decision.route)}", place)
    if decision.type not in {"unicast", "local", "anycast"}:
        return Ended(Verdict.UNDECIDED, f"netview does not follow packets of type {decision.type}", place)
    return None


def because(decision: Decision) -> str:
    """What decided, in words: the route, and the rule where it is not one of the three that are always there."""
    words = "no route" if decision.route is None else told(decision.route)
    rule = decision.rule
    if rule is None or rule.priority in _DEFAULT_RULES:
        return words
    named = [f"from {rule.src}", *([f"to {rule.dst}"] if rule.dst != "all" else []), *selectors(rule)]
    return f"{words}, by rule {rule.priority} ({' '.join(named)})"


def source_for(journey: Journey, namespace: NamespaceId, found: Routed) -> str:
    """The address that the kernel gives to what is sent without one."""
    decision, way, resolved = found
    if isinstance(resolved, Route) and resolved.prefsrc is not None:
        return resolved.prefsrc
    if decision.route is not None and decision.route.prefsrc is not None:
        return decision.route.prefsrc
    known = journey.snapshot.namespaces[namespace].tables.addresses
    family = Family.INET if decision.route is None else decision.route.family
    own = [one for one in known if one.family is family and one.scope == "global"]
    here = next((one for one in own if one.ifindex == way.oif), None) or next(iter(own), None)
    return UNSPECIFIED[family] if here is None else here.address


def _tables(journey: Journey, namespace: NamespaceId) -> Tables:
    known = journey.snapshot.namespaces.get(namespace)
    if known is None:
        raise Ended(Verdict.UNDECIDED, "a namespace on the way is gone", Place(namespace, None))
    unread = [one.reason for one in known.tables.unknown if one.field in {"routes", "rules", "addresses", "neighbours", "fdb"}]
    why = known.tables.error or next(iter(unread), None)
    if why is not None:
        raise Ended(Verdict.UNDECIDED, f"{known.label} could not be read: {why}", Place(namespace, None))
    return known.tables


def _spare(journey: Journey, namespace: NamespaceId, tables: Tables) -> Steps[frozenset[int]]:
    """Links without carrier whose routes do not count."""
    found: set[int] = set()
    for ifindex in {route.oif for route in tables.routes if route.flags & _LINKDOWN and route.oif is not None}:
        name = tables.links[ifindex].name if ifindex in tables.links else None
        if name is None:
            continue
        for family in ("ipv4", "ipv6"):
            names = tuple(f"{family}/conf/{place}/ignore_routes_with_linkdown" for place in ("all", name))
            values = yield from settings(journey, namespace, *names)
            if all(values.get(one) for one in names):
                found.add(ifindex)
    return frozenset(found)


def _contradiction(decision: Decision, answer: RouteAnswer, refused: str | None) -> str | None:
    matched = answer.matched
    if refused is None:
        return disagreement(decision, matched)
    if isinstance(matched, int) and matched in {errno.EINVAL, errno.EXDEV, errno.EHOSTUNREACH}:
        return None
    # IPv6 looks up whatever it would not forward.
    return (
        disagreement(decision, matched)
        if isinstance(matched, Route) and matched.family is Family.INET6
        else "the kernel takes it"
    )


def _said(decision: Decision) -> str:
    if decision.route is not None:
        return told(decision.route)
    return "no route" if decision.rule is None else outcome(decision.rule)


def _way(journey: Journey, namespace: NamespaceId, decision: Decision, resolved: Route | int | None) -> NextHop:
    """The next hop that the packet takes, of several the one that the kernel chooses."""
    ways = decision.ways
    if isinstance(resolved, Route):
        chosen = NextHop(resolved.gateway, resolved.oif, 1)
        if len(ways) != 1 or decision.rivals:
            return chosen
    elif len(ways) > 1 or decision.rivals:
        journey.doubts(namespace, None, f"the route has {len(ways)} next hops")
    return ways[0] if ways else NextHop(None, None, 1)


def asking(lookup: Lookup) -> tuple[str, ...]:
    """The command that asks the kernel the same."""
    flow = lookup.flow
    family = "-6" if flow.family is Family.INET6 else "-4"
    words = ["ip", family, "route", "get", "fibmatch", flow.destination]
    if flow.source and flow.source != UNSPECIFIED[flow.family]:
        words += ["from", flow.source]
    if lookup.iif is not None:
        words += ["iif", f"if{lookup.iif.ifindex}" if not lookup.iif.name.isascii() else lookup.iif.name]
    if flow.mark:
        words += ["mark", f"{flow.mark:#x}"]
    return tuple(words)
