"""A frame carried along its steps: tunnels and programs on the way, and what fits through."""

from collections.abc import Iterable

from netview.derive.path.journey import Ended, Journey, Steps, dropped
from netview.derive.path.rules import bridged, programmed
from netview.derive.path.steps import Step, Tunnel
from netview.derive.path.tunnelling import underlay
from netview.model import Flow, LinkKey
from netview.model.path import PathMtu, Place, Verdict

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
            yield from bridged(journey, step.bridged, journey.flow)
        yield from programmed(journey, key)
        journey.narrow(key, journey.link(key).mtu)
        if step.tunnel is not None:
            yield from _wrapped(journey, step.tunnel)


def _wrapped(journey: Journey, tunnel: Tunnel) -> Steps[None]:
    """The outer packet's own way."""
    from netview.derive.path.ip import send  # noqa: PLC0415 - a packet in a frame in a packet

    key = tunnel.link
    vxlan, beneath = journey.link(key).vxlan, underlay(journey.snapshot, key)
    if vxlan is None or beneath is None:
        raise Ended(Verdict.UNDECIDED, f"the underlay of {journey.name(key)} cannot be seen", Place(key.namespace, key))
    if journey.depth == _DEEPEST:
        raise Ended(Verdict.UNDECIDED, "too many tunnels inside of each other", Place(key.namespace, key))
    flow = Flow("udp", vxlan.local or "", tunnel.remote, port=vxlan.port)
    outer = Journey(journey.snapshot, flow, 0, journey.learned, journey.depth + 1, journey.hops)
    try:
        yield from send(outer, beneath, flow)
    except Ended as end:
        journey.doubt = journey.doubt or outer.doubt
        if outer.mtu is not None:
            _narrow(journey, outer.mtu, OVERHEAD[6 if ":" in tunnel.remote else 4])
        if tunnel.end is not None and journey.sender is not None:
            journey.learned[tunnel.end, journey.sender] = outer.flow.source
        if end.verdict is not Verdict.DELIVERED:
            what = end.reason if end.verdict is Verdict.FORWARDED else f"the outer packet to {tunnel.remote}: {end.reason}"
            raise Ended(end.verdict, what, end.place) from None


def _narrow(journey: Journey, outer: PathMtu, overhead: int) -> None:
    journey.narrow(outer.limited_by, outer.bytes - overhead)


def arrival(key: LinkKey, journey: Journey) -> str:
    """Words like "eth0 in web"."""
    return f"{journey.name(key)} in {journey.label(key.namespace)}"
