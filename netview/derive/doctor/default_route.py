"""A gateway that nobody on the bridge is."""

from ipaddress import ip_address

from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of
from netview.derive.doctor.gist import gists
from netview.derive.doctor.probes import behind, bridge_beyond
from netview.derive.proof import device
from netview.model import Family, LinkFlag, LinkKey, Snapshot
from netview.model.finding import Finding


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """Where all that is plugged into a bridge can be seen, its gateway is the bridge or one of them."""
    there: dict[LinkKey, frozenset[str] | None] = {}
    for place, gist in gists(snapshot).items():
        if place == snapshot.home or gist.tables.error is not None:
            continue
        for route in gist.defaults:
            if route.gateway is None or route.oif is None:
                continue
            bridge = bridge_beyond(snapshot, LinkKey(place, route.oif))
            if bridge is None:
                continue
            if bridge not in there:
                there[bridge] = _plugged(snapshot, bridge)
            known = there[bridge]
            if known is None or route.gateway in known:
                continue
            if not ip_address(route.gateway).is_link_local:
                yield _told(check, snapshot, LinkKey(place, route.oif), bridge, route.gateway)
    yield from _without(check, snapshot)


def _without(check: Check, snapshot: Snapshot) -> Told:
    """Beside others that go on by the bridge, one that knows no way on; where none does, that is how it is meant."""
    served = {(one.bridge, one.family): one for one in behind(snapshot)}
    known = gists(snapshot)
    for (bridge, family), other in served.items():
        for _, end in inner_ends(snapshot, bridge):
            gist = known[end.namespace]
            if any(route.family is family for route in gist.defaults) or end.namespace == snapshot.home:
                continue
            link = snapshot.link(end)
            if link is None or not link.flags & LinkFlag.UP:
                continue
            if not any(one.ifindex == end.ifindex and one.family is family for one in gist.own):
                continue
            option = ["-6"] if family is Family.INET6 else []
            yield check.finding(
                end,
                snapshot,
                severity="warning",
                confidence="likely",
                message=f"{name_of(snapshot, end.namespace)} has no default route, and {name_of(snapshot, other.end.namespace)}"
                f" beside it goes on by {other.gateway}: it reaches nobody beyond its bridge",
                evidence=evidence(family=family.word, default=None, gateway=other.gateway),
                command=["ip", *option, "route", "show", "default"],
                remedy=f"ip route add default via {other.gateway}, or start the container anew",
            )


def _plugged(snapshot: Snapshot, bridge: LinkKey) -> frozenset[str] | None:
    """The addresses of a bridge and of all that is plugged into it; None where not all of it can be seen."""
    inside = list(inner_ends(snapshot, bridge))
    if len(inside) < len(snapshot.ports_of(bridge)):
        return None  # What is behind the others may well be the gateway.
    return frozenset(address for end in (bridge, *(end for _, end in inside)) for address in _addresses(snapshot, end))


def _told(check: Check, snapshot: Snapshot, key: LinkKey, bridge: LinkKey, gateway: str) -> Finding:
    link = snapshot.namespaces[bridge.namespace].links[bridge.ifindex]
    return check.finding(
        key,
        snapshot,
        severity="error",
        confidence="likely",
        message=f"the gateway {gateway} of {name_of(snapshot, key.namespace)} is neither {link.name} nor"
        f" anything plugged into it",
        evidence=evidence(gateway=gateway, bridge=link.name, bridge_addresses=" ".join(_addresses(snapshot, bridge))),
        command=["ip", "route", "show", "default", "dev", device(snapshot, key)],
        remedy="give the bridge that address, or the container the bridge's as its gateway",
    )


def _addresses(snapshot: Snapshot, key: LinkKey) -> list[str]:
    namespace = snapshot.namespaces.get(key.namespace)
    return [] if namespace is None else [address.address for address in namespace.addresses_of(key.ifindex)]


CHECK = Check(27, "default route missing or wrong", look)
