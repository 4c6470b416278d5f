"""One address, twice in one broadcast domain."""

from netview.derive.doctor import domains
from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of
from netview.derive.doctor.gist import gists, links_of
from netview.model import LinkKey, Snapshot
from netview.model.finding import Finding


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Among what is plugged into one bridge, and where the kernel itself found it out (IPv6)."""
    for bridge, _ in links_of(snapshot, "bridge"):
        yield from _on_bridge(check, snapshot, answers, bridge)
    for place, gist in gists(snapshot).items():
        for address in gist.refused:
            key = LinkKey(place, address.ifindex)
            yield _told(check, snapshot, key, address.address, who="somebody on this network", what="answered for it (dadfailed)")


def _on_bridge(check: Check, snapshot: Snapshot, answers: Answers, bridge: LinkKey) -> Told:
    seen: dict[tuple[int, str], LinkKey] = {}
    for port, end in ((bridge, bridge), *inner_ends(snapshot, bridge)):
        place = domains.domain(snapshot, answers, bridge, port)
        if isinstance(place, str):
            yield check.unknown(place)
            return
        if place is None:
            continue
        for address in snapshot.namespaces[end.namespace].addresses_of(end.ifindex):
            if address.scope == "host" or address.address.startswith("fe80:"):
                continue
            first = seen.setdefault((place, address.address), end)
            if first != end:
                yield _told(check, snapshot, end, address.address, who=name_of(snapshot, first), what="has it, too")


def _told(check: Check, snapshot: Snapshot, key: LinkKey, address: str, *, who: str, what: str) -> Finding:
    return check.finding(
        key,
        snapshot,
        severity="error",
        confidence="certain",
        message=f"{name_of(snapshot, key)} has {address}, and {who} {what}: packets reach now one, now the other",
        evidence=evidence(address=address, other=who),
        command=["ip", "address", "show", "to", address],
        remedy="give one of them another address",
    )


CHECK = Check(12, "duplicate address", look, domains.asks)
