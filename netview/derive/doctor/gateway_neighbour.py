"""A gateway that does not answer."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.proof import device
from netview.model import LinkKey, NeighbourState, Snapshot

_DEAF = {NeighbourState.FAILED: "likely", NeighbourState.INCOMPLETE: "possible"}


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """The neighbour of a default route that was asked for and did not answer."""
    for namespace in snapshot.namespaces.values():
        tables = namespace.tables
        gateways = {(route.oif, route.gateway) for route in tables.routes if route.dst == "default" and route.gateway}
        for entry in tables.neighbours:
            confidence = _DEAF.get(entry.state)
            if confidence is None or (entry.ifindex, entry.ip) not in gateways:
                continue
            key = LinkKey(namespace.id, entry.ifindex)
            yield check.finding(
                key,
                snapshot,
                severity="error",
                confidence="likely" if confidence == "likely" else "possible",
                message=f"{name_of(snapshot, namespace.id)} asks for its gateway {entry.ip} and nobody answers:"
                f" it gets no further",
                evidence=evidence(gateway=entry.ip, state=entry.state.word),
                command=["ip", "neighbour", "show", "to", entry.ip, "dev", device(snapshot, key)],
                remedy="see whether the bridge has that address, is up, and has this container's port forwarding",
            )


CHECK = Check(26, "gateway does not answer", look)
