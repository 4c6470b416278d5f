"""A gateway that does not answer."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import gists
from netview.derive.doctor.probes import bridge_beyond
from netview.derive.proof import device
from netview.model import LinkKey, NeighbourState, Snapshot


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """The neighbour of a default route that was asked for and did not answer."""
    for place, gist in gists(snapshot).items():
        if not gist.deaf:
            continue
        gateways = {(route.oif, route.gateway) for route in gist.defaults}
        gateways |= {(way.oif, way.gateway) for route in gist.defaults for way in route.nexthops}
        for entry in gist.deaf:
            if (entry.ifindex, entry.ip) not in gateways:
                continue
            key = LinkKey(place, entry.ifindex)
            bridge = bridge_beyond(snapshot, key)
            own = () if bridge is None else snapshot.namespaces[bridge.namespace].addresses_of(bridge.ifindex)
            yield check.finding(
                key,
                snapshot,
                severity="error",
                confidence="likely" if entry.state is NeighbourState.FAILED else "possible",
                message=f"{name_of(snapshot, place)} asks for its gateway {entry.ip} and nobody answers: it gets no further",
                evidence=evidence(
                    gateway=entry.ip,
                    state=entry.state.word,
                    bridge_has_it=None if bridge is None else any(one.address == entry.ip for one in own),
                ),
                command=["ip", "neighbour", "show", "to", entry.ip, "dev", device(snapshot, key)],
                remedy="see whether the bridge has that address, is up, and has this container's port forwarding",
            )


CHECK = Check(26, "gateway does not answer", look)
