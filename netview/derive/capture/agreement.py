"""Whether a packet was seen where its path says that it goes."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from netview.derive.capture.journeys import PacketJourney
from netview.derive.capture.points import links_on, point_name
from netview.derive.trace.agreement import GOES_ON, Agreement, is_of
from netview.model import Flow, LinkKey, Snapshot
from netview.model.path import Path, Verdict


def agreement(
    snapshot: Snapshot, journey: PacketJourney, points: Sequence[LinkKey], path: Path, *, watched: Collection[int]
) -> Agreement | None:
    """What to say of a packet of the path's flow, or of its replies; None: it is neither.

    `points`: where it was captured, by the numbers of its sightings; `watched`: those that are captured at still.
    """
    way = way_of(journey, path)
    return None if way is None else _compared(snapshot, journey, points, way, {points[index] for index in watched})


def way_of(journey: PacketJourney, path: Path) -> Path | None:
    """The direction that a packet goes in: it is of the flow as it was sent, or as the replies say that it arrived."""
    for way in (path, path.back):
        arrived = None if path.back is None or way is not path else _turned(path.back.flow)
        if way is not None and any(
            is_of(one.headers, flow) for one in journey.seen for flow in (way.flow, arrived) if flow is not None
        ):
            return way
    return None


def _turned(flow: Flow) -> Flow:
    return replace(flow, source=flow.destination, destination=flow.source, source_port=flow.port, port=flow.source_port)


def _compared(
    snapshot: Snapshot, journey: PacketJourney, points: Sequence[LinkKey], way: Path, watched: Collection[LinkKey]
) -> Agreement:
    last, place = points[journey.seen[-1].point], way.at
    seen = f"seen last at {point_name(snapshot, last)}"
    if way.verdict is Verdict.UNDECIDED or place is None:
        return Agreement(None, f"the path is undecided; the packet was {seen}")
    there = snapshot.namespaces.get(place.namespace)
    said = f"{way.verdict.value} in {place.namespace if there is None else there.label}"
    way_links = [key for key in links_on(snapshot, way) if key in watched]
    if way.verdict in GOES_ON:
        right = last.namespace == place.namespace
        told = any(key.namespace == place.namespace for key in way_links)
    elif way.verdict is Verdict.FORWARDED:
        right = any(points[one.point] == place.link and one.outgoing for one in journey.seen)
        told = place.link in watched
    else:
        if place.link in way_links:
            # What a tunnel would have been sent in is told as well where the packet is too large for it.
            del way_links[way_links.index(place.link) + 1 :]
        behind = way_links[way_links.index(last) + 1 :] if last in way_links else None
        # One that was sent towards the place and is not seen there was lost on the wire, which belongs to it.
        right = behind is not None and all(key.namespace == place.namespace for key in behind)
        if way.hops and way.hops[-1].layer == "netfilter":
            # Rules come before a link sends; a bridge or a tunnel loses what it was seen to send.
            right = right and not any(points[one.point] == place.link and one.outgoing for one in journey.seen)
        told = True
    if right:
        return Agreement(True, f"as the path says: {said}")
    if not told:
        return Agreement(None, f"the path says {said}, where nothing is captured; the packet was {seen}")
    return Agreement(False, f"the path says {said}, but the packet was {seen}")
