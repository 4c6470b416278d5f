"""The whole way of a flow, and that of its replies."""

from dataclasses import replace

from netview.derive.path.ends import Query, ends
from netview.derive.path.ip import send
from netview.derive.path.journey import Ended, Journey, Steps, settings
from netview.model import Flow, Link, NamespaceId, Snapshot
from netview.model.path import Path, Verdict

_PORTS, _USUAL = "ipv4/ip_local_port_range", 32768
_REPLIES = {8: 0, 128: 129}


def asked(snapshot: Snapshot, query: Query) -> Steps[Path]:
    """The way between two ends by name; raises EndError."""
    meant = ends(snapshot, query)
    return (yield from walk(snapshot, meant.start, meant.flow, size=query.size, oif=meant.oif))


def walk(snapshot: Snapshot, start: NamespaceId, flow: Flow, *, size: int = 0, oif: Link | None = None) -> Steps[Path]:
    """The way of a flow's first packet from a namespace, and of the reply from where it ends.

    `size`: bytes of its packets, not to be fragmented; 0: they fit. `oif`: the link that it must leave by. Where no source port
    is told it is the first of those that sockets get.
    """
    journey = Journey(snapshot, flow, size)
    if flow.protocol in {"tcp", "udp"} and flow.source_port is None:
        told = yield from settings(journey, start, _PORTS)
        journey.any_port = True
        journey.flow = flow = replace(flow, source_port=told.get(_PORTS) or _USUAL)
    end = yield from _followed(journey, start, flow, oif)
    there = journey.path(end)
    if end.verdict not in {Verdict.DELIVERED, Verdict.NO_LISTENER}:
        return there
    reply = journey.beside(_reply(journey.now), size=size, reply=True)
    reply.listener = journey.listener
    back = yield from _followed(reply, end.place.namespace, reply.flow, None)
    return replace(there, back=reply.path(back))


def _followed(journey: Journey, start: NamespaceId, flow: Flow, oif: Link | None) -> Steps[Ended]:
    try:
        yield from send(journey, start, flow, oif)
    except Ended as end:
        return end
    raise AssertionError("a way without an end")


def _reply(flow: Flow) -> Flow:
    kind = None if flow.icmp_type is None else _REPLIES.get(flow.icmp_type, flow.icmp_type)
    return replace(
        flow,
        source=flow.destination,
        destination=flow.source,
        source_port=flow.port,
        port=flow.source_port,
        icmp_type=kind,
        mark=0,
    )
