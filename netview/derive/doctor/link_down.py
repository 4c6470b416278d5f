"""One end of a wire, or a bridge in use, that is down."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.proof import device
from netview.model import LinkFlag, LinkKey, Snapshot
from netview.model.enums import OperState
from netview.model.finding import Finding


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """Only what somebody took down, of what something else relies on: an empty bridge has no carrier, and that is no fault."""
    for key, link in links_of(snapshot, "veth", "netkit"):
        if link.flags & LinkFlag.UP:
            continue
        peer = snapshot.peer(key)
        far = None if peer is None or peer.key is None else snapshot.link(peer.key)
        if far is not None and far.flags & LinkFlag.UP:
            yield _told(check, snapshot, key, "its wire carries nothing, though the other end is up")
    for key, link in links_of(snapshot, "bridge"):
        if not link.flags & LinkFlag.UP and snapshot.ports_of(key):
            yield _told(check, snapshot, key, f"its {len(snapshot.ports_of(key))} ports reach nobody by it")
    for key, link in links_of(snapshot):
        if link.operstate is OperState.LOWERLAYERDOWN and link.flags & LinkFlag.UP and link.kind not in {"veth", "netkit"}:
            yield _told(check, snapshot, key, "what it stands on is down")


def _told(check: Check, snapshot: Snapshot, key: LinkKey, what: str) -> Finding:
    link = snapshot.namespaces[key.namespace].links[key.ifindex]
    return check.finding(
        key,
        snapshot,
        severity="error",
        confidence="certain",
        message=f"{name_of(snapshot, key)} is down: {what}",
        evidence=evidence(up=bool(link.flags & LinkFlag.UP), operstate=link.operstate.word, carrier=link.carrier),
        command=["ip", "-d", "link", "show", "dev", device(snapshot, key)],
        remedy="ip link set … up, on it or on what it stands on",
    )


CHECK = Check(18, "link down", look)
