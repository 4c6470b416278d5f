"""Who would answer for a neighbour that is not known yet."""

from collections.abc import Iterable
from typing import NamedTuple

from netview.derive.path.carry import arrival, carry, reached
from netview.derive.path.journey import Ended, Journey, Steps, dropped, settings
from netview.derive.path.prefixes import UNSPECIFIED, number, prefix
from netview.derive.path.routing import Lookup, decide, is_local
from netview.derive.path.source_check import objection
from netview.derive.path.steps import Frame, Reach
from netview.model import Address, Family, Flow, LinkKey, Neighbour, NeighbourState
from netview.model.path import Place, Verdict

_UNUSABLE_ADDRESS = 0x48  # IFA_F_TENTATIVE, IFA_F_DADFAILED.
_MOST_PROXIES = 16


class _Request(NamedTuple):
    """A request for an address, sent out of a link."""

    journey: Journey
    key: LinkKey
    ip: str
    state: str
    entry: Neighbour | None


def solicited(journey: Journey, key: LinkKey, ip: str, entry: Neighbour | None) -> Steps[str]:
    """The MAC in the answer to a request; raises Ended where none comes, or where it is out of sight."""
    if ":" in ip and not _may_solicit(journey, key):
        raise dropped(key, f"{ip} stays unknown: {arrival(key, journey)} has no link-local address to ask with")
    known = entry is not None and entry.state is not NeighbourState.NONE
    state = f"state {entry.state.word}" if known and entry is not None else "not known yet"
    request = _Request(journey, key, ip, state, entry)
    owners = _owners(journey, key, ip)
    reaches = yield from reached(journey, key, Frame(None, ip), owners)
    answering, refused = yield from _answering(request, reaches)
    if answering:
        return (yield from _answered(request, answering, "would answer"))
    if refused is not None:
        journey.hop(key.namespace, key, 2, f"asks for {ip}", f"{state}, and the request is refused", fact=entry)
        raise refused
    lost = next((reach for reach in reaches if reach.misses), None)
    if lost is None:
        proxies = yield from _proxies(request)
        if proxies:
            return (yield from _answered(request, proxies, "would answer for it (proxy_arp)"))
    raise (yield from _unanswered(request, reaches, lost))


def _answered(request: _Request, answering: list[Reach], words: str) -> Steps[str]:
    journey, key, ip = request.journey, request.key, request.ip
    first = answering[0]
    if len({reach.link.namespace for reach in answering}) > 1:
        names = ", ".join(sorted(arrival(reach.link, journey) for reach in answering))
        journey.doubts(key.namespace, key, f"more than one answers for {ip}: {names}")
    mac = journey.link(first.link).address
    if mac is None:
        raise dropped(key, f"{arrival(first.link, journey)} has no address of its own")
    yield from _exchange(request, first)
    because = f"{request.state}: {arrival(first.link, journey)} {words}"
    journey.hop(key.namespace, key, 2, f"{ip} is at {mac}", because, fact=request.entry)
    return mac


def _exchange(request: _Request, reach: Reach) -> Steps[None]:
    """The request and its answer have to get through as well."""
    journey, key = request.journey, request.key
    scratch = journey.beside(journey.now)
    scratch.asking = True
    own = journey.link(key).address
    try:
        scratch.sender = own
        yield from carry(scratch, reach.steps)
        back = yield from reached(journey, reach.link, Frame(own, _asker(journey, key)), {key})
        arrived = next((one for one in back if one.arrives), None)
        journey.neighbours[reach.link, _asker(journey, key)] = own or ""
        lost = arrived or next((one for one in back if one.block is not None and not one.refused), None)
        if lost is None:
            raise dropped(reach.link, f"the answer of {arrival(reach.link, journey)} does not come back")
        scratch.sender = journey.link(reach.link).address
        yield from carry(scratch, lost.steps)
    except Ended as end:
        journey.hop(key.namespace, key, 2, f"asks for {request.ip}", f"{request.state}, and the answer does not come")
        journey.hops += scratch.hops
        raise Ended(end.verdict, f"{request.ip} stays unknown: {end.reason}", end.place) from None


def _unanswered(request: _Request, reaches: list[Reach], lost: Reach | None) -> Steps[Ended]:
    """How it ends when nobody answers."""
    journey, key, ip, state, _ = request
    edges = [reach for reach in reaches if reach.edge is not None and reach.block is None]
    if lost is None and edges:
        edge = next((reach for reach in edges if not reach.opaque), edges[0])
        journey.hop(key.namespace, key, 2, f"asks for {ip}", f"{state}, and nobody on this host answers")
        yield from carry(journey, edge.steps)
        place = Place(edge.link.namespace, edge.link)
        if edge.opaque:
            return Ended(Verdict.UNDECIDED, f"who answers for {ip}: {edge.edge}", place)
        return Ended(Verdict.FORWARDED, f"to {ip} by {journey.name(edge.link)}", place)
    lost = lost or next((reach for reach in reaches if reach.block is not None), None)
    if lost is not None:
        journey.hop(key.namespace, key, 2, f"asks for {ip}", f"{state}; it should come to {arrival(lost.link, journey)}")
        yield from carry(journey, lost.steps)
    owners = sorted(_owners(journey, key, ip))
    hidden = f"; {arrival(owners[0], journey)} is not on this segment" if owners else ""
    journey.hop(key.namespace, key, 2, f"asks for {ip}", f"{state}, and nobody answers", fact=request.entry)
    return dropped(key, f"nobody that {arrival(key, journey)} reaches answers for {ip}{hidden}")


def _answering(request: _Request, reaches: Iterable[Reach]) -> Steps[tuple[list[Reach], Ended | None]]:
    """Those who answer: a namespace may leave that to the link which has the address (arp_ignore), or refuse who asks."""
    found: list[Reach] = []
    refused: Ended | None = None
    flow = Flow("icmp", _asker(request.journey, request.key), request.ip)
    for reach in reaches:
        if not reach.arrives:
            continue
        if ":" in request.ip:
            found.append(reach)
            continue
        link, namespace = request.journey.link(reach.link), reach.link.namespace
        names = tuple(f"ipv4/conf/{place}/arp_ignore" for place in ("all", link.name))
        told = yield from settings(request.journey, namespace, *names)
        own = request.journey.snapshot.namespaces[namespace].addresses_of(reach.link.ifindex)
        if not _heeds(max(told.get(name) or 0 for name in names), flow, own):
            continue
        # A request is routed like a packet.
        wrong = yield from objection(request.journey, namespace, link, flow)
        if wrong is None:
            found.append(reach)
        else:
            label = request.journey.label(namespace)
            refused = dropped(reach.link, f"{request.ip} stays unknown: {label} refuses the request: {wrong}")
    return found, refused


def _asker(journey: Journey, key: LinkKey) -> str:
    """The address that a request comes from: the packet's own where it is one of the namespace's."""
    tables = journey.snapshot.namespaces[key.namespace].tables
    if is_local(tables, journey.now.source):
        return journey.now.source
    family = journey.now.family
    own = (one for one in tables.addresses if one.ifindex == key.ifindex and one.family is family)
    return next((one.address for one in own if family is Family.INET or one.scope == "link"), UNSPECIFIED[family])


def _heeds(ignore: int, flow: Flow, own: Iterable[Address]) -> bool:
    here = [address for address in own if address.address == flow.destination]
    if ignore == 0:
        return True
    if ignore == 2:
        source = number(flow.source)
        return any(prefix(f"{one.address}/{one.prefixlen}", one.family).holds(source) for one in here)
    return ignore == 1 and bool(here)


def _proxies(request: _Request) -> Steps[list[Reach]]:
    """Those who answer for what they have a route to (proxy_arp)."""
    journey, key, ip, _, _ = request
    if ":" in ip:
        return []
    everybody = {LinkKey(one.id, ifindex) for one in journey.snapshot.namespaces.values() for ifindex in one.links} - {key}
    found: list[Reach] = []
    reaches = yield from reached(journey, key, Frame(None, ip), everybody)
    for reach in [one for one in reaches if one.arrives][:_MOST_PROXIES]:
        link, namespace = journey.link(reach.link), reach.link.namespace
        names = tuple(f"ipv4/conf/{place}/proxy_arp" for place in ("all", link.name))
        forwarding = f"ipv4/conf/{link.name}/forwarding"
        told = yield from settings(journey, namespace, *names, forwarding)
        if not any(told.get(name) for name in names) or not told.get(forwarding):
            continue
        flow = Flow("icmp", journey.now.source, ip)
        decision = decide(journey.snapshot.namespaces[namespace].tables, Lookup(flow, link))
        if decision.type == "unicast" and all(way.oif != reach.link.ifindex for way in decision.ways):
            found.append(reach)
    return found


def _may_solicit(journey: Journey, key: LinkKey) -> bool:
    """Whether a link has an address that a neighbour solicitation may come from: the packet's own, or a link-local one."""
    return any(
        address.family is Family.INET6 and (address.scope == "link" or address.address == journey.now.source)
        for address in journey.snapshot.namespaces[key.namespace].addresses_of(key.ifindex)
        if not address.flags & _UNUSABLE_ADDRESS
    )


def _owners(journey: Journey, key: LinkKey, ip: str) -> set[LinkKey]:
    """Links that may answer for an address: of IPv4 all those of its namespace, of IPv6 its own one."""
    found: set[LinkKey] = set()
    for namespace in journey.snapshot.namespaces.values():
        if namespace.id == key.namespace:
            continue
        if ":" not in ip:
            found |= {LinkKey(namespace.id, ifindex) for ifindex in namespace.links} if is_local(namespace.tables, ip) else set()
            continue
        for address in namespace.tables.addresses:
            if address.address == ip and not address.flags & _UNUSABLE_ADDRESS:
                found.add(LinkKey(namespace.id, address.ifindex))
    return found
