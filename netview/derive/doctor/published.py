"""Ports that engines publish, and how they are led on."""

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from netview.derive.doctor.check import Answers
from netview.derive.doctor.probes import OUTSIDE, Hosted, around, hosted, known_link
from netview.derive.netfilter.hook import Outcome, at_hook
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

    @property
    def family(self) -> Family:
        """That of its address."""
        return Family.INET6 if ":" in self.address else Family.INET


@lru_cache(maxsize=1)
def published(snapshot: Snapshot) -> tuple[tuple[NamespaceId, PublishedPort], ...]:
    """TCP and UDP ports of each container with a namespace of its own, each as often as it is published."""
    return tuple(_published(snapshot))


def _published(snapshot: Snapshot) -> Iterator[tuple[NamespaceId, PublishedPort]]:
    for namespace in snapshot.namespaces.values():
        known = dict.fromkeys(port for owner in namespace.owners for port in owner.ports if port.host_port is not None)
        if not namespace.home:
            yield from ((namespace.id, port) for port in known if port.protocol in {"tcp", "udp"})


@lru_cache(maxsize=1)
def led(snapshot: Snapshot) -> tuple[Led, ...]:
    """Those that others reach through a bridge of the home namespace, once for each family."""
    ports = published(snapshot)
    if not ports:
        return ()
    places: dict[tuple[NamespaceId, Family], list[Hosted]] = {}
    for one in hosted(snapshot):
        if one.bridge.namespace == snapshot.home:
            places.setdefault((one.end.namespace, one.family), []).append(one)
    found: dict[Led, None] = {}
    for namespace, port in ports:
        for family in _families(port):
            those = tuple(places.get((namespace, family), ()))
            own = None if not those else _address(snapshot, those[0].uplink, family)
            address = own if port.host_address in ANY else port.host_address
            if address is not None and port.host_port is not None and those and not ip_address(address).is_loopback:
                found[Led(port, port.host_port, address, those)] = None
    return tuple(found)


def _families(port: PublishedPort) -> tuple[Family, ...]:
    """By which it is published; some engines say nothing where it is by both."""
    if not port.host_address:
        return Family.INET, Family.INET6
    return (Family.INET6,) if ":" in port.host_address else (Family.INET,)


def sent_to(
    snapshot: Snapshot, answers: Answers, ruleset: Ruleset, hook: Hook, one: Led, *, sender: Hosted | None = None
) -> Outcome:
    """What becomes of the first packet to a published port; None: of a sender outside."""
    came = known_link(snapshot, one.places[0].uplink if sender is None else sender.bridge)
    source = OUTSIDE[one.family] if sender is None else sender.address
    flow = Flow(one.port.protocol, source, one.address, None, one.number)
    return at_hook(ruleset, hook, Packet(flow, came, None), around(answers, snapshot.namespaces[snapshot.home]))


def _address(snapshot: Snapshot, key: LinkKey, family: Family) -> str | None:
    own = snapshot.namespaces[key.namespace].addresses_of(key.ifindex)
    return next((one.address for one in own if one.family is family and one.scope == "global"), None)
