"""Whether two snapshots differ in what checks look at."""

from netview.model import Namespace, NeighbourState, Snapshot, Tables

_DEAF = frozenset({NeighbourState.FAILED, NeighbourState.INCOMPLETE})
_FIELDS = ("links", "addresses", "routes", "rules", "nsids", "error", "unknown")


def matter(before: Snapshot, after: Snapshot) -> bool:
    """Neighbours age and processes come and go all the time, and no check is about that."""
    if before.namespaces is after.namespaces and before.peers is after.peers:
        return False
    if before.peers is not after.peers or before.namespaces.keys() != after.namespaces.keys():
        return True
    pairs = zip(map(before.namespaces.__getitem__, after.namespaces), after.namespaces.values(), strict=True)
    return any(old is not new and (_owned(old) != _owned(new) or _differ(old.tables, new.tables)) for old, new in pairs)


def _owned(namespace: Namespace) -> tuple[object, ...]:
    found = namespace.found
    return namespace.owners, namespace.claims, namespace.label, found.sources, found.paths, bool(found.processes)


def _differ(old: Tables, new: Tables) -> bool:
    if old is new:
        return False
    if any(getattr(old, field) is not getattr(new, field) for field in _FIELDS):
        return True
    if old.neighbours is not new.neighbours and _deaf(old) != _deaf(new):
        return True
    # Where a tunnel leads hangs on both tables.
    tunnels = any(link.vxlan is not None for link in new.links.values())
    return tunnels and (old.neighbours is not new.neighbours or old.fdb is not new.fdb)


def _deaf(tables: Tables) -> set[tuple[int, str]]:
    return {(entry.ifindex, entry.ip) for entry in tables.neighbours if entry.state in _DEAF}
