"""Packets that are larger than what comes next."""

from collections.abc import Iterator

from netview.derive.doctor.carriers import OVERHEAD, carriers
from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of
from netview.derive.doctor.gist import links_of, wires
from netview.derive.doctor.probes import behind
from netview.derive.path.questions import AskCounters
from netview.derive.proof import device
from netview.model import Link, LinkKey, NamespaceId, Snapshot
from netview.model.finding import Finding

_LOST = {
    "Ip/FragFails": "too large to go on, which must not be split",
    "Ip6/FragFails": "of IPv6 too large to go on",
    "TcpExt/TCPMTUPFail": "that TCP made too large as it tried how large they may be",
}
_LEAST = 1.0
"""So many a second: one now and then is how a sender finds out (RFC 1191)."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """The ends of a wire, a container above its bridge, a tunnel above what carries it; and what is lost for its size."""
    known = wires(snapshot)
    for key, (link, far, far_link) in known.items():
        if link.mtu > far_link.mtu:
            yield _told(check, snapshot, key, far, what="the other end of its wire")
    for bridge, link in links_of(snapshot, "bridge"):
        for port, end in inner_ends(snapshot, bridge):
            if known[port].far_link.mtu == known[port].link.mtu > link.mtu:
                yield _told(check, snapshot, end, bridge, what="its bridge")
    for key, link in links_of(snapshot, *OVERHEAD):
        yield from _tunnel(check, snapshot, key, link)
    yield from _counted(check, snapshot, answers)


def _tunnel(check: Check, snapshot: Snapshot, key: LinkKey, link: Link) -> Told:
    """By the routes to its far ends, whose own MTU counts where they have one; else by the link that it was made on."""
    lower = snapshot.lowers.get(key)
    narrowest: tuple[int, LinkKey, int] | None = None
    for carrier in carriers(snapshot, key, link):
        route = carrier.decision.route
        for way in carrier.decision.ways if carrier.decision.type == "unicast" else ():
            below = None if way.oif is None else snapshot.link(LinkKey(carrier.beneath, way.oif))
            if way.oif is not None and below is not None:
                least = min(below.mtu, (route and route.mtu) or below.mtu)
                found = least - carrier.overhead, LinkKey(carrier.beneath, way.oif), carrier.overhead
                narrowest = found if narrowest is None else min(narrowest, found)
    if narrowest is None and lower is not None and lower.key is not None and (below := snapshot.link(lower.key)) is not None:
        narrowest = below.mtu - OVERHEAD[link.kind], lower.key, OVERHEAD[link.kind]
    if narrowest is not None and link.mtu > narrowest[0]:
        room, at, over = narrowest
        yield _told(check, snapshot, key, at, what=f"which carries it with {over} bytes more", overhead=over, limit=room + over)


def _told(
    check: Check, snapshot: Snapshot, key: LinkKey, other: LinkKey, *, what: str, overhead: int = 0, limit: int | None = None
) -> Finding:
    mtu = snapshot.namespaces[key.namespace].links[key.ifindex].mtu
    least = snapshot.namespaces[other.namespace].links[other.ifindex].mtu if limit is None else limit
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


def _counted(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    for namespace in _passing(snapshot):
        grown = answers.grown(AskCounters(namespace), *_LOST)
        if isinstance(grown, str):
            yield check.unknown(grown)
            continue
        for name, rate in grown.items():
            if rate >= _LEAST:
                yield check.finding(
                    namespace,
                    snapshot,
                    severity="warning",
                    confidence="likely",
                    message=f"{name_of(snapshot, namespace)} loses {rate:.1f} packets a second {_LOST[name]}: a sender does not"
                    " hear, or does not heed, how large they may be",
                    evidence=evidence(counter=name.replace("/", ""), a_second=round(rate, 1)),
                    command=["nstat", "-az", name.replace("/", "")],
                    remedy="let ICMP pass (fragmentation needed, packet too big), or set the MTU of the sender's link to the"
                    " least on the way",
                    by_beat=True,
                )


def _passing(snapshot: Snapshot) -> Iterator[NamespaceId]:
    """Home, and whoever passes on what containers send."""
    return iter(dict.fromkeys((snapshot.home, *(one.bridge.namespace for one in behind(snapshot)))))


def asks(snapshot: Snapshot) -> Iterator[AskCounters]:
    """Of home and of each namespace that is a gateway."""
    return (AskCounters(namespace) for namespace in _passing(snapshot))


CHECK = Check(9, "MTU mismatch", look, asks)
