"""Whose something is and where it is plugged in, in one line."""

from netview.derive.find import Match
from netview.derive.pair import End, pair
from netview.derive.tunnels import remotes
from netview.model import Link, LinkKey, Namespace, NamespaceId, Owner, Runtime, Snapshot
from netview.text import safe

_DOT = " · "
_REMOTES_NAMED = 4


def sentences(snapshot: Snapshot, match: Match) -> tuple[str, ...]:
    """One line a wire of what was found, safe to print: "nginx-1 eth0 · docker · docker0 port 1"."""
    if match.link is not None:
        return (_wire(snapshot, match.link, asked=match.link),)
    namespace = snapshot.namespaces[match.namespace]
    keys = (LinkKey(namespace.id, ifindex) for ifindex in namespace.links)
    wires = () if namespace.home else tuple(key for key in keys if key in snapshot.peers or key in snapshot.lowers)
    if wires:
        return tuple(_wire(snapshot, key, asked=None) for key in wires)
    words = _guests(namespace.owners) if namespace.home else _runtimes(namespace.owners)
    return (_DOT.join((safe(namespace.label), *words, _contents(namespace))),)


def place(snapshot: Snapshot, key: LinkKey | None, *unsaid: NamespaceId) -> str:
    """Words like "in nginx-1" with a blank before them; empty where that goes without saying."""
    if key is None:
        return " in a namespace that cannot be seen"
    if key.namespace in unsaid:
        return ""
    known = snapshot.namespaces.get(key.namespace)
    return " in a namespace that is gone" if known is None else f" in {safe(known.label)}"


def port(snapshot: Snapshot, key: LinkKey, *unsaid: NamespaceId) -> str | None:
    """Words like "docker0 port 1"; None where it is plugged into nothing."""
    link, master = snapshot.link(key), snapshot.master_of(key)
    above = None if master is None else snapshot.link(master)
    if link is None or above is None:
        return None
    number = "" if link.port is None or link.port.number is None else f" port {link.port.number}"
    return f"{safe(above.name)}{place(snapshot, master, snapshot.home, *unsaid)}{number}"


def nature(snapshot: Snapshot, key: LinkKey, link: Link) -> tuple[str, ...]:
    """What a link is that has no other end: its kind, its tunnel, the link below it."""
    words = [safe(link.kind)]
    if link.vxlan is not None:
        words[0] += f" vni {link.vxlan.vni}"
        words += _remotes(snapshot, key)
    elif link.macvlan is not None:
        words[0] += f" {safe(link.macvlan.mode)}"
    lower = snapshot.lowers.get(key)
    if lower is not None:
        words.append(f"on {safe(lower.name or f'#{lower.ifindex}')}{place(snapshot, lower.key, key.namespace)}")
    ports = len(snapshot.ports_of(key))
    if ports or link.kind == "bridge":
        words.append("1 port" if ports == 1 else f"{ports} ports")
    return tuple(words)


def _remotes(snapshot: Snapshot, key: LinkKey) -> list[str]:
    known = [safe(remote) for remote in remotes(snapshot, key)]
    if not known:
        return []
    more = len(known) - _REMOTES_NAMED
    return [f"remote {', '.join(known[:_REMOTES_NAMED])}" + (f" and {more} more" if more > 0 else "")]


def _wire(snapshot: Snapshot, key: LinkKey, asked: LinkKey | None) -> str:
    wire = pair(snapshot, key)
    if wire is None:
        return f"#{key.ifindex}{_DOT}gone"
    inside, outside = wire.inside, wire.outside
    at_home = inside.key is not None and inside.key.namespace == snapshot.home
    words = [_subject(inside, () if at_home else inside.owners), *_runtimes(() if at_home else inside.owners)]
    if inside.key is not None and inside.link is None:
        words.append(safe(inside.missing or "not read"))
    if outside is not None:
        words += _plug(snapshot, outside, inside, told=asked is not None and asked == outside.key)
    elif inside.link is not None:
        words += nature(snapshot, key, inside.link)
        words += filter(None, [port(snapshot, key, key.namespace)])
        words += [f"{safe(address.address)}/{address.prefixlen}" for address in inside.addresses]
    return _DOT.join(words)


def _plug(snapshot: Snapshot, outside: End, inside: End, *, told: bool) -> list[str]:
    """Where the outer end is; its name is left out where it was the question."""
    if outside.key is None:
        return [_unseen(outside)]
    unsaid = () if inside.key is None else (inside.key.namespace,)
    name = name_of(outside.link, outside.ifindex)
    plugged = port(snapshot, outside.key, *unsaid)
    if plugged is None:
        return [f"⇄ {name}{place(snapshot, outside.key, *unsaid)}"]
    return [plugged] if told else [plugged, name]


def _unseen(end: End) -> str:
    return f"peer unknown, {safe(end.missing or 'not read')}"


def _subject(end: End, owners: tuple[Owner, ...]) -> str:
    if end.key is None:
        return _unseen(end)
    sharing = [owner.name for owner in owners[1:]]
    label = " + ".join(safe(name) for name in (end.place or "?", *sharing))
    return f"{label} {name_of(end.link, end.ifindex)}"


def _runtimes(owners: tuple[Owner, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(owner.runtime.value for owner in owners))


def _guests(owners: tuple[Owner, ...]) -> tuple[str, ...]:
    """The containers that live in the host's own namespace."""
    return tuple(f"{owner.runtime.value} {safe(owner.name)}" for owner in owners if owner.runtime is not Runtime.PROCESS)


def _contents(namespace: Namespace) -> str:
    """What a namespace without wires has."""
    if namespace.tables.error is not None:
        return safe(namespace.tables.error)
    count = len(namespace.links)
    return "1 link" if count == 1 else f"{count} links"


def name_of(link: Link | None, ifindex: int) -> str:
    """Its name, or its number where it could not be read."""
    return f"#{ifindex}" if link is None else safe(link.name)
