"""All that is known of a namespace's owners, line by line."""

from collections.abc import Iterator
from typing import NamedTuple

from netview.derive.nesting import around
from netview.derive.resolver import Resolver, host_lines, resolver
from netview.model import Namespace, NamespaceId, Owner, PublishedPort, Runtime, Snapshot

_NAMELESS = frozenset({Runtime.NETNS, Runtime.PROCESS})
"""Owners that are no containers: a name, or whoever runs there."""


class Detail(NamedTuple):
    """One line: what it is, and what is known of it, raw."""

    key: tuple[object, ...]
    """Tells it from the others."""
    name: str
    value: str | None
    """None: whoever could know does not tell."""
    heading: bool = False


def details(snapshot: Snapshot, namespace: NamespaceId) -> tuple[Detail, ...]:
    """Every owner with what its engine tells, what is only claimed, and the processes; () once the namespace is gone."""
    known = snapshot.namespaces.get(namespace)
    if known is None:
        return ()
    owned = [line for owner in known.owners for line in _owner(owner)]
    if not owned:
        owned = [Detail(("nobody",), "owner", None, heading=True)]
    return (*owned, *_claims(known), *_files(snapshot, known), *_found(known), *_user(snapshot, known), *_processes(known))


def _owner(owner: Owner) -> Iterator[Detail]:
    who = owner.runtime.value, owner.id
    yield Detail((*who, "name"), owner.runtime.value, owner.name, heading=True)
    if owner.runtime in _NAMELESS:
        return
    if owner.id != owner.name:
        yield Detail((*who, "id"), "id", owner.id)
    if owner.pod is not None:
        yield Detail((*who, "pod"), "pod", f"{owner.pod.namespace}/{owner.pod.name}")
    yield Detail((*who, "image"), "image", owner.image)
    yield Detail((*who, "state"), "state", owner.state)
    yield Detail((*who, "networks"), "networks", ", ".join(owner.networks) or None)
    for port in owner.ports:
        yield Detail((*who, port), "port", _port(port))
    for name, value in owner.labels:
        yield Detail((*who, "label", name), "label", f"{name}={value}")
    for name, value in owner.annotations:
        yield Detail((*who, "annotation", name), "annotation", f"{name}={value}")


def _port(port: PublishedPort) -> str:
    if port.host_port is None:
        return f"{port.port}/{port.protocol}, not published"
    address = port.host_address or "*"
    at = f"[{address}]" if ":" in address else address
    return f"{at}:{port.host_port} \u2192 {port.port}/{port.protocol}"


def _claims(namespace: Namespace) -> Iterator[Detail]:
    for claim in namespace.claims:
        yield Detail(("claim", claim), "claimed", str(claim), heading=True)


def _files(snapshot: Snapshot, namespace: Namespace) -> Iterator[Detail]:
    """What its containers believe of their host, each by its oldest process."""
    for process in namespace.found.processes:
        facts = snapshot.facts.get(process.pid)
        if facts is None:
            continue
        key = "files", process.pid
        yield Detail(key, "host files", f"as {process.comm}[{process.pid}] sees them", heading=True)
        yield Detail((*key, "hostname"), "hostname", facts.hostname)
        if facts.resolv_conf is not None:
            told = resolver(facts.resolv_conf)
            yield Detail((*key, "nameserver"), "nameserver", ", ".join(told.nameservers) or None)
            yield from (Detail((*key, word), word, " ".join(said)) for word, said in _named(told) if said)
        for number, line in enumerate(host_lines(facts.hosts or ())):
            yield Detail((*key, "hosts", number), "hosts", f"{line.address} {' '.join(line.names)}")
        for unknown in facts.unknown:
            yield Detail((*key, unknown.field), "unknown", f"{unknown.field}: {unknown.reason}")


def _named(told: Resolver) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("search", told.search), ("options", told.options)


def _found(namespace: Namespace) -> Iterator[Detail]:
    """How one comes to it; a namespace that nobody owns may say by its mount what it is for."""
    ways = sorted(source.value for source in namespace.found.sources)
    yield Detail(("found",), "found by", ", ".join(ways) or None, heading=True)
    for path in namespace.found.paths:
        yield Detail(("path", path), "mount", path)
    for pid, path in namespace.found.elsewhere:
        yield Detail(("elsewhere", pid, path), "mount", f"{path}, as process {pid} sees it")


def _user(snapshot: Snapshot, namespace: Namespace) -> Iterator[Detail]:
    """Whose rights count in it, where those are not netview's own."""
    user = namespace.found.user_namespace
    if user is None:
        return
    yield Detail(("user",), "user namespace", f"of uid {user.owner_uid}", heading=True)
    if user.parent is not None:
        yield Detail(("parent",), "made in that", f"of uid {user.parent.owner_uid}")
    for other in around(snapshot, namespace):
        yield Detail(("around", other.id), "within", other.label)


def _processes(namespace: Namespace) -> Iterator[Detail]:
    processes = namespace.found.processes
    yield Detail(("processes",), "processes", str(len(processes)), heading=True)
    for process in processes:
        yield Detail(("process", process.pid), f"pid {process.pid}", process.comm)
