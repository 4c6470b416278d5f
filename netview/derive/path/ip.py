"""A packet from namespace to namespace: sent, received, forwarded, delivered."""

from dataclasses import replace

from netview.derive.path.delivery import deliver
from netview.derive.path.journey import Ended, Journey, Steps, dropped, settings
from netview.derive.path.leave import LOCAL, Routed, asking, because, refusal, routed, source_for
from netview.derive.path.neighbour import hand_over
from netview.derive.path.policies import controlled, policed
from netview.derive.path.prefixes import UNSPECIFIED
from netview.derive.path.routing import Lookup
from netview.derive.path.rules import passed
from netview.derive.path.source_check import objection
from netview.derive.path.stacking import routed_below
from netview.model import Family, Flow, Link, LinkFlag, LinkKey, NamespaceId, Packet
from netview.model.path import Place, Verdict

_MOST_HOPS = 64


def send(journey: Journey, namespace: NamespaceId, flow: Flow, oif: Link | None = None) -> Steps[None]:
    """Follow a packet that a socket of the namespace sends; raises Ended at its end, which every way has."""
    lookup = Lookup(flow, oif=oif)
    # An echo is answered by the kernel itself, of which no control group is asked.
    if journey.depth == 0 and (not journey.reply or journey.listener is not None):
        yield from controlled(journey, namespace, "out", journey.listener)
    found = yield from routed(journey, namespace, lookup)
    _go_on(journey, namespace, lookup, found)
    if flow.source in {"", UNSPECIFIED[flow.family]}:
        flow = replace(flow, source=source_for(journey, namespace, found))
        lookup = lookup._replace(flow=flow)
        found = yield from _again(journey, namespace, lookup, found)
    journey.flow = flow
    found, flow = yield from _output(journey, namespace, lookup, found)
    if found.decision.type in LOCAL:
        yield from _looped(journey, namespace, flow, found)
    key, flow = yield from _leave(journey, namespace, lookup._replace(flow=flow), found)
    for _ in range(_MOST_HOPS):
        key, flow = yield from _receive(journey, key, flow)
    raise Ended(Verdict.DROPPED, "it goes in a circle until its TTL is used up", Place(key.namespace, key))


def _output(
    journey: Journey, namespace: NamespaceId, lookup: Lookup, found: Routed, *, foreign: bool = False
) -> Steps[tuple[Routed, Flow]]:
    """The rules for what is made here, after which it is routed again where they changed it."""
    oif = journey.snapshot.namespaces[namespace].links.get(found.way.oif or 0)
    if found.decision.type not in LOCAL:
        yield from policed(journey, namespace, "out", lookup.flow, oif)
    flow = yield from passed(journey, namespace, "output", Packet(lookup.flow, None, oif))
    if flow == lookup.flow:
        return found, flow
    again = lookup._replace(flow=flow)
    found = yield from routed(journey, namespace, again, foreign=foreign)
    _go_on(journey, namespace, again, found)
    return found, flow


def _looped(journey: Journey, namespace: NamespaceId, flow: Flow, found: Routed) -> Steps[None]:
    """A packet to the namespace itself, by its loopback."""
    links = journey.snapshot.namespaces[namespace].links.values()
    loopback = next((link for link in links if link.kind == "loopback"), None)
    key = None if loopback is None else LinkKey(namespace, loopback.ifindex)
    route = found.decision.route
    journey.hop(namespace, key, 3, "stays here", because(found.decision), fact=route, argv=asking(Lookup(flow)))
    if loopback is not None and key is not None and not loopback.flags & LinkFlag.UP:
        raise dropped(key, f"{loopback.name} is down")
    flow = yield from passed(journey, namespace, "postrouting", Packet(flow, None, loopback))
    flow = yield from passed(journey, namespace, "prerouting", Packet(flow, loopback, None))
    flow = yield from passed(journey, namespace, "input", Packet(flow, loopback, None))
    yield from deliver(journey, namespace, loopback, flow)


def _again(journey: Journey, namespace: NamespaceId, lookup: Lookup, found: Routed) -> Steps[Routed]:
    """The lookup with the source that the first one gave: that is how TCP sends, and other sockets that are connected."""
    second = yield from routed(journey, namespace, lookup)
    if (second.decision.route, second.way) == (found.decision.route, found.way):
        return found
    if lookup.flow.protocol != "tcp":
        depends = f"the route depends on whether the socket is bound to {lookup.flow.source}: name the address"
        journey.doubts(namespace, None, depends)
    _go_on(journey, namespace, lookup, second)
    return second


def _go_on(journey: Journey, namespace: NamespaceId, lookup: Lookup, found: Routed) -> None:
    """Raise Ended where rules and tables refuse it."""
    end = refusal(journey, namespace, lookup, found.decision)
    if end is not None:
        raise end


def _leave(journey: Journey, namespace: NamespaceId, lookup: Lookup, found: Routed) -> Steps[tuple[LinkKey, Flow]]:
    """Out of a namespace, and where it arrives as what."""
    decision, way, _ = found
    if way.oif is None or decision.route is None:
        raise Ended(Verdict.UNDECIDED, "the route names no link", Place(namespace, None))
    key = LinkKey(namespace, way.oif)
    link, word = journey.link(key), "sent" if lookup.iif is None else "forwarded"
    via = "" if way.gateway is None else f" to {way.gateway}"
    words = f"{word} by {link.name}{via}"
    journey.hop(namespace, key, 3, words, because(decision), fact=decision.route, argv=asking(lookup))
    mtu = min(link.mtu, decision.route.mtu or link.mtu)
    if journey.reply and (lookup.iif is None or lookup.flow.family is Family.INET):
        journey.size = min(journey.size, mtu)  # Replies may be cut into pieces.
    journey.narrow(key, mtu)
    flow = lookup.flow
    if lookup.iif is not None:
        yield from policed(journey, namespace, "fwd", flow, lookup.iif)
        yield from policed(journey, namespace, "out", flow, link)
        flow = yield from passed(journey, namespace, "forward", Packet(flow, lookup.iif, link))
    flow = yield from passed(journey, namespace, "postrouting", Packet(flow, lookup.iif, link))
    lower = routed_below(journey.snapshot, key, flow.destination)
    if lower is not None:
        return (yield from _sunk(journey, key, lower, flow))
    return (yield from hand_over(journey, key, way.gateway or flow.destination)), flow


def _sunk(journey: Journey, key: LinkKey, lower: LinkKey, flow: Flow) -> Steps[tuple[LinkKey, Flow]]:
    """Out of the namespace of the link below an ipvlan, as if it was made there."""
    under, namespace = journey.link(lower), lower.namespace
    words = f"{journey.name(key)} leaves it to {journey.label(namespace)}"
    journey.hop(namespace, lower, 3, words, f"it is an ipvlan that routes by {under.name}")
    lookup = Lookup(flow, oif=under)
    found = yield from routed(journey, namespace, lookup, foreign=True)
    _go_on(journey, namespace, lookup, found)
    found, flow = yield from _output(journey, namespace, lookup, found, foreign=True)
    if found.decision.type in LOCAL:
        yield from _looped(journey, namespace, flow, found)
    return (yield from _leave(journey, namespace, lookup._replace(flow=flow), found))


def _receive(journey: Journey, key: LinkKey, flow: Flow) -> Steps[tuple[LinkKey, Flow]]:
    """Into a namespace; where it arrives next, and as what. Raises Ended where it stays."""
    link, namespace = journey.link(key), key.namespace
    flow = yield from passed(journey, namespace, "prerouting", Packet(flow, link, None))
    lookup = Lookup(flow, iif=link)
    wrong = yield from objection(journey, namespace, link, flow)
    halted = yield from _halted(journey, namespace, link, flow.family)
    found = yield from routed(journey, namespace, lookup, wrong, halted)
    stays = found.decision.type in LOCAL
    if not stays and halted is not None:
        names = "net.ipv4.ip_forward" if flow.family is Family.INET else "net.ipv6.conf.all.forwarding"
        journey.hop(namespace, key, 3, "not forwarded", halted, argv=("sysctl", names))
        raise dropped(key, f"{journey.label(namespace)} does not forward: {halted}")
    if wrong is not None:
        argv = ("ip", "-4", "netconf", "show", "dev", f"if{link.ifindex}")
        journey.hop(namespace, key, 3, "refused", wrong, argv=argv if flow.family is Family.INET else None)
        raise dropped(key, f"{journey.label(namespace)} refuses it: {wrong}")
    _go_on(journey, namespace, lookup, found)
    if stays:
        route = found.decision.route
        journey.hop(namespace, key, 3, "taken in", because(found.decision), fact=route, argv=asking(lookup))
        flow = yield from passed(journey, namespace, "input", Packet(flow, link, None))
        yield from policed(journey, namespace, "in", flow, link)
        yield from deliver(journey, namespace, link, flow)
    return (yield from _leave(journey, namespace, lookup, found))


def _halted(journey: Journey, namespace: NamespaceId, link: Link, family: Family) -> Steps[str | None]:
    """Why nothing that comes in by a link is forwarded; None: it is."""
    if family is Family.INET:
        name = f"ipv4/conf/{link.name}/forwarding"
        told = yield from settings(journey, namespace, name)
        return f"forwarding is off for {link.name}" if told.get(name) == 0 else None
    names = ("ipv6/conf/all/forwarding", f"ipv6/conf/{link.name}/force_forwarding")
    told = yield from settings(journey, namespace, *names)
    return "forwarding of IPv6 is off" if told.get(names[0]) == 0 and not told.get(names[1]) else None
