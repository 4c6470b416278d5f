"""A name of any sort to the namespace and link that bear it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from netview.model import LinkKey, Namespace, NamespaceId, Runtime, Snapshot

_HEX = frozenset("0123456789abcdef")
_SEPARATORS = str.maketrans("", "", ":-.")


@dataclass(frozen=True, slots=True)
class Match:
    """One bearer of a name."""

    namespace: NamespaceId
    link: LinkKey | None
    """None: the namespace as a whole."""
    why: str
    """What of it bears the name: "container", "id", "link", "altname", "address", "MAC", "pid", "netns" or "namespace"."""


def find(snapshot: Snapshot, name: str) -> tuple[Match, ...]:
    """Every namespace and link that the name means, home first; beginnings of names count only where nothing has all of it."""
    if not name:
        return ()
    exact = _matches(snapshot, name, lambda whole: whole == name)
    return exact or _matches(snapshot, name, lambda whole: whole.startswith(name))


def _matches(snapshot: Snapshot, name: str, same: Callable[[str], bool]) -> tuple[Match, ...]:
    ip, mac = _ip(name), _mac(name)
    found: dict[tuple[NamespaceId, LinkKey | None], Match] = {}
    for namespace in snapshot.namespaces.values():
        why = _of_namespace(namespace, name, same)
        if why is not None:
            found.setdefault((namespace.id, None), Match(namespace.id, None, why))
        for ifindex, reason in _of_links(namespace, same, ip, mac):
            key = LinkKey(namespace.id, ifindex)
            found.setdefault((namespace.id, key), Match(namespace.id, key, reason))
    return tuple(found.values())


def _of_namespace(namespace: Namespace, name: str, same: Callable[[str], bool]) -> str | None:
    found = namespace.found
    for owner in namespace.owners:
        if owner.runtime in {Runtime.NETNS, Runtime.PROCESS}:
            continue
        if same(owner.name):
            return "container"
        if same(owner.id):
            return "id"
    if any(same(known) for known in found.names):
        return "netns"
    if name in {found.id, str(found.inode), f"net:[{found.inode}]", namespace.label, *found.paths}:
        return "namespace"
    if name.isdecimal() and any(str(process.pid) == name for process in found.processes):
        return "pid"
    return None


def _of_links(
    namespace: Namespace, same: Callable[[str], bool], ip: IPv4Address | IPv6Address | None, mac: str | None
) -> Iterator[tuple[int, str]]:
    for ifindex, link in namespace.links.items():
        if same(link.name):
            yield ifindex, "link"
        elif any(same(other) for other in link.altnames):
            yield ifindex, "altname"
        elif mac is not None and link.address is not None and _mac(link.address) == mac:
            yield ifindex, "MAC"
    if ip is not None:
        for address in namespace.tables.addresses:
            if _ip(address.address) == ip:
                yield address.ifindex, "address"


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    """The address without prefix length and zone; None where it is none."""
    try:
        return ip_address(text.partition("/")[0].partition("%")[0])
    except ValueError:
        return None


def _mac(text: str) -> str | None:
    """Twelve hex digits, whatever stands between them; None where it is no MAC."""
    digits = text.lower().translate(_SEPARATORS)
    return digits if len(digits) == 12 and _HEX.issuperset(digits) else None
