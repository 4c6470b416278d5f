"""Events as JSON, an object a line."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from netview.export.json import address_json, ascii_json, link_json, owner_json, route_json
from netview.model import Address, FoundBy, Link, LinkKey, Namespace, NamespaceId, Owner, Route, Snapshot
from netview.model.event import Event, Fact

_ELSEWHERE = frozenset({"addresses", "peer", "lower", "stats"})
"""What is told of a link by events of its own, by another link's, or never."""


def lines(events: Iterable[Event], before: Snapshot, after: Snapshot) -> Iterator[str]:
    """One object a line, ASCII only: {at, event, object, key, before, after}; the snapshots are those between which they lie."""
    for event in events:
        yield ascii_json(
            {
                "at": datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "event": event.kind,
                "object": event.object,
                "key": _key(event),
                "before": _fact(event.before, event.namespace, before),
                "after": _fact(event.after, event.namespace, after),
            }
        )


def _key(event: Event) -> dict[str, object]:
    """What tells the object from all others, in the words of the snapshot's JSON."""
    fact, namespace = event.after or event.before, event.namespace
    if isinstance(fact, Link):
        return {"namespace": namespace, "ifindex": fact.ifindex}
    if isinstance(fact, Address):
        return {"namespace": namespace, "ifindex": fact.ifindex, "address": fact.address, "prefixlen": fact.prefixlen}
    if isinstance(fact, Route):
        words = {"family": fact.family.word, "table": fact.table, "type": fact.type, "dst": fact.dst}
        return {"namespace": namespace, **words, "gateway": fact.gateway, "oif": fact.oif, "metric": fact.metric}
    if isinstance(fact, Owner):
        return {"namespace": namespace, "runtime": fact.runtime.value, "id": fact.id}
    return {"namespace": namespace}


def _fact(fact: Fact | None, namespace: NamespaceId, snapshot: Snapshot) -> object:
    known = snapshot.namespaces.get(namespace)
    if isinstance(fact, Namespace):
        return _namespace(fact)
    if isinstance(fact, Link) and known is not None:
        return {name: value for name, value in link_json(snapshot, known, fact, []).items() if name not in _ELSEWHERE}
    if isinstance(fact, Address):
        link = snapshot.link(LinkKey(namespace, fact.ifindex))
        return {"ifindex": fact.ifindex, "dev": None if link is None else link.name, **address_json(fact)}
    if isinstance(fact, Route):
        return route_json(fact, {} if known is None else {ifindex: link.name for ifindex, link in known.links.items()})
    return owner_json(fact) if isinstance(fact, Owner) else None


def _namespace(namespace: Namespace) -> dict[str, object]:
    found = namespace.found
    return {
        "id": namespace.id,
        "inode": found.inode,
        "home": namespace.home,
        "label": namespace.label,
        "names": list(found.names),
        "paths": list(found.paths),
        "sources": [source.value for source in FoundBy if source in found.sources],
        "error": namespace.tables.error,
    }
