"""From a next hop's address to the link that takes the frame."""

from netview.derive.path.carry import arrival, carry
from netview.derive.path.journey import Ended, Journey, Steps, dropped
from netview.derive.path.segment import search
from netview.derive.path.steps import Frame, Reach
from netview.model import Family, LinkFlag, LinkKey, Neighbour, NeighbourState
from netview.model.path import Place, Verdict

_KNOWN = (
    NeighbourState.REACHABLE
    | NeighbourState.STALE
    | NeighbourState.DELAY
    | NeighbourState.PROBE
    | NeighbourState.PERMANENT
    | NeighbourState.NOARP
)
_UNUSABLE_ADDRESS = 0x48  # IFA_F_TENTATIVE, IFA_F_DADFAILED: nobody answers for it.


def hand_over(journey: Journey, key: LinkKey, ip: str) -> Steps[LinkKey]:
    """The link that the packet arrives at, sent out of `key` to a next hop; raises Ended where it gets nowhere on this host."""
    link = journey.link(key)
    if link.flags & LinkFlag.NOARP or link.flags & LinkFlag.LOOPBACK:
        journey.hop(key.namespace, key, 2, f"sent by {link.name}", "it resolves no neighbours")
        return (yield from _sent(journey, key, Frame(None), ip))
    entry = _entry(journey, key, ip)
    if entry is not None and entry.mac is not None and entry.state & _KNOWN:
        journey.hop(key.namespace, key, 2, f"{ip} is at {entry.mac}", f"neighbour entry {entry.state.word}", fact=entry)
        return (yield from _sent(journey, key, Frame(entry.mac), ip))
    mac = yield from _asked(journey, key, ip, entry)
    return (yield from _sent(journey, key, Frame(mac), ip))


def _entry(journey: Journey, key: LinkKey, ip: str) -> Neighbour | None:
    tables = journey.snapshot.namespaces[key.namespace].tables
    return next((one for one in tables.neighbours if one.ifindex == key.ifindex and one.ip == ip), None)


def _sent(journey: Journey, key: LinkKey, frame: Frame, ip: str) -> Steps[LinkKey]:
    """Where a frame comes to."""
    goals = _with_mac(journey, frame.mac) if frame.mac is not None else _all_links(journey, key)
    reaches = search(journey.snapshot, key, frame, goals - {key}, journey.learned)
    arrived = [reach for reach in reaches if reach.block is None and reach.edge is None]
    if arrived:
        if len({reach.link for reach in arrived}) > 1 and frame.mac is not None:
            journey.doubts(key.namespace, key, f"{len(arrived)} links have the address {frame.mac}")
        journey.sender = journey.link(key).address
        yield from carry(journey, arrived[0].steps)
        return arrived[0].link
    return (yield from _astray(journey, key, frame, ip, reaches))


def _astray(journey: Journey, key: LinkKey, frame: Frame, ip: str, reaches: list[Reach]) -> Steps[LinkKey]:
    """It leaves the host, or it is lost."""
    edges = [reach for reach in reaches if reach.edge is not None and reach.block is None]
    if edges:
        edge = next((reach for reach in edges if not reach.opaque), edges[0])
        yield from carry(journey, edge.steps)
        if edge.steps and edge.steps[-1].tunnel is not None:
            raise dropped(edge.link, f"no VXLAN device there takes VNI {_vni(journey, edge.link)}")
        verdict = Verdict.UNDECIDED if edge.opaque else Verdict.FORWARDED
        reason = f"{edge.edge}" if edge.opaque else f"to {ip} by {journey.name(edge.link)}"
        raise Ended(verdict, reason, Place(edge.link.namespace, edge.link))
    lost = next((reach for reach in reaches if reach.block is not None), None)
    if lost is not None:
        yield from carry(journey, lost.steps)
    raise dropped(key, f"no link that a frame of {journey.name(key)} comes to has the address {frame.mac}")


def _asked(journey: Journey, key: LinkKey, ip: str, entry: Neighbour | None) -> Steps[str]:
    """The MAC that the answer to a request would hold."""
    if ":" in ip and not _may_solicit(journey, key):
        raise dropped(key, f"{ip} stays unknown: {arrival(key, journey)} has no link-local address to ask with")
    owners = _owners(journey, key, ip)
    reaches = search(journey.snapshot, key, Frame(None), owners, journey.learned)
    state = "not known yet" if entry is None or entry.state is NeighbourState.NONE else f"state {entry.state.word}"
    answering = [reach for reach in reaches if reach.edge is None and reach.block is None]
    if not answering:
        return (yield from _unanswered(journey, key, ip, state, reaches))
    first = answering[0]
    places = {reach.link.namespace for reach in answering}
    if len(places) > 1:
        names = ", ".join(sorted(arrival(reach.link, journey) for reach in answering))
        journey.doubts(key.namespace, key, f"more than one answers for {ip}: {names}")
    mac = journey.link(first.link).address
    if mac is None:
        raise dropped(key, f"{arrival(first.link, journey)} has no address of its own")
    scratch = Journey(journey.snapshot, journey.flow, 0, journey.learned, journey.depth)
    yield from _request(journey, scratch, key, first, ip)
    journey.hop(key.namespace, key, 2, f"{ip} is at {mac}", f"{state}: {arrival(first.link, journey)} would answer", fact=entry)
    return mac


def _may_solicit(journey: Journey, key: LinkKey) -> bool:
    """Whether a link has an address that a neighbour solicitation may come from: the packet's own, or a link-local one."""
    return any(
        address.family is Family.INET6 and (address.scope == "link" or address.address == journey.flow.source)
        for address in journey.snapshot.namespaces[key.namespace].addresses_of(key.ifindex)
        if not address.flags & _UNUSABLE_ADDRESS
    )


def _request(journey: Journey, scratch: Journey, key: LinkKey, reach: Reach, ip: str) -> Steps[None]:
    """The request and its answer have to get through as well."""
    own = journey.link(key).address
    try:
        scratch.sender = own
        yield from carry(scratch, reach.steps)
        back = search(journey.snapshot, reach.link, Frame(own), {key}, journey.learned)
        answer = next((one for one in back if one.edge is None and one.block is None), None)
        lost = answer or next((one for one in back if one.block is not None), None)
        if lost is None:
            raise dropped(reach.link, f"the answer of {arrival(reach.link, journey)} does not come back")
        scratch.sender = journey.link(reach.link).address
        yield from carry(scratch, lost.steps)
    except Ended as end:
        journey.hops += scratch.hops
        raise Ended(end.verdict, f"{ip} stays unknown: {end.reason}", end.place) from None


def _unanswered(journey: Journey, key: LinkKey, ip: str, state: str, reaches: list[Reach]) -> Steps[str]:
    lost = next((reach for reach in reaches if reach.edge is None), None)
    edges = [reach for reach in reaches if reach.edge is not None and reach.block is None]
    if edges:
        edge = next((reach for reach in edges if not reach.opaque), edges[0])
        journey.hop(key.namespace, key, 2, f"asks for {ip}", f"{state}, and nobody on this host answers")
        yield from carry(journey, edge.steps)
        if edge.opaque:
            raise Ended(Verdict.UNDECIDED, f"who answers for {ip}: {edge.edge}", Place(edge.link.namespace, edge.link))
        if edge.steps and edge.steps[-1].tunnel is not None:
            raise dropped(edge.link, f"no VXLAN device there takes VNI {_vni(journey, edge.link)}")
        raise Ended(Verdict.FORWARDED, f"to {ip} by {journey.name(edge.link)}", Place(edge.link.namespace, edge.link))
    if lost is None:
        lost = next((reach for reach in reaches if reach.block is not None), None)
    if lost is not None:
        journey.hop(key.namespace, key, 2, f"asks for {ip}", f"{state}; {arrival(lost.link, journey)} is where it should come to")
        yield from carry(journey, lost.steps)
    hidden = _elsewhere(journey, key, ip)
    raise dropped(key, f"nobody that {arrival(key, journey)} reaches answers for {ip}{hidden}")


def _elsewhere(journey: Journey, key: LinkKey, ip: str) -> str:
    owners = sorted(_owners(journey, key, ip))
    return f"; {arrival(owners[0], journey)} is not on this segment" if owners else ""


def _owners(journey: Journey, key: LinkKey, ip: str) -> set[LinkKey]:
    """Links that would answer for an address: of IPv4 all those of its namespace, of IPv6 its own one."""
    found: set[LinkKey] = set()
    for namespace in journey.snapshot.namespaces.values():
        if namespace.id == key.namespace:
            continue
        for address in namespace.tables.addresses:
            if address.address == ip and not (address.flags & _UNUSABLE_ADDRESS and address.family is Family.INET6):
                links = namespace.links if address.family is Family.INET else (address.ifindex,)
                found |= {LinkKey(namespace.id, ifindex) for ifindex in links}
    return found


def _with_mac(journey: Journey, mac: str) -> set[LinkKey]:
    return {
        LinkKey(namespace.id, ifindex)
        for namespace in journey.snapshot.namespaces.values()
        for ifindex, link in namespace.links.items()
        if link.address == mac and link.port is None
    }


def _all_links(journey: Journey, key: LinkKey) -> set[LinkKey]:
    """Where a frame without an address may arrive: the far end of the wire."""
    peer = journey.snapshot.peer(key)
    return set() if peer is None or peer.key is None else {peer.key}


def _vni(journey: Journey, key: LinkKey) -> int | None:
    vxlan = journey.link(key).vxlan
    return None if vxlan is None else vxlan.vni
