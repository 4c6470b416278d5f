"""A namespace that nobody lives in, and that something keeps alive."""

import re
from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.wiring import is_fallback
from netview.model import FoundBy, LinkKey, Namespace, Runtime, Snapshot

_HELD = frozenset({FoundBy.FD, FoundBy.SOCKET})
# A container's, as Docker, Podman and plugins of CNI name it; those of a swarm's networks have other names, and no process by
# design.
_SANDBOX = re.compile(r"/docker/netns/[0-9a-f]{12}\Z|/netns/(?:netns|cni)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Held by a descriptor or a socket alone, or by the mount of an engine whose container has gone."""
    for namespace in snapshot.namespaces.values():
        found = namespace.found
        if namespace.home or found.processes or namespace.claims or _is_bare(namespace):
            continue
        held = bool(found.sources) and found.sources <= _HELD
        left = not _owned(namespace) and any(_SANDBOX.search(path) for path in found.paths) and _is_old(namespace, answers.before)
        if held or left:
            how = "an open descriptor or a socket" if held else "a mount that its engine left behind"
            yield check.finding(
                namespace.id,
                snapshot,
                severity="notice",
                confidence="certain" if held else "likely",
                message=f"{name_of(snapshot, namespace.id)} has no process; {how} keeps it and its links alive",
                evidence=evidence(
                    sources=" ".join(sorted(way.value for way in found.sources)),
                    mounts=" ".join(found.paths),
                    wires=" ".join(_far_ends(snapshot, namespace)) or None,
                ),
                command=["ip", "-d", "link", "show"],
                by_beat=left,
                remedy="end what holds it, or unmount it; if its container is gone, restarting the engine cleans up, too",
            )


def _is_bare(namespace: Namespace) -> bool:
    """Whether no wire is kept alive with it: a namespace that a program, such as another netview, has made for itself."""
    links = namespace.links.values()
    return namespace.tables.error is None and all(link.kind == "loopback" or is_fallback(link) for link in links)


def _is_old(namespace: Namespace, before: Snapshot | None) -> bool:
    """Whether it had no process a while ago either: an engine makes it before the first one, and removes it after the last."""
    was = None if before is None else before.namespaces.get(namespace.id)
    return was is not None and not was.found.processes


def _far_ends(snapshot: Snapshot, namespace: Namespace) -> Iterator[str]:
    """The ends of its wires elsewhere, which stay as long as it does."""
    for ifindex in namespace.links:
        peer = snapshot.peer(LinkKey(namespace.id, ifindex))
        if peer is not None and peer.key is not None and peer.key.namespace != namespace.id:
            yield name_of(snapshot, peer.key)


def _owned(namespace: Namespace) -> bool:
    return any(owner.runtime is not Runtime.PROCESS for owner in namespace.owners)


CHECK = Check(14, "leaked namespace", look)
