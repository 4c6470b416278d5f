"""Ports that are kept from each other, or that learn nothing."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from netview.derive.doctor import domains
from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.path.questions import Vlans
from netview.derive.proof import device
from netview.model import LinkKey, Snapshot

_Network = IPv4Network | IPv6Network


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Isolated ports never reach each other, nor do those of other VLANs; for one that does not learn frames are flooded."""
    for bridge, _ in links_of(snapshot, "bridge"):
        yield from _flags(check, snapshot, bridge)
    for bridge in domains.filtering(snapshot):
        known = domains.vlans_of(answers, bridge.namespace)
        if isinstance(known, str):
            yield check.unknown(known)
        else:
            yield from _untagged(check, snapshot, bridge, known)
            yield from _apart(check, snapshot, bridge, known)


def _flags(check: Check, snapshot: Snapshot, bridge: LinkKey) -> Told:
    ports = [(port, snapshot.link(port)) for port, _ in inner_ends(snapshot, bridge)]
    isolated = [port for port, link in ports if link is not None and link.port is not None and link.port.isolated]
    if len(isolated) > 1:
        yield check.finding(
            bridge,
            snapshot,
            severity="notice",
            confidence="certain",
            message=f"{len(isolated)} ports of {name_of(snapshot, bridge)} are isolated: what is behind"
            f" them does not reach each other",
            evidence=evidence(isolated=" ".join(_name(snapshot, port) for port in isolated)),
            command=["bridge", "-d", "link", "show"],
            remedy="if that is not meant: bridge link set dev … isolated off",
        )
    for port, link in ports:
        if link is not None and link.port is not None and not link.port.learning:
            yield check.finding(
                port,
                snapshot,
                severity="notice",
                confidence="likely",
                message=f"{name_of(snapshot, port)} learns no addresses: frames for what is behind it go to every port",
                evidence=evidence(learning=False),
                command=["bridge", "-d", "link", "show", "dev", device(snapshot, port)],
                remedy="if that is not meant: bridge link set dev … learning on",
            )


def _untagged(check: Check, snapshot: Snapshot, bridge: LinkKey, known: Vlans) -> Told:
    """Containers send and take frames without a tag."""
    for port, end in inner_ends(snapshot, bridge):
        vlan = domains.untagged(known, port)
        if vlan is not None and vlan.untagged:
            continue
        what = "drops what comes without a tag (it has no PVID)" if vlan is None else f"sends VLAN {vlan.first} with a tag"
        yield check.finding(
            port,
            snapshot,
            severity="warning",
            confidence="likely",
            message=f"{name_of(snapshot, port)} {what}, and {name_of(snapshot, end.namespace)} behind it knows no tags",
            evidence=evidence(pvid=None if vlan is None else vlan.first, untagged=None if vlan is None else vlan.untagged),
            command=["bridge", "vlan", "show", "dev", device(snapshot, port)],
            remedy="bridge vlan add vid … dev … pvid untagged",
        )


def _apart(check: Check, snapshot: Snapshot, bridge: LinkKey, known: Vlans) -> Told:
    """Whoever has addresses of one subnet expects to reach the others without a router."""
    members: dict[_Network, dict[int, LinkKey]] = {}
    for port, end in ((bridge, bridge), *inner_ends(snapshot, bridge)):
        vlan = domains.untagged(known, port)
        for subnet in _subnets(snapshot, end) if vlan is not None else ():
            members.setdefault(subnet, {}).setdefault(vlan.first if vlan is not None else 0, port)
    for subnet, those in members.items():
        if len(those) > 1:
            told = ", ".join(f"{_name(snapshot, port)} in VLAN {vid}" for vid, port in those.items())
            yield check.finding(
                bridge,
                snapshot,
                severity="warning",
                confidence="likely",
                message=f"{name_of(snapshot, bridge)} keeps apart what has addresses of {subnet}: {told}",
                evidence=evidence(subnet=str(subnet), pvids=" ".join(str(vid) for vid in those)),
                command=["bridge", "vlan", "show"],
                remedy="give the ports of one network the same PVID, or the networks subnets of their own",
            )


def _subnets(snapshot: Snapshot, end: LinkKey) -> Iterator[_Network]:
    for address in snapshot.namespaces[end.namespace].addresses_of(end.ifindex):
        if address.scope == "global":
            yield ip_network(f"{address.address}/{address.prefixlen}", strict=False)


def _name(snapshot: Snapshot, port: LinkKey) -> str:
    link = snapshot.link(port)
    return "?" if link is None else link.name


CHECK = Check(20, "ports isolated, not learning or in other VLANs", look, domains.asks)
