"""A VXLAN that knows nobody to send to, or cannot."""

from netview.derive.doctor.carriers import carriers
from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import REFUSING, links_of
from netview.derive.proof import device
from netview.model import Link, LinkKey, NeighbourState, Snapshot, Tables

_NOBODY = frozenset({None, "0.0.0.0", "::"})  # noqa: S104  # as the kernel tells of none
_EVERYBODY = "00:00:00:00:00:00"
_UNKNOWN = NeighbourState.FAILED | NeighbourState.INCOMPLETE


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """No remote at all; none for a neighbour that it knows; one that no route leads to."""
    for key, link in links_of(snapshot, "vxlan"):
        tables = snapshot.namespaces[key.namespace].tables
        if link.vxlan is None or any(unknown.field == "fdb" for unknown in tables.unknown):
            continue
        leads = [entry.dst for entry in tables.fdb if entry.ifindex == key.ifindex and entry.dst not in _NOBODY]
        if link.vxlan.remote in _NOBODY and not leads and not link.vxlan.learning:
            yield check.finding(
                key,
                snapshot,
                severity="warning",
                confidence="likely",
                message=f"{name_of(snapshot, key)} knows no other host: what is meant for containers elsewhere is lost in it",
                evidence=evidence(vni=link.vxlan.vni, remote=None, entries=0, learning=False),
                command=["bridge", "fdb", "show", "dev", device(snapshot, key)],
                remedy="see whether the overlay's control plane (swarm's port 7946, flannel, …) reaches the other hosts",
            )
        elif link.vxlan.remote in _NOBODY:
            yield from _missing(check, snapshot, key, tables)
        yield from _unreached(check, snapshot, key, link)


def _missing(check: Check, snapshot: Snapshot, key: LinkKey, tables: Tables) -> Told:
    """Frames for a MAC without an entry go to the entry for everybody, or are lost."""
    known = {entry.mac for entry in tables.fdb if entry.ifindex == key.ifindex and entry.dst not in _NOBODY}
    if _EVERYBODY in known:
        return
    for entry in tables.neighbours:
        if entry.ifindex != key.ifindex or entry.mac is None or entry.state & _UNKNOWN or entry.mac in known:
            continue
        yield check.finding(
            key,
            snapshot,
            severity="error",
            confidence="likely",
            message=f"{name_of(snapshot, key)} knows {entry.ip} as {entry.mac}, and not on which host that is: what is sent there"
            " is lost",
            evidence=evidence(ip=entry.ip, mac=entry.mac, fdb=None, default=None),
            command=["bridge", "fdb", "show", "dev", device(snapshot, key)],
            remedy="see whether the overlay's control plane (swarm's port 7946, flannel, …) reaches the other hosts",
        )


def _unreached(check: Check, snapshot: Snapshot, key: LinkKey, link: Link) -> Told:
    for carrier in carriers(snapshot, key, link):
        decision = carrier.decision
        if decision.unsure is not None or decision.type not in {None, "local", *REFUSING}:
            continue
        where = {None: "no route leads to", "local": "is itself"}.get(decision.type, f"a {decision.type} entry is for")
        yield check.finding(
            key,
            snapshot,
            severity="error",
            confidence="likely",
            message=f"{name_of(snapshot, key)} sends to {carrier.remote}, which {name_of(snapshot, carrier.beneath)} {where}"
            if decision.type == "local"
            else f"{name_of(snapshot, key)} sends to {carrier.remote}, and {where} that in {name_of(snapshot, carrier.beneath)}",
            evidence=evidence(remote=carrier.remote, route=decision.type),
            command=["ip", "route", "get", carrier.remote],
            proved_in=carrier.beneath,
            remedy="see what the overlay believes to be the other host's address, and the route to it",
        )


CHECK = Check(11, "VXLAN without remotes", look)
