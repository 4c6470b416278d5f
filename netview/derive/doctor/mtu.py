"""Packets that are larger than what comes next."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.proof import device
from netview.model import LinkKey, Snapshot
from netview.model.finding import Finding

_OUTER = {"vxlan": 50, "geneve": 50}
"""What a tunnel adds over IPv4; 20 more over IPv6."""


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """The ends of a wire, a container above its bridge, a tunnel above what carries it."""
    for key, link in links_of(snapshot, "veth"):
        peer = snapshot.peer(key)
        far = None if peer is None or peer.key is None else snapshot.link(peer.key)
        if peer is not None and peer.key is not None and far is not None and link.mtu > far.mtu:
            yield _told(check, snapshot, key, peer.key, what="the other end of its wire")
    for bridge, link in links_of(snapshot, "bridge"):
        for port, end in inner_ends(snapshot, bridge):
            inner, outer = snapshot.link(end), snapshot.link(port)
            if inner is not None and outer is not None and inner.mtu == outer.mtu > link.mtu:
                yield _told(check, snapshot, end, bridge, what="its bridge")
    for key, link in links_of(snapshot, *_OUTER):
        lower = snapshot.lowers.get(key)
        below = None if lower is None or lower.key is None else snapshot.link(lower.key)
        over = _OUTER[link.kind]
        if lower is not None and lower.key is not None and below is not None and link.mtu + over > below.mtu:
            yield _told(check, snapshot, key, lower.key, what=f"which carries it with {over} bytes more", overhead=over)


def _told(check: Check, snapshot: Snapshot, key: LinkKey, other: LinkKey, *, what: str, overhead: int = 0) -> Finding:
    mtu = snapshot.namespaces[key.namespace].links[key.ifindex].mtu
    least = snapshot.namespaces[other.namespace].links[other.ifindex].mtu
    return check.finding(
        key,
        snapshot,
        severity="warning",
        confidence="certain",
        message=f"{name_of(snapshot, key)} sends packets of up to {mtu} bytes, and {name_of(snapshot, other)}, {what},"
        f" takes {least}: large ones are lost where they may not be split",
        evidence=evidence(mtu=mtu, limit=least, overhead=overhead, at=name_of(snapshot, other)),
        command=["ip", "link", "show", "dev", device(snapshot, key)],
        remedy="set the same MTU on both; for a tunnel that of the link below less the overhead",
    )


CHECK = Check(9, "MTU mismatch", look)
