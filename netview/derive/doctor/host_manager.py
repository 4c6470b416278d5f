"""A container's wire that the host's own network configuration takes for its own."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.path.questions import AskManaged, Managed, Unanswered
from netview.derive.proof import device
from netview.model import LinkKey, Runtime, Snapshot

_MEANT = ("ve-", "vb-", "vz-")
"""systemd-nspawn's, which systemd-networkd configures by design."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """systemd-networkd may take the host end out of its bridge, or its address from it, when it starts again."""
    answer = answers.get(AskManaged(snapshot.home))
    if not isinstance(answer, Managed):
        yield check.unknown(answer.reason if isinstance(answer, Unanswered) else "no answer")
        return
    home = snapshot.namespaces[snapshot.home]
    for ifindex in sorted(answer.ifindexes):
        key, link = LinkKey(home.id, ifindex), home.links.get(ifindex)
        peer = snapshot.peer(key)
        inner = None if peer is None or peer.namespace is None else snapshot.namespaces.get(peer.namespace)
        if link is None or link.kind != "veth" or link.name.startswith(_MEANT) or inner is None or inner.home:
            continue
        if any(owner.runtime is Runtime.NSPAWN for owner in inner.owners):
            continue
        yield check.finding(
            key,
            snapshot,
            severity="warning",
            confidence="likely",
            message=f"systemd-networkd configures {name_of(snapshot, key)}, which is the wire of {name_of(snapshot, inner.id)}:"
            " it may change its addresses or take it out of its bridge",
            evidence=evidence(admin_state="configured", plugged_in=link.master is not None),
            command=["networkctl", "status", device(snapshot, key)],
            remedy="have its .network file match fewer links, or give Driver=veth a file with Unmanaged=yes",
        )


def asks(snapshot: Snapshot) -> tuple[AskManaged, ...]:
    """Of the home namespace."""
    return (AskManaged(snapshot.home),)


CHECK = Check(16, "host's network service has a container's wire", look, asks, "beat")
