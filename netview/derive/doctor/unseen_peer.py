"""A wire whose other end cannot be seen."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.proof import device
from netview.model import FoundBy, LinkKey, NamespaceId, Snapshot

_BY_WIRE = frozenset({FoundBy.VETH})


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """After everything was looked through; where not everything may be looked at it is not known."""
    locked = sum(namespace.tables.error is not None for namespace in snapshot.namespaces.values())
    for key, _ in links_of(snapshot, "veth", "netkit"):
        peer = snapshot.peer(key)
        if peer is None or (peer.namespace is not None and not _is_hidden(snapshot, key, peer.namespace)):
            continue
        if locked:
            yield check.unknown(f"{name_of(snapshot, key)} may lead into one of {locked} namespaces that could not be read")
            return
        if peer.namespace is not None and snapshot.user != "root":
            yield check.unknown(f"what holds the other end of {name_of(snapshot, key)} may not be looked at: run as root")
            return
        yield check.finding(
            key,
            snapshot,
            severity="notice",
            confidence="certain",
            message=f"the other end of {name_of(snapshot, key)} is in a namespace that nothing else on this"
            f" host leads to: a virtual machine's,"
            " or one that is held in a way nobody can see",
            evidence=evidence(nsid=peer.nsid, ifindex=peer.ifindex),
            command=["ip", "-d", "link", "show", "dev", device(snapshot, key)],
            remedy="look for sandboxes (Kata, gVisor) and for processes of other pid namespaces",
        )


def _is_hidden(snapshot: Snapshot, key: LinkKey, namespace: NamespaceId) -> bool:
    """Whether a wire alone leads there; of its two ends the one that can be seen is told."""
    there, here = snapshot.namespaces.get(namespace), snapshot.namespaces[key.namespace]
    return there is not None and there.found.sources == _BY_WIRE and here.found.sources != _BY_WIRE


CHECK = Check(35, "peer that cannot be seen", look)
