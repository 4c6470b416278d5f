"""Whose a namespace is, and what to call it."""

from collections.abc import Iterable, Iterator, Mapping

from netview.model import Claim, Container, Found, NamespaceId, Owner, Runtime

HOST = "host"


def containers_by_namespace(
    found: Mapping[NamespaceId, Found], containers: Iterable[Container]
) -> dict[NamespaceId, tuple[Owner, ...]]:
    """The containers of each namespace, one that is told twice as it was told first; those that are only claimed are left out."""
    result: dict[NamespaceId, dict[str, Owner]] = {}
    for namespace, container in _tied(found, (known for known in containers if known.claimed_by is None)):
        result.setdefault(namespace, {}).setdefault(container.owner.id, container.owner)
    return {namespace: tuple(owned_by.values()) for namespace, owned_by in result.items()}


def claims_by_namespace(
    found: Mapping[NamespaceId, Found], containers: Iterable[Container]
) -> dict[NamespaceId, tuple[Claim, ...]]:
    """What is said of each namespace against the kernel's word."""
    result: dict[NamespaceId, tuple[Claim, ...]] = {}
    for namespace, container in _tied(found, containers):
        if container.claimed_by is not None:
            result[namespace] = (*result.get(namespace, ()), Claim(container.owner, container.claimed_by))
    return result


def _tied(found: Mapping[NamespaceId, Found], containers: Iterable[Container]) -> Iterator[tuple[NamespaceId, Container]]:
    """Each container with its namespace, by its sandbox's mount, else by its process; others are left out."""
    by_pid = {process.pid: known.id for known in found.values() for process in known.processes}
    by_path = {path: known.id for known in found.values() for path in known.paths}
    for container in containers:
        namespace = by_path.get(_canonical(container.sandbox)) if container.sandbox else None
        if namespace is None and container.pid is not None:
            namespace = by_pid.get(container.pid)
        if namespace is not None:
            yield namespace, container


def owners(known: Found, containers: tuple[Owner, ...]) -> tuple[Owner, ...]:
    """Its containers; without any its names; without those its most senior process."""
    if containers:
        return containers
    if known.names:
        return tuple(Owner(Runtime.NETNS, name, name) for name in known.names)
    if known.processes:
        senior = known.processes[0]
        return (Owner(Runtime.PROCESS, str(senior.pid), senior.comm),)
    return ()


def label(known: Found, owned_by: tuple[Owner, ...], *, home: bool) -> str:
    """A short name for people."""
    if home:
        return HOST
    if owned_by and owned_by[0].runtime is not Runtime.PROCESS:
        return owned_by[0].name
    if known.paths:
        return known.paths[0].rpartition("/")[2]
    if owned_by:
        return f"{owned_by[0].name}[{owned_by[0].id}]"
    return "unreachable" if known.inode is None else f"net:[{known.inode}]"


def _canonical(path: str) -> str:
    """Mountinfo has resolved the link from /var/run to /run."""
    return path.removeprefix("/var") if path.startswith("/var/run/") else path
