"""From a next hop's address to the link that takes the frame."""

from netview.derive.path.carry import arrival, carry, reached
from netview.derive.path.journey import Ended, Journey, Steps, dropped
from netview.derive.path.solicit import solicited
from netview.derive.path.steps import Frame, Reach
from netview.model import LinkFlag, LinkKey, Neighbour, NeighbourState
from netview.model.path import Place, Verdict

_KNOWN = (
    NeighbourState.REACHABLE
    | NeighbourState.STALE
    | NeighbourState.DELAY
    | NeighbourState.PROBE
    | NeighbourState.PERMANENT
    | NeighbourState.NOARP
)


def hand_over(journey: Journey, key: LinkKey, ip: str) -> Steps[LinkKey]:
    """The link that the packet arrives at, sent out of `key` to a next hop; raises Ended where it gets nowhere on this host."""
    link, to = journey.link(key), journey.now.destination
    if link.flags & LinkFlag.NOARP or link.flags & LinkFlag.LOOPBACK:
        journey.hop(key.namespace, key, 2, f"sent by {link.name}", "it resolves no neighbours")
        return (yield from _sent(journey, key, Frame(None, to), ip))
    entry = _entry(journey, key, ip)
    if entry is not None and entry.mac is not None and entry.state & _KNOWN:
        journey.hop(key.namespace, key, 2, f"{ip} is at {entry.mac}", f"neighbour entry {entry.state.word}", fact=entry)
        return (yield from _sent(journey, key, Frame(entry.mac, to), ip))
    taught = journey.neighbours.get((key, ip))
    if taught is not None:
        journey.hop(key.namespace, key, 2, f"{ip} is at {taught}", "it has asked before")
        return (yield from _sent(journey, key, Frame(taught, to), ip))
    mac = yield from solicited(journey, key, ip, entry)
    return (yield from _sent(journey, key, Frame(mac, to), ip))


def _entry(journey: Journey, key: LinkKey, ip: str) -> Neighbour | None:
    tables = journey.snapshot.namespaces[key.namespace].tables
    return next((one for one in tables.neighbours if one.ifindex == key.ifindex and one.ip == ip), None)


def _sent(journey: Journey, key: LinkKey, frame: Frame, ip: str) -> Steps[LinkKey]:
    """Where a frame comes to."""
    goals = _with_mac(journey, frame.mac) if frame.mac is not None else _all_links(journey, key)
    reaches = yield from reached(journey, key, frame, goals - {key})
    arrived = [reach for reach in reaches if reach.arrives]
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
        verdict = Verdict.UNDECIDED if edge.opaque else Verdict.FORWARDED
        reason = f"{edge.edge}" if edge.opaque else f"to {ip} by {journey.name(edge.link)}"
        raise Ended(verdict, reason, Place(edge.link.namespace, edge.link))
    lost = next((reach for reach in reaches if reach.misses), None)
    lost = lost or next((reach for reach in reaches if reach.block is not None and not reach.refused), None)
    if lost is not None:
        yield from carry(journey, lost.steps)
    refused = [reach for reach in reaches if reach.refused and reach.block is None]
    if len(refused) == 1:
        yield from carry(journey, refused[0].steps)
        raise dropped(refused[0].link, f"{arrival(refused[0].link, journey)} is not {frame.mac}")
    raise dropped(key, f"no link that a frame of {journey.name(key)} comes to has the address {frame.mac}")


def _with_mac(journey: Journey, mac: str) -> set[LinkKey]:
    return {
        LinkKey(namespace.id, ifindex)
        for namespace in journey.snapshot.namespaces.values()
        for ifindex, link in namespace.links.items()
        if link.address == mac and link.port is None
    }


def _all_links(journey: Journey, key: LinkKey) -> set[LinkKey]:
    """Where a frame without an address may arrive: the far end of the wire, others on the same link."""
    snapshot = journey.snapshot
    peer, below = snapshot.peer(key), snapshot.lowers.get(key)
    found = set() if peer is None or peer.key is None else {peer.key}
    if below is not None and below.key is not None:
        found |= {other for other, lower in snapshot.lowers.items() if lower.key == below.key}
    return found
