"""Where to capture: links by the names that people give, or those on a path."""

from collections.abc import Iterable

from netview.derive.find import find
from netview.derive.wiring import is_fallback
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.model.path import Path


class PointError(Exception):
    """A point that is unknown or ambiguous; the message is one line that says what to do."""


def points(snapshot: Snapshot, names: Iterable[str]) -> tuple[LinkKey, ...]:
    """The links that names mean: "nginx-1/eth0", a link, or all links of a namespace but its loopback. Raises PointError."""
    return tuple(dict.fromkeys(key for name in names for key in _links(snapshot, name)))


def points_of(snapshot: Snapshot, path: Path) -> tuple[LinkKey, ...]:
    """The links on the way there and back, in its order, without loopbacks."""
    ways = (path,) if path.back is None else (path, path.back)
    keys = dict.fromkeys(hop.link for way in ways for hop in way.hops if hop.link is not None)
    return tuple(key for key in keys if _is_of_interest(snapshot, key))


def links_of(snapshot: Snapshot, namespace: NamespaceId) -> tuple[LinkKey, ...]:
    """All links of a namespace but its loopback."""
    return tuple(key for key in _all(snapshot, namespace) if _is_of_interest(snapshot, key))


def point_name(snapshot: Snapshot, key: LinkKey) -> str:
    """What a point is called: "nginx-1/eth0"."""
    namespace, link = snapshot.namespaces.get(key.namespace), snapshot.link(key)
    label = key.namespace if namespace is None else namespace.label
    return f"{label}/{f'#{key.ifindex}' if link is None else link.name}"


def _links(snapshot: Snapshot, name: str) -> list[LinkKey]:
    place, slash, device = name.rpartition("/")
    if slash and place and not name.startswith("/"):
        namespaces = {match.namespace for match in find(snapshot, place) if match.link is None}
        found = [key for one in namespaces for key in _all(snapshot, one) if _is_called(snapshot, key, device)]
        if found:
            return _only(name, found)
    matches = find(snapshot, name)
    whole = {match.namespace for match in matches if match.link is None}
    if len(whole) > 1:
        raise PointError(f"{name} names {len(whole)} namespaces: say which link, as namespace/link")
    if whole:
        return list(links_of(snapshot, whole.pop()))
    return _only(name, [match.link for match in matches if match.link is not None])


def _only(name: str, found: list[LinkKey]) -> list[LinkKey]:
    if not found:
        raise PointError(f"{name}: no container, namespace or link here is called that")
    if len(found) > 1:
        raise PointError(f"{name} names {len(found)} links: say which one, as namespace/link")
    return found


def _all(snapshot: Snapshot, namespace: NamespaceId) -> list[LinkKey]:
    known = snapshot.namespaces.get(namespace)
    return [] if known is None else [LinkKey(namespace, ifindex) for ifindex in known.links]


def _is_called(snapshot: Snapshot, key: LinkKey, device: str) -> bool:
    link = snapshot.link(key)
    return link is not None and device in {link.name, *link.altnames}


def _is_of_interest(snapshot: Snapshot, key: LinkKey) -> bool:
    link = snapshot.link(key)
    return link is not None and link.kind != "loopback" and not is_fallback(link)
