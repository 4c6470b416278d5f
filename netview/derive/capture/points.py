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
    return tuple(dict.fromkeys(key for way in ways for key in links_on(snapshot, way)))


def links_on(snapshot: Snapshot, way: Path) -> tuple[LinkKey, ...]:
    """The links that a packet passes in one direction, with both ends of each wire, without loopbacks."""
    found: dict[LinkKey, None] = {}
    for hop, following in zip(way.hops, (*way.hops[1:], None), strict=True):
        if hop.link is None:
            continue
        found[hop.link] = None
        ref = snapshot.peer(hop.link)
        far = None if ref is None else ref.key
        comes_to = hop.namespace if following is None else following.namespace
        if far is not None and comes_to != hop.namespace and far.namespace == comes_to:
            found[far] = None
    return tuple(key for key in found if _is_of_interest(snapshot, key))


def links_of(snapshot: Snapshot, namespace: NamespaceId) -> tuple[LinkKey, ...]:
    """All links of a namespace but its loopback."""
    return tuple(key for key in _all(snapshot, namespace) if _is_of_interest(snapshot, key))


def depth(snapshot: Snapshot, key: LinkKey) -> int:
    """How many links a packet passes on its way up before it comes in by a link: 1 for a bridge, or for a macvlan.

    The kernel stamps a packet once on its way up: of links with the same time the lower one saw it first.
    """
    return _depth(snapshot, key, frozenset())


def _depth(snapshot: Snapshot, key: LinkKey, above: frozenset[LinkKey]) -> int:
    lower, within = snapshot.lowers.get(key), above | {key}
    below = {port for port in snapshot.ports_of(key) if port.namespace == key.namespace}
    if lower is not None and lower.key is not None:
        below.add(lower.key)
    return max((1 + _depth(snapshot, one, within) for one in below - within), default=0)


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
