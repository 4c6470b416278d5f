"""One MAC, twice on one bridge."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, links_of, name_of
from netview.derive.proof import device
from netview.model import LinkKey, Snapshot


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """The bridge learns it now at one port, now at the other."""
    for bridge, own in links_of(snapshot, "bridge"):
        if own.bridge is not None and own.bridge.vlan_filtering:
            continue  # VLANs are domains of their own.
        seen: dict[str, LinkKey] = {}
        for _, end in inner_ends(snapshot, bridge):
            link = snapshot.link(end)
            if link is None or link.address is None:
                continue
            first = seen.setdefault(link.address, end)
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


CHECK = Check(13, "duplicate MAC", look)
