"""What appeared, changed and went from one snapshot to the next; counters are not among it."""

from collections.abc import Hashable, Iterator, Mapping

from netview.derive.identity import address_key, route_key
from netview.model import Namespace, NamespaceId, Owner, Runtime, Snapshot
from netview.model.event import Event, EventObject, Fact

Facts = Mapping[Hashable, Fact]


def diff(before: Snapshot, after: Snapshot) -> tuple[Event, ...]:
    """The events that lead from one to the other, namespace by namespace: what goes from the inside out, what comes outside in.

    What is in a namespace that came or went is told, too. Of a table that was not read before, or is not now, nothing is told.
    """
    if before.namespaces is after.namespaces:
        return ()
    # An engine that answers late, or no more, makes known whose namespaces are, or unknown; theirs they were and are.
    learned = before.heard != after.heard
    events: list[Event] = []
    for namespace, old in before.namespaces.items():
        if namespace not in after.namespaces:
            events += _gone(old, after.taken_at)
    for namespace, new in after.namespaces.items():
        known = before.namespaces.get(namespace)
        if known is None:
            events.append(Event(after.taken_at, "new", "namespace", namespace, new.label, namespace, None, new))
            events += _inside(None, new, after.taken_at)
        elif known is not new:
            events += _changed(known, new, after.taken_at, learned=learned)
    return tuple(events)


def _gone(old: Namespace, at: float) -> Iterator[Event]:
    yield from _inside(old, None, at)
    yield Event(at, "gone", "namespace", old.id, old.label, old.id, old, None)


def _changed(old: Namespace, new: Namespace, at: float, *, learned: bool) -> Iterator[Event]:
    if _face(old, learned=learned) != _face(new, learned=learned):
        yield Event(at, "changed", "namespace", new.id, new.label, new.id, old, new)
    yield from (event for event in _inside(old, new, at) if not (learned and event.object == "owner"))


def _face(namespace: Namespace, *, learned: bool) -> tuple[object, ...]:
    """What a namespace is, apart from what is in it and how it was found; its processes come and go without a word."""
    found = namespace.found
    named = not learned and any(owner.runtime is not Runtime.PROCESS for owner in namespace.owners)
    return namespace.label if named else "", namespace.home, found.inode, found.names, found.paths, namespace.tables.error


def _inside(old: Namespace | None, new: Namespace | None, at: float) -> list[Event]:
    """Events of owners, links, addresses and routes; a namespace that is not there has none."""
    one = new or old
    if one is None:
        return []
    place = (one.id, one.label, at)
    events: list[Event] = []
    if old is None or new is None or old.owners is not new.owners or old.found is not new.found:
        events += _told("owner", _owners(old), _owners(new), place)
    if _read(old, "links") and _read(new, "links"):
        if _differ(old, new, "links"):
            events += _told("link", _links(old), _links(new), place)
        if _differ(old, new, "addresses") and _read(old, "addresses") and _read(new, "addresses"):
            events += _told("address", _addresses(old), _addresses(new), place)
        if _differ(old, new, "routes") and _read(old, "routes") and _read(new, "routes"):
            events += _told("route", _routes(old), _routes(new), place)
    return events[::-1] if new is None else events


def _differ(old: Namespace | None, new: Namespace | None, table: str) -> bool:
    """Whether a table may not be what it was: one that is has stayed the same object."""
    return old is None or new is None or getattr(old.tables, table) is not getattr(new.tables, table)


def _read(namespace: Namespace | None, table: str) -> bool:
    """Whether what is known of a table is all that was there."""
    tables = None if namespace is None else namespace.tables
    return tables is None or (tables.error is None and not any(unknown.field == table for unknown in tables.unknown))


def _owners(namespace: Namespace | None) -> Facts:
    """Containers, services and names; that a process stands for the rest says nothing of whose it is."""
    if namespace is None:
        return {}
    known: dict[Hashable, Fact] = {(Runtime.NETNS, name): Owner(Runtime.NETNS, name, name) for name in namespace.found.names}
    for owner in namespace.owners:
        if owner.runtime is not Runtime.PROCESS:
            known[owner.runtime, owner.id] = owner
    return known


def _links(namespace: Namespace | None) -> Facts:
    return {} if namespace is None else {ifindex: link for ifindex, link in namespace.links.items()}  # noqa: C416  # of a wider type


def _addresses(namespace: Namespace | None) -> Facts:
    return {} if namespace is None else {address_key(address): address for address in namespace.tables.addresses}


def _routes(namespace: Namespace | None) -> Facts:
    return {} if namespace is None else {route_key(route): route for route in namespace.tables.routes}


def _told(object_: EventObject, old: Facts, new: Facts, place: tuple[NamespaceId, str, float]) -> Iterator[Event]:
    namespace, label, at = place
    for key, fact in old.items():
        if key not in new:
            yield Event(at, "gone", object_, namespace, label, key, fact, None)
    for key, fact in new.items():
        before = old.get(key)
        if before is None:
            yield Event(at, "new", object_, namespace, label, key, None, fact)
        elif before is not fact and before != fact:
            yield Event(at, "changed", object_, namespace, label, key, before, fact)
