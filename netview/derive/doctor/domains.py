"""Which broadcast domain of a bridge a port's untagged frames belong to."""

from collections.abc import Iterator

from netview.derive.doctor.check import Answers
from netview.derive.doctor.gist import links_of
from netview.derive.path.questions import AskVlans, PortVlan, Unanswered, Vlans
from netview.model import LinkKey, NamespaceId, Snapshot

ALL = 0
"""The domain of a bridge that keeps no VLANs apart."""


def filters(snapshot: Snapshot, bridge: LinkKey) -> bool:
    """Whether a bridge keeps VLANs apart (IFLA_BR_VLAN_FILTERING)."""
    link = snapshot.link(bridge)
    return link is not None and link.bridge is not None and link.bridge.vlan_filtering


def vlans_of(answers: Answers, namespace: NamespaceId) -> Vlans | str:
    """The VLANs of a namespace's ports; words: why they are not known."""
    answer = answers.get(AskVlans(namespace))
    if isinstance(answer, Vlans):
        return answer
    return answer.reason if isinstance(answer, Unanswered) else "no answer"


def untagged(known: Vlans, port: LinkKey) -> PortVlan | None:
    """The VLAN of what comes in by a port, or from a bridge itself, without a tag (its PVID); None: it is dropped."""
    return next((one for one in known.by_link.get(port.ifindex, ()) if one.pvid), None)


def domain(snapshot: Snapshot, answers: Answers, bridge: LinkKey, port: LinkKey) -> int | str | None:
    """ALL, or the port's PVID; None: it is in none; words: why that is not known."""
    if not filters(snapshot, bridge):
        return ALL
    known = vlans_of(answers, bridge.namespace)
    if isinstance(known, str):
        return known
    found = untagged(known, port)
    return None if found is None else found.first


def filtering(snapshot: Snapshot) -> Iterator[LinkKey]:
    """Every bridge that keeps VLANs apart."""
    return (key for key, _ in links_of(snapshot, "bridge") if filters(snapshot, key))


def asks(snapshot: Snapshot) -> Iterator[AskVlans]:
    """Of each namespace with a bridge that keeps VLANs apart."""
    return (AskVlans(namespace) for namespace in dict.fromkeys(key.namespace for key in filtering(snapshot)))
