"""Namespaces by what they have in common."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from netview.derive.order import natural
from netview.derive.pair import main_link
from netview.model import Namespace, NamespaceId, Runtime, Snapshot

Grouping = Literal["none", "engine", "pod", "bridge"]
GROUPINGS: tuple[Grouping, ...] = ("none", "engine", "pod", "bridge")
_WITHOUT = {"engine": "no engine", "pod": "no pod", "bridge": "no bridge"}
_NO_ENGINE = frozenset({Runtime.PROCESS, Runtime.NETNS})


class Grouped(NamedTuple):
    """Namespaces that have one thing in common."""

    name: str
    """An engine, "namespace/name" of a pod, or a bridge and where it is; raw. Of those that have none, words that say so."""
    namespaces: tuple[NamespaceId, ...]
    """In the snapshot's order."""


def grouped(snapshot: Snapshot, by: Grouping) -> tuple[Grouped, ...]:
    """All namespaces, each in one group, by name; those without come last.

    A namespace goes by its first owner that counts, and by its main link.
    """
    name_of = _NAMES.get(by)
    if name_of is None:
        return ()
    found: dict[str | None, list[NamespaceId]] = {}
    for namespace in snapshot.namespaces.values():
        found.setdefault(name_of(snapshot, namespace), []).append(namespace.id)
    ordered = sorted(found.items(), key=lambda item: (item[0] is None, natural(item[0] or "")))
    return tuple(Grouped(_WITHOUT[by] if name is None else name, tuple(members)) for name, members in ordered)


def _engine(_snapshot: Snapshot, namespace: Namespace) -> str | None:
    return next((owner.runtime.value for owner in namespace.owners if owner.runtime not in _NO_ENGINE), None)


def _pod(_snapshot: Snapshot, namespace: Namespace) -> str | None:
    return next((f"{owner.pod.namespace}/{owner.pod.name}" for owner in namespace.owners if owner.pod is not None), None)


def _bridge(snapshot: Snapshot, namespace: Namespace) -> str | None:
    """The bridge that its main link is plugged into, by the other end of its wire."""
    link = main_link(snapshot, namespace.id)
    peer = None if link is None else snapshot.peer(link)
    master = None if peer is None or peer.key is None else snapshot.master_of(peer.key)
    bridge = None if master is None else snapshot.link(master)
    if master is None or bridge is None or bridge.kind != "bridge":
        return None
    return bridge.name if master.namespace == snapshot.home else f"{bridge.name} in {snapshot.namespaces[master.namespace].label}"


_NAMES: Mapping[Grouping, Callable[[Snapshot, Namespace], str | None]] = {"engine": _engine, "pod": _pod, "bridge": _bridge}
