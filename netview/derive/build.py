"""A sample made into a snapshot."""

from collections.abc import Mapping

from netview.derive.owners import claims_by_namespace, containers_by_namespace, label, owners
from netview.derive.peers import references
from netview.derive.rates import rates
from netview.model import LinkKey, Namespace, NamespaceId, Sample, Snapshot, Tables

_NOTHING_READ = Tables()


def build(sample: Sample, before: Sample | None = None, previous: Snapshot | None = None) -> Snapshot:
    """Resolve one sample; rates need the sample before it, and what did not change is taken from the previous snapshot."""
    same_tables = before is not None and previous is not None and sample.tables is before.tables and sample.found is before.found
    if same_tables and previous is not None:
        peers, lowers, ports = previous.peers, previous.lowers, previous.ports
    else:
        peers, lowers = references(sample.tables)
        ports = _ports(sample.tables)
    if same_tables and previous is not None and before is not None and sample.containers == before.containers:
        namespaces = previous.namespaces
    else:
        namespaces = _namespaces(sample)
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
        facts=sample.facts,
    )


def _namespaces(sample: Sample) -> Mapping[NamespaceId, Namespace]:
    contained = containers_by_namespace(sample.found, sample.containers)
    resolved: list[Namespace] = []
    claimed = claims_by_namespace(sample.found, sample.containers)
    for known in sample.found.values():
        owned_by = owners(known, contained.get(known.id, ()))
        home = known.id == sample.home
        name = label(known, owned_by, home=home)
        tables = sample.tables.get(known.id, _NOTHING_READ)
        resolved.append(Namespace(known, tables, name, home, owned_by, claimed.get(known.id, ())))
    resolved.sort(key=lambda namespace: (not namespace.home, namespace.label, namespace.id))
    return {namespace.id: namespace for namespace in resolved}


def _ports(contents: Mapping[NamespaceId, Tables]) -> dict[LinkKey, tuple[LinkKey, ...]]:
    ports: dict[LinkKey, list[LinkKey]] = {}
    for namespace, tables in contents.items():
        for ifindex in sorted(tables.links):
            master = tables.links[ifindex].master
            if master is not None:
                ports.setdefault(LinkKey(namespace, master), []).append(LinkKey(namespace, ifindex))
    return {key: tuple(plugged) for key, plugged in ports.items()}
