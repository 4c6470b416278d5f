"""A wire whose other end cannot be seen."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.proof import device
from netview.model import Snapshot


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """After everything was looked through; where not everything may be looked at it is not known."""
    locked = sum(namespace.tables.error is not None for namespace in snapshot.namespaces.values())
    for key, _ in links_of(snapshot, "veth", "netkit"):
        peer = snapshot.peer(key)
        if peer is None or peer.namespace is not None:
            continue
        if locked:
            yield check.unknown(f"{name_of(snapshot, key)} may lead into one of {locked} namespaces that could not be read")
            return
        yield check.finding(
            key,
            snapshot,
            severity="notice",
            confidence="certain",
            message=f"the other end of {name_of(snapshot, key)} is in a namespace that nothing on this host"
            f" leads to: a virtual machine's,"
            " or one that is held in a way nobody can see",
            evidence=evidence(nsid=peer.nsid, ifindex=peer.ifindex),
            command=["ip", "-d", "link", "show", "dev", device(snapshot, key)],
            remedy="look for sandboxes (Kata, gVisor) and for processes of other pid namespaces",
        )


CHECK = Check(35, "peer that cannot be seen", look)
