"""Ports that engines publish, and how they are led on."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from netview.derive.doctor.probes import OUTSIDE, Hosted, hosted, known_link
from netview.derive.netfilter.hook import Outcome, at_hook
from netview.derive.netfilter.surroundings import NEW, Surroundings
from netview.model import Family, Flow, LinkKey, NamespaceId, Packet, Snapshot
from netview.model.owner import PublishedPort
from netview.model.ruleset import Hook, Ruleset

ANY = frozenset({None, "", "0.0.0.0", "::"})  # noqa: S104  # as engines tell of all addresses


class Led(NamedTuple):
    """A published port of a container behind a bridge."""

    port: PublishedPort
    number: int
    """On the host."""
    address: str
    """Of the host, that others reach it by."""
    places: tuple[Hosted, ...]
    """Where its container is plugged in."""

    @property
    def name(self) -> str:
        """Its number and protocol."""
        return f"{self.number}/{self.port.protocol}"


def published(snapshot: Snapshot) -> Iterator[tuple[NamespaceId, PublishedPort]]:
    """TCP and UDP ports of each container with a namespace of its own, each once."""
    for namespace in snapshot.namespaces.values():
        known = {
            (port.port, port.protocol): port for owner in namespace.owners for port in owner.ports if port.host_port is not None
        }
        if not namespace.home:
            yield from ((namespace.id, port) for port in known.values() if port.protocol in {"tcp", "udp"})


@lru_cache(maxsize=1)
def led(snapshot: Snapshot) -> tuple[Led, ...]:
    """Those that others reach over IPv4, through a bridge of the home namespace."""
    ports = list(published(snapshot))
    if not ports:
        return ()
    places: dict[NamespaceId, list[Hosted]] = {}
    for one in hosted(snapshot):
        if one.family is Family.INET and one.bridge.namespace == snapshot.home:
            places.setdefault(one.end.namespace, []).append(one)
    found = []
    for namespace, port in ports:
        those = tuple(places.get(namespace, ()))
        own = None if not those else _address(snapshot, those[0].uplink)
        address = own if port.host_address in ANY else port.host_address
        if those and address is not None and port.host_port is not None and not address.startswith("127.") and ":" not in address:
            found.append(Led(port, port.host_port, address, those))
    return tuple(found)


def sent_to(snapshot: Snapshot, ruleset: Ruleset, hook: Hook, one: Led, sender: Hosted | None = None) -> Outcome:
    """What becomes of the first packet to a published port; None: of a sender outside."""
    came = known_link(snapshot, one.places[0].uplink if sender is None else sender.bridge)
    source = OUTSIDE[Family.INET] if sender is None else sender.address
    flow = Flow(one.port.protocol, source, one.address, None, one.number)
    around = Surroundings(snapshot.namespaces[snapshot.home].tables, NEW)
    return at_hook(ruleset, hook, Packet(flow, came, None), around)


def _address(snapshot: Snapshot, key: LinkKey) -> str | None:
    own = snapshot.namespaces[key.namespace].addresses_of(key.ifindex)
    return next((one.address for one in own if one.family is Family.INET and one.scope == "global"), None)
