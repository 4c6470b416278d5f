"""The wiring as text for people.

lab-vm · Linux 6.18.44 · root · 3 namespaces · 2026-11-23 22:41:07 UTC
eth0 · device · UP · 203.0.113.7/24
docker0 · bridge · UP · 172.17.0.1/16 · 2 ports
├─ nginx-1 eth0 172.17.0.2/16 ⇄ veth9c02e56 · port 1 forwarding · docker · 0.0.0.0:8080→80/tcp
└─ nginx-2 eth0 172.17.0.3/16 ⇄ veth5a5cdcf · port 2 forwarding · docker
not read
└─ sshd[311] · needs CAP_SYS_ADMIN
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from netview.derive.attributes import published
from netview.derive.nesting import around
from netview.derive.wiring import Group, Wire, WireKind, forest
from netview.export import sockets
from netview.export.which import name_of, nature, place
from netview.model import Link, LinkFlag, LinkKey, Namespace, OperState, Runtime, Snapshot
from netview.text import safe

_DOT = " · "
_AROUND_NAMED = 3


def lines(snapshot: Snapshot) -> Iterator[str]:
    """Every bridge with what is plugged into it, uplinks before, all other wires after; each line safe to print."""
    yield _title(snapshot)
    for notice in snapshot.notices:
        yield f"⚠ {safe(notice.source)}: {safe(notice.text)}"
    for group in forest(snapshot):
        yield from _group(snapshot, group)
    yield from sockets.lines(snapshot)


def _title(snapshot: Snapshot) -> str:
    count = len(snapshot.namespaces)
    at = datetime.fromtimestamp(snapshot.taken_at, UTC)
    return _DOT.join(
        (
            safe(snapshot.hostname),
            f"Linux {safe(snapshot.kernel)}",
            safe(snapshot.user),
            "1 namespace" if count == 1 else f"{count} namespaces",
            f"{at:%Y-%m-%d %H:%M:%S} UTC",
        )
    )


def _group(snapshot: Snapshot, group: Group) -> Iterator[str]:
    head, members = group
    yield safe(head.text) if head.link is None else _link(snapshot, head.link, named=False)
    for wire in members:
        yield f"{'└─' if wire is members[-1] else '├─'} {_member(snapshot, wire)}"


def _member(snapshot: Snapshot, wire: Wire) -> str:
    namespace = None if wire.namespace is None else snapshot.namespaces.get(wire.namespace)
    if wire.kind is WireKind.PAIR:
        return _pair(snapshot, wire, namespace)
    if wire.link is not None:
        return _DOT.join([_link(snapshot, wire.link, named=True), *([] if namespace is None else _owned(snapshot, namespace))])
    words = [] if namespace is None else [safe(namespace.label), *_owned(snapshot, namespace)]
    return _DOT.join([*words, safe(wire.text)] if wire.text else words)


def _pair(snapshot: Snapshot, wire: Wire, namespace: Namespace | None) -> str:
    """A container's end, the other end, and where that is plugged in."""
    inside = None if wire.link is None else snapshot.link(wire.link)
    words = [safe(wire.text) if namespace is None else safe(namespace.label)]
    if wire.link is not None:
        words.append(name_of(inside, wire.link.ifindex))
        words += [] if namespace is None else _addresses(namespace, wire.link.ifindex)
    far = wire.far
    outside = None if far is None or far.key is None else snapshot.link(far.key)
    if far is not None:
        known = [key.namespace for key in (wire.link, wire.parent) if key is not None]
        words += ["⇄", name_of(outside, far.ifindex) + place(snapshot, far.key, *known)]
    rest = _plugged(outside)
    rest += [f"{word} end {state}" for word, end in (("this", inside), ("other", outside)) if (state := _trouble(end))]
    return _DOT.join([" ".join(words), *rest, *([] if namespace is None else _owned(snapshot, namespace))])


def _link(snapshot: Snapshot, key: LinkKey, *, named: bool) -> str:
    """A link that has no other end; `named` puts its namespace first even where that is home."""
    namespace, link = snapshot.namespaces[key.namespace], snapshot.link(key)
    if link is None:
        return f"#{key.ifindex}"
    elsewhere = place(snapshot, key, snapshot.home)
    name = f"{safe(namespace.label)} {safe(link.name)}" if named else f"{safe(link.name)}{elsewhere}"
    state = _trouble(link) or link.operstate.word
    return _DOT.join((name, *nature(snapshot, key, link), state, *_addresses(namespace, key.ifindex), *_plugged(link)))


def _addresses(namespace: Namespace, ifindex: int) -> list[str]:
    return [f"{safe(address.address)}/{address.prefixlen}" for address in namespace.addresses_of(ifindex)]


def _plugged(link: Link | None) -> list[str]:
    """Its place on the bridge that it is listed under."""
    if link is None or link.port is None:
        return []
    return [f"port {'?' if link.port.number is None else link.port.number} {link.port.state.word}"]


def _trouble(link: Link | None) -> str | None:
    """Why it carries nothing."""
    if link is None or link.operstate in {OperState.UP, OperState.UNKNOWN}:
        return None
    return link.operstate.word if link.flags & LinkFlag.UP else "not set up"


def _owned(snapshot: Snapshot, namespace: Namespace) -> list[str]:
    """Whose it is, where the label does not tell, what it publishes, and what is only claimed of it."""
    runtimes = dict.fromkeys(owner.runtime for owner in namespace.owners)
    words = [runtime.value for runtime in runtimes if runtime not in {Runtime.PROCESS, Runtime.NETNS}]
    words += [text for owner in namespace.owners for text in published(owner.ports)]
    words += _nested(snapshot, namespace)
    return words + [f"({safe(str(claim))})" for claim in namespace.claims]


def _nested(snapshot: Snapshot, namespace: Namespace) -> list[str]:
    """Whose user namespace it was made in, and whose that is within."""
    user = namespace.found.user_namespace
    if user is None:
        return []
    names = [safe(other.label) for other in around(snapshot, namespace)]
    more = len(names) - _AROUND_NAMED
    within = ", ".join(names[:_AROUND_NAMED]) + (f" and {more} more" if more > 0 else "")
    return [f"user namespace of uid {user.owner_uid}" + (f" within {within}" if within else "")]
