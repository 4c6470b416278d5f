"""A VXLAN that knows nobody to send to."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.proof import device
from netview.model import Snapshot

_NOBODY = frozenset({None, "0.0.0.0", "::"})  # noqa: S104  # as the kernel tells of none


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """No remote, no forwarding entry that leads anywhere, and it does not learn any."""
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


CHECK = Check(11, "VXLAN without remotes", look)
