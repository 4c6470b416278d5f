"""What FROM and TO mean: a namespace to start in, and an address to go to."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, NamedTuple

from netview.derive.find import Match, find
from netview.derive.path.prefixes import UNSPECIFIED, number, prefix
from netview.model import Address, Family, Flow, Link, LinkKey, NamespaceId, Snapshot

Protocol = Literal["tcp", "udp", "icmp"]
_NAMED = 3


class EndError(Exception):
    """An end that is unknown or ambiguous; the message is one line that says what to do."""


class Query(NamedTuple):
    """What a path is asked for, as it is typed."""

    source: str
    destination: str
    protocol: Protocol | None = None
    port: int | None = None
    size: int = 0
    """Bytes of its packets, which stay whole; 0: they fit."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What is walked."""

    start: NamespaceId
    flow: Flow
    oif: Link | None = None
    """The link that a link-local destination is meant on."""


def ends(snapshot: Snapshot, query: Query) -> Ends:
    """FROM and TO, by name or address; raises EndError."""
    source, destination, protocol, port, _ = query
    start = _match(snapshot, source)
    own = _address(source)
    if own is None and start.link is not None:
        own = next((one.address for one in _addresses(snapshot, start) if one.scope == "global"), None)
    to, _, zone = destination.partition("%")
    there = _address(to) or _chosen(snapshot, destination, start, own)
    family = Family.INET6 if ":" in there else Family.INET
    if own is not None and (":" in own) != (":" in there):
        raise EndError(f"{source} and {destination} have no addresses of the same family")
    flow = _flow(family, own or UNSPECIFIED[family], there, protocol, port)
    return Ends(start.namespace, flow, _zone(snapshot, start, there, zone))


def _flow(family: Family, source: str, destination: str, protocol: Protocol | None, port: int | None) -> Flow:
    word = protocol or ("icmp" if port is None else "tcp")
    if word == "icmp":
        if port is not None:
            raise EndError("icmp has no ports: leave --port away, or give --proto tcp or udp")
        six = family is Family.INET6
        return Flow("icmpv6" if six else "icmp", source, destination, icmp_type=128 if six else 8, icmp_code=0)
    return Flow(word, source, destination, port=port)


def _zone(snapshot: Snapshot, start: Match, there: str, zone: str) -> Link | None:
    """The link of a link-local address."""
    if not ip_address(there).is_link_local or ":" not in there:
        return None
    links = snapshot.namespaces[start.namespace].links
    if zone:
        return next((link for link in links.values() if link.name == zone), None)
    return None if start.link is None else links.get(start.link.ifindex)


def _match(snapshot: Snapshot, name: str) -> Match:
    """The one namespace that a name means, and the one link where it means one."""
    matches = find(snapshot, name)
    whole = [match for match in matches if match.link is None] or list(matches)
    if not whole:
        raise EndError(f"{name}: no container, namespace, link, address, MAC or pid here is called that")
    places = dict.fromkeys(match.namespace for match in whole)
    if len(places) > 1:
        labels = [snapshot.namespaces[place].label for place in places]
        more = "" if len(labels) <= _NAMED else f" and {len(labels) - _NAMED} more"
        raise EndError(f"{name} is in {', '.join(labels[:_NAMED])}{more}: name the namespace or the address")
    return whole[0]


def _addresses(snapshot: Snapshot, match: Match) -> list[Address]:
    known = snapshot.namespaces[match.namespace].tables.addresses
    return [one for one in known if match.link is None or LinkKey(match.namespace, one.ifindex) == match.link]


def _chosen(snapshot: Snapshot, name: str, start: Match, own: str | None) -> str:
    """The address of a place that its sender most likely means: on a network of both, IPv4 first."""
    match = _match(snapshot, name)
    known = [one for one in _addresses(snapshot, match) if one.scope == "global"]
    if own is not None:
        known = [one for one in known if (":" in one.address) == (":" in own)]
    if not known:
        raise EndError(f"{name} has no address that could be the destination: give one")
    near = [one for one in known if _is_near(snapshot, start, one)]
    return min(near or known, key=lambda one: one.family).address


def _is_near(snapshot: Snapshot, start: Match, address: Address) -> bool:
    for own in snapshot.namespaces[start.namespace].tables.addresses:
        if own.family is address.family and own.scope == "global":
            network = prefix(f"{own.address}/{own.prefixlen}", own.family)
            if network.holds(number(address.address)):
                return True
    return False


def _address(text: str) -> str | None:
    """An IP address in the kernel's spelling; None where it is none."""
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return None
