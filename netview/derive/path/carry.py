"""A frame carried along its steps: tunnels and programs on the way, and what fits through."""

from collections.abc import Collection, Iterable

from netview.derive.path.journey import Ended, Journey, Steps, dropped
from netview.derive.path.questions import AskVlans, Unanswered, Vlans
from netview.derive.path.rules import bridged, programmed
from netview.derive.path.segment import Known, search
from netview.derive.path.steps import Frame, Reach, Step, Tunnel
from netview.derive.path.tunnelling import underlay
from netview.model import Flow, LinkKey, NamespaceId
from netview.model.path import Hop, Place, Verdict

OVERHEAD = {4: 50, 6: 70}
"""What VXLAN adds: Ethernet, IP, UDP and its own header."""
_DEEPEST = 4


def carry(journey: Journey, steps: Iterable[Step]) -> Steps[None]:
    """Note each step; raises Ended where the frame is lost or leaves for a VTEP that is not on this host."""
    for step in steps:
        key = step.link
        journey.hop(key.namespace, key, step.layer, step.decision, step.because, fact=step.fact)
        if step.doubt is not None:
            journey.doubts(key.namespace, key, step.doubt)
        if step.block is not None:
            raise dropped(key, step.block)
        if step.bridged is not None:
            yield from bridged(journey, step.bridged, step)
        yield from programmed(journey, key)
        if step.measured:
            journey.narrow(key, journey.link(key).mtu)
        if step.tunnel is not None:
            yield from _wrapped(journey, step.tunnel)


def _wrapped(journey: Journey, tunnel: Tunnel) -> Steps[None]:
    """The outer packet's own way."""
    end, outer = yield from _outer(journey, tunnel.link, tunnel.remote, journey.hops)
    journey.doubt = journey.doubt or outer.doubt
    if outer.mtu is not None:
        overhead = OVERHEAD[6 if ":" in tunnel.remote else 4]
        journey.narrow(outer.mtu.limited_by, outer.mtu.bytes - overhead, tunnel.link)
    if tunnel.end is not None and journey.sender is not None:
        journey.tunnels.learned[tunnel.end, journey.sender] = outer.flow.source
    if end.verdict is Verdict.DELIVERED and tunnel.end is None:
        vxlan = journey.link(tunnel.link).vxlan
        wanted = "" if vxlan is None else f" for VNI {vxlan.vni} and port {vxlan.port}"
        raise Ended(Verdict.DROPPED, f"{journey.label(end.place.namespace)} has no VXLAN device{wanted}", end.place)
    if end.verdict is not Verdict.DELIVERED:
        what = end.reason if end.verdict is Verdict.FORWARDED else f"the outer packet to {tunnel.remote}: {end.reason}"
        raise Ended(end.verdict, what, end.place)


def _outer(journey: Journey, key: LinkKey, remote: str, hops: list[Hop]) -> Steps[tuple[Ended, Journey]]:
    """How the packet ends that a VXLAN device wraps frames in."""
    from netview.derive.path.ip import send  # noqa: PLC0415 - a packet in a frame in a packet

    vxlan, beneath = journey.link(key).vxlan, underlay(journey.snapshot, key)
    flow = Flow("udp", "" if vxlan is None else vxlan.local or "", remote, port=None if vxlan is None else vxlan.port)
    outer = journey.beside(flow, deeper=1, hops=hops)
    if beneath is None or journey.depth == _DEEPEST:
        why = "its underlay cannot be seen" if beneath is None else "too many tunnels inside of each other"
        return Ended(Verdict.UNDECIDED, f"{arrival(key, journey)}: {why}", Place(key.namespace, key)), outer
    try:
        yield from send(outer, beneath, flow)
    except Ended as end:
        return end, outer
    raise AssertionError("a way without an end")


def reached(journey: Journey, start: LinkKey, frame: Frame, goals: Collection[LinkKey]) -> Steps[list[Reach]]:
    """What a frame that leaves by `start` comes to, through tunnels as well."""
    tunnels = journey.tunnels
    while True:
        found = search(journey.snapshot, start, frame, goals, Known(tunnels, journey.filters))
        if not tunnels.unknown and not journey.filters.unknown:
            return found
        for namespace in sorted(journey.filters.unknown):
            answer = yield AskVlans(namespace)
            why = answer.reason if isinstance(answer, Unanswered) else "no answer"
            journey.filters.known[namespace] = answer.by_link if isinstance(answer, Vlans) else why
        journey.filters.unknown.clear()
        for key, remote in sorted(tunnels.unknown):
            tunnels.ends[key, remote] = yield from _end(journey, key, remote)
        tunnels.unknown.clear()


def _end(journey: Journey, key: LinkKey, remote: str) -> Steps[NamespaceId | None]:
    """The namespace that an outer packet comes to."""
    end, _ = yield from _outer(journey, key, remote, [])
    return end.place.namespace if end.verdict is Verdict.DELIVERED else None


def arrival(key: LinkKey, journey: Journey) -> str:
    """Words like "eth0 in web"."""
    return f"{journey.name(key)} in {journey.label(key.namespace)}"
