"""What a namespace serves and whom it talks to: its sockets, counted, with the ports that are published for them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from ipaddress import ip_address
from typing import NamedTuple

from netview.model import Family, Link, Namespace, Owner, PublishedPort, Socket, Sockets

_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - nothing is bound here
Key = Callable[[Socket], tuple[object, ...]]


class Service(NamedTuple):
    """Sockets that wait for anybody at one address, or the connections with one peer."""

    protocol: str
    local: str
    """As `ss` writes it; of connections only their port in the namespace, or "" where each has another one."""
    remote: str
    """The peer, with its port where that is the one that serves; "" where anybody is waited for."""
    port: int
    """The port that serves, at this end or at the other."""
    state: str
    """iproute2's word; "" for a port that is published and that nothing listens on."""
    total: int
    """How many sockets; 0 of a port that is published in vain."""
    pids: tuple[int, ...]
    comms: tuple[str, ...]
    containers: tuple[str, ...]
    """Names of the containers that the processes are in."""
    families: str = ""
    """Whom a listener serves: "IPv4", "IPv6", "IPv4+IPv6", or "IPv6, IPv4?"."""
    published: tuple[PublishedPort, ...] = ()
    address: str = ""
    """Of a listener, bare."""
    peer: str = ""
    """The other end's address, bare."""

    @property
    def key(self) -> tuple[str, str, str, str, tuple[int, ...]]:
        """What tells it from the others of its namespace; the workers of one peer may change."""
        return self.protocol, self.local, self.remote, self.state, () if self.remote else self.pids


def services(namespace: Namespace, sockets: Sockets) -> tuple[Service, ...]:
    """What listens, what is published in vain, and the connections by peer."""
    listening = [socket for socket in sockets.entries if socket.listens]
    served = {(socket.protocol, socket.local_port) for socket in listening}
    listed = [_listener(namespace, group) for group in _grouped(listening, _place)]
    vain = _in_vain(namespace, listed) if sockets.unknown is None else ()
    talking = [socket for socket in sockets.entries if not socket.listens]
    peers = [_peer(namespace, group, served) for group in _grouped(talking, lambda socket: _peering(socket, served))]
    return (
        *sorted(listed, key=lambda one: (one.protocol, one.port, one.local)),
        *sorted(vain, key=lambda one: (one.protocol, one.port)),
        *sorted(peers, key=lambda one: (one.protocol, one.remote, one.port)),
    )


def local(socket: Socket, links: Mapping[int, Link]) -> str:
    """Address, link and port as `ss` writes them; "*" where an IPv6 socket takes IPv4 too."""
    address = "*" if socket.local == "::" and socket.v6only is False else _bracketed(socket.local)
    return f"{address}{_zone(socket, links)}:{socket.local_port}"


def remote(socket: Socket) -> str | None:
    """Address and port of the other end, as `ss` writes them; None: there is none."""
    return endpoint(socket.remote, socket.remote_port) if socket.remote_port else None


def endpoint(address: str, port: int) -> str:
    """Address and port as `ss` writes them."""
    return f"{_bracketed(address)}:{port}"


def families(socket: Socket) -> str:
    """Whom it serves; an IPv4 address inside an IPv6 one is IPv4."""
    if socket.family is Family.INET or socket.local.startswith("::ffff:"):
        return "IPv4"
    if socket.local != "::" or socket.v6only:
        return "IPv6"
    return "IPv6, IPv4?" if socket.v6only is None else "IPv4+IPv6"


def _place(socket: Socket) -> tuple[object, ...]:
    return socket.protocol, socket.local, socket.local_port, socket.ifindex, socket.state, socket.v6only, socket.pid


def _peering(socket: Socket, served: set[tuple[str, int]]) -> tuple[object, ...]:
    """The peer and the port that serves: this end's where something listens on it, else the other end's."""
    inward = (socket.protocol, socket.local_port) in served
    return socket.protocol, socket.remote, inward, socket.local_port if inward else socket.remote_port, socket.state


def _grouped(sockets: Iterable[Socket], key: Key) -> Collection[list[Socket]]:
    groups: dict[tuple[object, ...], list[Socket]] = {}
    for socket in sockets:
        groups.setdefault(key(socket), []).append(socket)
    return groups.values()


def _listener(namespace: Namespace, group: list[Socket]) -> Service:
    """Sockets of one process at one address: several take turns (SO_REUSEPORT)."""
    first = group[0]
    reached = first.local in _ANY or not ip_address(first.local).is_loopback
    published = tuple(known for known in _published(namespace.owners) if reached and _serves(first, known))
    name, port = local(first, namespace.links), first.local_port
    return _counted(namespace, group, name, "", port)._replace(families=families(first), published=published, address=first.local)


def _peer(namespace: Namespace, group: list[Socket], served: set[tuple[str, int]]) -> Service:
    first = group[0]
    if (first.protocol, first.local_port) in served:
        one = _counted(namespace, group, f":{first.local_port}", _bracketed(first.remote), first.local_port)
    else:
        one = _counted(namespace, group, "", endpoint(first.remote, first.remote_port), first.remote_port)
    return one._replace(peer=first.remote)


def _counted(namespace: Namespace, group: list[Socket], name: str, far: str, port: int) -> Service:
    holders = sorted({(socket.pid, socket.comm or "") for socket in group if socket.pid is not None})
    inside = dict.fromkeys(socket.container for socket in group if socket.container is not None)
    containers = tuple(owner.name for owner in namespace.owners if owner.id in inside)
    pids, comms = tuple(pid for pid, _ in holders), tuple(dict.fromkeys(comm for _, comm in holders))
    return Service(group[0].protocol, name, far, port, group[0].state.word, len(group), pids, comms, containers)


def _in_vain(namespace: Namespace, listed: Iterable[Service]) -> Iterable[Service]:
    """Ports that are published and that nothing listens on which could be reached."""
    answered = {known for one in listed for known in one.published}
    vain: dict[tuple[str, int], tuple[PublishedPort, ...]] = {}
    for known in _published(namespace.owners):
        if known not in answered:
            place = known.protocol, known.port
            vain[place] = (*vain.get(place, ()), known)
    for (protocol, port), published in vain.items():
        yield Service(protocol, f":{port}", "", port, "", 0, (), (), (), published=published)


def _published(owners: Iterable[Owner]) -> tuple[PublishedPort, ...]:
    """What the engines say is reachable from outside."""
    return tuple(dict.fromkeys(known for owner in owners for known in owner.ports if known.host_port is not None))


def _serves(socket: Socket, known: PublishedPort) -> bool:
    return (socket.protocol, socket.local_port) == (known.protocol, known.port)


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _zone(socket: Socket, links: Mapping[int, Link]) -> str:
    """The link that it is bound to."""
    if not socket.ifindex:
        return ""
    link = links.get(socket.ifindex)
    return f"%if{socket.ifindex}" if link is None else f"%{link.name}"
