"""A container's wire that the host's own network configuration takes for its own."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.path.questions import AskManaged, Managed, Unanswered
from netview.derive.proof import device
from netview.model import LinkKey, Runtime, Snapshot

_MEANT = ("ve-", "vb-", "vz-")
"""systemd-nspawn's, which systemd-networkd configures by design."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """systemd-networkd may take the host end out of its bridge, or its address from it, when it starts again."""
    yield from _unplugged(check, snapshot, answers.before)
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


def _unplugged(check: Check, snapshot: Snapshot, before: Snapshot | None) -> Told:
    """Engines unplug no wire of a container: they remove it."""
    home, was = snapshot.namespaces[snapshot.home], None if before is None else before.namespaces.get(snapshot.home)
    for ifindex, link in home.links.items() if was is not None else ():
        old, peer = was.links.get(ifindex) if was is not None else None, snapshot.peer(LinkKey(home.id, ifindex))
        if old is None or old.master in {None, link.master} or (old.kind, old.name) != ("veth", link.name):
            continue
        bridge = home.links.get(old.master or 0)
        if bridge is None or peer is None or peer.namespace in {None, home.id}:
            continue
        key, now = LinkKey(home.id, ifindex), home.links.get(link.master or 0)
        yield check.finding(
            key,
            snapshot,
            severity="warning",
            confidence="possible",
            message=f"somebody has taken {name_of(snapshot, key)} out of {bridge.name}"
            + ("" if now is None else f" and plugged it into {now.name}")
            + ": engines do not do that to a container's wire",
            evidence=evidence(master=None if now is None else now.name, before=bridge.name),
            command=["ip", "-d", "link", "show", "dev", device(snapshot, key)],
            remedy="look at what else configures links here (networkctl, nmcli), and have it leave veths alone",
        )


def asks(snapshot: Snapshot) -> tuple[AskManaged, ...]:
    """Of the home namespace."""
    return (AskManaged(snapshot.home),)


CHECK = Check(16, "host's network service has a container's wire", look, asks, "beat")
