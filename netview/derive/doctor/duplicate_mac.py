"""One MAC, twice on one bridge."""

from netview.derive.doctor import domains
from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.proof import device
from netview.model import LinkKey, Namespace, Snapshot


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """The bridge learns it now at one port, now at the other."""
    for bridge, _ in links_of(snapshot, "bridge"):
        seen: dict[tuple[int, str], LinkKey] = {}
        for port, end in inner_ends(snapshot, bridge):
            link, place = snapshot.link(end), domains.domain(snapshot, answers, bridge, port)
            if isinstance(place, str):
                yield check.unknown(place)
                break
            if link is None or link.address is None or place is None:
                continue
            first = seen.setdefault((place, link.address), end)
            if first != end:
                yield check.finding(
                    end,
                    snapshot,
                    severity="error",
                    confidence="certain",
                    message=f"{name_of(snapshot, end)} and {name_of(snapshot, first)} on"
                    f" {name_of(snapshot, bridge)} have one MAC,"
                    f" {link.address}: each takes the other's frames",
                    evidence=evidence(mac=link.address, other=name_of(snapshot, first)),
                    command=["ip", "link", "show", "dev", device(snapshot, end)],
                    remedy="give one of them another MAC (docker run --mac-address), or none of its own",
                )
        yield from _moved(check, snapshot, answers, bridge, {mac for _, mac in seen})


def _moved(check: Check, snapshot: Snapshot, answers: Answers, bridge: LinkKey, own: set[str]) -> Told:
    """Of what lies deeper behind two ports the bridge's table tells alone, by an entry that went from the one to the other."""
    before = None if answers.before is None else answers.before.namespaces.get(bridge.namespace)
    if before is None:
        return
    then = _learned(before, bridge.ifindex)
    ports = {port.ifindex for port in snapshot.ports_of(bridge)}
    for (mac, vlan), ifindex in _learned(snapshot.namespaces[bridge.namespace], bridge.ifindex).items():
        old = then.get((mac, vlan))
        if old is None or old == ifindex or mac in own or not {old, ifindex} <= ports:
            continue
        port, other = LinkKey(bridge.namespace, ifindex), LinkKey(bridge.namespace, old)
        yield check.finding(
            port,
            snapshot,
            severity="warning",
            confidence="possible",
            message=f"{name_of(snapshot, bridge)} has learned {mac} behind {name_of(snapshot, port)}, and behind"
            f" {name_of(snapshot, other)} before: somebody has moved, two have one MAC, or frames go round in a loop",
            evidence=evidence(mac=mac, vlan=vlan, before=device(snapshot, other)),
            command=["bridge", "fdb", "show", "br", device(snapshot, bridge)],
            remedy="look whether it goes to and fro (bridge monitor fdb), and who has it; a loop is broken by STP",
            by_beat=True,
        )


def _learned(namespace: Namespace, bridge: int) -> dict[tuple[str, int | None], int]:
    return {
        (entry.mac, entry.vlan): entry.ifindex
        for entry in namespace.tables.fdb
        if entry.bridge == bridge and entry.state in {"", "stale"} and "self" not in entry.flags
    }


CHECK = Check(13, "duplicate MAC", look, domains.asks)
