"""A sample made into a snapshot."""

from collections.abc import Mapping
from dataclasses import replace

from netview.derive.owners import claims_by_namespace, containers_by_namespace, label, owners
from netview.derive.peers import references
from netview.derive.rates import rates
from netview.derive.renew import changed, renewed
from netview.model import LinkKey, LinkRef, Namespace, NamespaceId, Owner, Runtime, Sample, Snapshot, Tables

_NOTHING_READ = Tables()
# What owns a namespace that no container is tied to.
_WITHOUT = frozenset({Runtime.NETNS, Runtime.PROCESS})
Namespaces = Mapping[NamespaceId, Namespace]


def build(sample: Sample, before: Sample | None = None, previous: Snapshot | None = None) -> Snapshot:
    """Resolve one sample; rates need the sample before it, and what did not change is taken from the previous snapshot."""
    if before is None or previous is None:
        peers: Mapping[LinkKey, LinkRef]
        lowers: Mapping[LinkKey, LinkRef]
        peers, lowers = references(sample.tables)
        ports: Mapping[LinkKey, tuple[LinkKey, ...]] = _ports(sample.tables)
        namespaces = _namespaces(sample, {})
    else:
        peers, lowers = renewed(sample.tables, before.tables, previous.peers, previous.lowers)
        ports = _ports_renewed(sample.tables, before.tables, previous.ports)
        namespaces = _namespaces_renewed(sample, before, previous.namespaces)
    return Snapshot(
        taken_at=sample.taken_at,
        kernel=sample.kernel,
        hostname=sample.hostname,
        user=sample.user,
        home=sample.home,
        namespaces=namespaces,
        counters=sample.counters,
        rates=rates(sample, before) if previous is None else rates(sample, before, previous.rates),
        peers=peers,
        lowers=lowers,
        ports=ports,
        hardware=sample.hardware,
        notices=sample.notices,
        sockets=sample.sockets,
        mirrored=sample.mirrored,
        heard=sample.heard,
        facts=sample.facts,
    )


def _namespaces_renewed(sample: Sample, before: Sample, known: Namespaces) -> Namespaces:
    """Each that has changed; the same object where none has."""
    if sample.found is not before.found or sample.containers != before.containers or sample.home != before.home:
        return _namespaces(sample, known)
    if sample.tables is before.tables:
        return known
    return {
        namespace: one if one.tables is (tables := sample.tables.get(namespace, _NOTHING_READ)) else replace(one, tables=tables)
        for namespace, one in known.items()
    }


def _namespaces(sample: Sample, before: Namespaces) -> Namespaces:
    contained = containers_by_namespace(sample.found, sample.containers)
    resolved: list[Namespace] = []
    claimed = claims_by_namespace(sample.found, sample.containers)
    for known in sample.found.values():
        home, owned_by, claims = known.id == sample.home, contained.get(known.id, ()), claimed.get(known.id, ())
        tables = sample.tables.get(known.id, _NOTHING_READ)
        old = before.get(known.id)
        if old is not None and old.found is known and old.home == home and old.claims == claims and _owned(old, owned_by):
            resolved.append(old if old.tables is tables else replace(old, tables=tables))
            continue
        owned_by = owners(known, owned_by)
        resolved.append(Namespace(known, tables, label(known, owned_by, home=home), home, owned_by, claims))
    resolved.sort(key=lambda namespace: (not namespace.home, namespace.label, namespace.id))
    return {namespace.id: namespace for namespace in resolved}


def _owned(namespace: Namespace, containers: tuple[Owner, ...]) -> bool:
    """Whether these are still its owners; without any its names and processes are, which are as they were."""
    return namespace.owners == containers if containers else all(one.runtime in _WITHOUT for one in namespace.owners)


def _ports_renewed(
    now: Mapping[NamespaceId, Tables], before: Mapping[NamespaceId, Tables], ports: Mapping[LinkKey, tuple[LinkKey, ...]]
) -> Mapping[LinkKey, tuple[LinkKey, ...]]:
    others = changed(now, before)
    if not others:
        return ports
    kept = {key: plugged for key, plugged in ports.items() if key.namespace not in others}
    return kept | _ports({namespace: now[namespace] for namespace in others & now.keys()})


def _ports(contents: Mapping[NamespaceId, Tables]) -> dict[LinkKey, tuple[LinkKey, ...]]:
    ports: dict[LinkKey, list[LinkKey]] = {}
    for namespace, tables in contents.items():
        for ifindex in sorted(tables.links):
            master = tables.links[ifindex].master
            if master is not None:
                ports.setdefault(LinkKey(namespace, master), []).append(LinkKey(namespace, ifindex))
    return {key: tuple(plugged) for key, plugged in ports.items()}
