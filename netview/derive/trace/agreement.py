"""Whether what a packet did is what its path said."""

from collections.abc import Collection
from typing import NamedTuple

from netview.derive.trace.journeys import End, Journey
from netview.model import Flow, NamespaceId, Snapshot
from netview.model.headers import Headers
from netview.model.path import Path, Verdict


class Agreement(NamedTuple):
    """How a real packet and the path compare."""

    agrees: bool | None
    """None: it was not seen far enough to tell."""
    message: str
    """Words may hold names: see text.safe()."""


GOES_ON = frozenset({Verdict.DELIVERED, Verdict.NO_LISTENER})
"""The packet arrives."""


def agreement(snapshot: Snapshot, journey: Journey, path: Path, traced: Collection[NamespaceId]) -> Agreement | None:
    """What to say of a packet of the path's flow, or of its replies; None: it is neither.

    `traced`: the namespaces that tell of packets.
    """
    for way in (path, path.back):
        if way is not None and journey.sent is not None and is_of(journey.sent, way.flow):
            return _compared(snapshot, journey, way, traced)
    return None


def is_of(sent: Headers, flow: Flow) -> bool:
    """Whether a packet, as it was sent, is one of a flow."""
    if (sent.protocol, sent.destination) != (flow.protocol, flow.destination):
        return False
    if flow.icmp_type is not None and not sent.what.startswith("echo"):
        return False
    return flow.port is None or flow.port == sent.port or sent.source_port == flow.source_port


def _compared(snapshot: Snapshot, journey: Journey, way: Path, traced: Collection[NamespaceId]) -> Agreement:
    last, place = journey.last, None if way.at is None else way.at.namespace
    label = _label(snapshot, last.namespace)
    did = f"{last.end.value} in {label}"
    if way.verdict is Verdict.UNDECIDED:
        return Agreement(None, f"the path is undecided; the packet was {did}")
    if last.end is End.UNSEEN:
        return Agreement(None, "only what others armed was read, which tells no end")
    if last.end is End.SENT and place is not None and place != last.namespace and place not in traced:
        return Agreement(None, f"sent by {label}; {_label(snapshot, place)} is not traced")
    said = f"{way.verdict.value}{'' if place is None else f' in {_label(snapshot, place)}'}"
    if way.verdict in GOES_ON:
        right = last.end is End.DELIVERED and last.namespace == place
    elif way.verdict is Verdict.FORWARDED:
        right = last.end is End.SENT and last.namespace == place
    elif last.end is End.DELIVERED and last.namespace == place:
        return Agreement(
            None, f"the path says {said}; it was handed up there, and what becomes of it behind the rules is not traced"
        )
    else:
        right = _is_lost(journey, place)
    if right:
        return Agreement(True, f"as the path says: {said}")
    return Agreement(False, f"the path says {said}, but the packet was {did}")


def _is_lost(journey: Journey, place: NamespaceId | None) -> bool:
    """Whether it ended where it was to be lost: by a rule there, or seen there last, or sent to there and never seen."""
    last = journey.last
    if last.end is End.DELIVERED:
        return False
    return last.namespace == place or last.end is End.SENT


def _label(snapshot: Snapshot, namespace: NamespaceId) -> str:
    known = snapshot.namespaces.get(namespace)
    return namespace if known is None else known.label
