"""A gateway that nobody on the bridge is."""

from ipaddress import ip_address

from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of
from netview.derive.proof import device
from netview.model import LinkKey, Route, Snapshot


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """Where all that is plugged into a bridge can be seen, its gateway is the bridge or one of them."""
    for namespace in snapshot.namespaces.values():
        if namespace.home or namespace.tables.error is not None:
            continue
        for route in namespace.tables.routes:
            if route.dst == "default" and route.gateway is not None and route.oif is not None:
                yield from _judged(check, snapshot, LinkKey(namespace.id, route.oif), route)


def _judged(check: Check, snapshot: Snapshot, key: LinkKey, route: Route) -> Told:
    peer = snapshot.peer(key)
    bridge = None if peer is None or peer.key is None else snapshot.master_of(peer.key)
    link = None if bridge is None else snapshot.link(bridge)
    if bridge is None or link is None or link.kind != "bridge" or route.gateway is None:
        return
    inside = list(inner_ends(snapshot, bridge))
    if len(inside) < len(snapshot.ports_of(bridge)):
        return  # What is behind the others may well be the gateway.
    there = {address for end in (bridge, *(end for _, end in inside)) for address in _addresses(snapshot, end)}
    gateway = route.gateway
    if ip_address(gateway).is_link_local or gateway in there:
        return
    yield check.finding(
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


CHECK = Check(27, "gateway is not on the bridge", look)
