"""A snapshot as JSON: one object, ASCII only."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from netview.derive.nesting import around
from netview.export.contract import (
    AddressJson,
    BridgeJson,
    ClaimJson,
    EndJson,
    FdbJson,
    LinkJson,
    MacvlanJson,
    NamespaceJson,
    NeighbourJson,
    NestedJson,
    OwnerJson,
    PortJson,
    RouteJson,
    RuleJson,
    SnapshotJson,
    TunJson,
    UserNamespaceJson,
    VxlanJson,
)
from netview.export.facts import facts_json
from netview.export.sockets import sockets_json, unknown_json
from netview.model import (
    Address,
    BridgePort,
    Claim,
    FdbEntry,
    FoundBy,
    Link,
    LinkKey,
    LinkRef,
    Namespace,
    Neighbour,
    Owner,
    Route,
    Rule,
    Snapshot,
    UserNamespace,
)

SCHEMA = "netview.snapshot/1"


def encode(snapshot: Snapshot) -> str:
    r"""The snapshot as one line of ASCII; a byte that is not UTF-8 becomes `\udcXX`."""
    return ascii_json(snapshot_json(snapshot))


def ascii_json(told: object) -> str:
    """Anything as one line of JSON that can do nothing to a terminal."""
    with suppress(UnicodeEncodeError):
        text = msgspec.json.encode(told)
        if text.isascii():
            return _printable(text.decode("ascii"))
    # msgspec, five times quicker, refuses surrogates and writes C1 and bidi characters as they are.
    return _printable(json.dumps(told, ensure_ascii=True, separators=(",", ":")))


def _printable(text: str) -> str:
    """Neither of them escapes DEL."""
    return text.replace("\x7f", "\\u007f")


def snapshot_json(snapshot: Snapshot) -> SnapshotJson:
    """The whole contract, filled in."""
    return {
        "schema": SCHEMA,
        "taken_at": datetime.fromtimestamp(snapshot.taken_at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "kernel": snapshot.kernel,
        "hostname": snapshot.hostname,
        "home": snapshot.home,
        "namespaces": [_namespace(snapshot, namespace) for namespace in snapshot.namespaces.values()],
    }


def _namespace(snapshot: Snapshot, namespace: Namespace) -> NamespaceJson:
    found, tables = namespace.found, namespace.tables
    names = {ifindex: link.name for ifindex, link in tables.links.items()}
    addresses: dict[int, list[AddressJson]] = {}
    for address in tables.addresses:
        addresses.setdefault(address.ifindex, []).append(address_json(address))
    told: NamespaceJson = {
        "id": namespace.id,
        "inode": found.inode,
        "home": namespace.home,
        "label": namespace.label,
        "names": list(found.names),
        "paths": list(found.paths),
        "sources": [source.value for source in FoundBy if source in found.sources],
        "owners": [owner_json(owner) for owner in namespace.owners],
        "claims": [_claim(claim) for claim in namespace.claims],
        "user_namespace": _nested(snapshot, namespace),
        "processes": [{"pid": process.pid, "comm": process.comm} for process in found.processes],
        "error": tables.error,
        "unknown": [{"field": unknown.field, "reason": unknown.reason} for unknown in tables.unknown],
        "links": [link_json(snapshot, namespace, link, addresses.get(link.ifindex, [])) for link in tables.links.values()],
        "routes": [route_json(route, names) for route in tables.routes],
        "rules": [rule_json(rule) for rule in tables.rules],
        "neighbours": [neighbour_json(neighbour, names) for neighbour in tables.neighbours],
        "fdb": [fdb_json(entry, names) for entry in tables.fdb],
    }
    sockets = snapshot.sockets.get(namespace.id)
    if sockets is not None:
        told["sockets"] = sockets_json(namespace, sockets)
        told["unknown"] += unknown_json(sockets)
    if snapshot.facts:
        told["facts"] = facts_json(snapshot, namespace)
    return told


def _nested(snapshot: Snapshot, namespace: Namespace) -> NestedJson | None:
    user = namespace.found.user_namespace
    if user is None:
        return None
    return {**_user_namespace(user), "within": [other.id for other in around(snapshot, namespace)]}


def _user_namespace(user: UserNamespace) -> UserNamespaceJson:
    parent = None if user.parent is None else _user_namespace(user.parent)
    return {"inode": user.inode, "owner_uid": user.owner_uid, "parent": parent}


def _claim(claim: Claim) -> ClaimJson:
    owner, by = claim.owner, claim.by
    return {"name": owner.name, "id": owner.id, "runtime": owner.runtime.value, "socket": by.socket, "pid": by.pid, "uid": by.uid}


def owner_json(owner: Owner) -> OwnerJson:
    """An owner."""
    return {
        "runtime": owner.runtime.value,
        "id": owner.id,
        "name": owner.name,
        "pod": None if owner.pod is None else {"namespace": owner.pod.namespace, "name": owner.pod.name},
        "networks": list(owner.networks),
        "ports": [
            {
                "host_address": port.host_address,
                "host_port": port.host_port,
                "port": port.port,
                "protocol": port.protocol,
            }
            for port in owner.ports
        ],
    }


def link_json(snapshot: Snapshot, namespace: Namespace, link: Link, addresses: list[AddressJson]) -> LinkJson | dict[str, object]:
    """A link with its addresses, wire and counters."""
    key = LinkKey(namespace.id, link.ifindex)
    counters = snapshot.counters.get(key)
    known: LinkJson = {
        "ifindex": link.ifindex,
        "name": link.name,
        "altnames": list(link.altnames),
        "alias": link.alias,
        "kind": link.kind,
        "flags": list(link.flags.words),
        "operstate": link.operstate.word,
        "carrier": link.carrier,
        "mtu": link.mtu,
        "txqlen": link.txqlen,
        "address": link.address,
        "addresses": addresses,
        "master": link.master,
        "peer": _end(snapshot.peers.get(key)),
        "lower": _end(snapshot.lowers.get(key)),
        "stats": None if counters is None else counters._asdict(),
        "bridge": _bridge(link),
        "port": None if link.port is None else _port(link.port),
        "vxlan": _vxlan(link),
        "tun": _tun(link),
        "macvlan": _macvlan(link),
    }
    if link.details and link.kind not in known:
        return {**known, link.kind: dict(link.details)}
    return known


def address_json(address: Address) -> AddressJson:
    """An address."""
    return {
        "family": address.family.word,
        "address": address.address,
        "prefixlen": address.prefixlen,
        "scope": address.scope,
    }


def _end(end: LinkRef | None) -> EndJson | None:
    if end is None:
        return None
    return {"namespace": end.namespace, "nsid": end.nsid, "ifindex": end.ifindex, "name": end.name}


def _bridge(link: Link) -> BridgeJson | None:
    bridge = link.bridge
    if bridge is None:
        return None
    return {
        "id": bridge.id,
        "root_id": bridge.root_id,
        "stp": bridge.stp,
        "ageing_s": bridge.ageing_s,
        "vlan_filtering": bridge.vlan_filtering,
    }


def _port(port: BridgePort) -> PortJson:
    return {
        "bridge": port.bridge,
        "state": port.state.word,
        "cost": port.cost,
        "priority": port.priority,
        "hairpin": port.hairpin,
        "isolated": port.isolated,
        "learning": port.learning,
    }


def _vxlan(link: Link) -> VxlanJson | None:
    vxlan = link.vxlan
    if vxlan is None:
        return None
    return {
        "vni": vxlan.vni,
        "local": vxlan.local,
        "remote": vxlan.remote,
        "port": vxlan.port,
        "learning": vxlan.learning,
    }


def _tun(link: Link) -> TunJson | None:
    return None if link.tun is None else {"mode": link.tun.mode, "owner": link.tun.owner, "persist": link.tun.persist}


def _macvlan(link: Link) -> MacvlanJson | None:
    return None if link.macvlan is None else {"mode": link.macvlan.mode}


def route_json(route: Route, names: Mapping[int, str]) -> RouteJson:
    """A route, with its links by their names."""
    return {
        "family": route.family.word,
        "table": route.table,
        "type": route.type,
        "protocol": route.protocol,
        "scope": route.scope,
        "dst": route.dst,
        "prefsrc": route.prefsrc,
        "gateway": route.gateway,
        "dev": _name(route.oif, names),
        "oif": route.oif,
        "metric": route.metric,
        "nexthops": [
            {"gateway": hop.gateway, "dev": _name(hop.oif, names), "oif": hop.oif, "weight": hop.weight} for hop in route.nexthops
        ],
    }


def rule_json(rule: Rule) -> RuleJson:
    """A policy rule."""
    return {
        "family": rule.family.word,
        "priority": rule.priority,
        "src": rule.src,
        "dst": rule.dst,
        "iif": rule.iif,
        "oif": rule.oif,
        "fwmark": rule.fwmark,
        "action": rule.action,
        "table": rule.table,
    }


def neighbour_json(neighbour: Neighbour, names: Mapping[int, str]) -> NeighbourJson:
    """A neighbour; `names` of its namespace's links by ifindex."""
    return {
        "ifindex": neighbour.ifindex,
        "dev": names.get(neighbour.ifindex),
        "ip": neighbour.ip,
        "mac": neighbour.mac,
        "state": neighbour.state.word,
    }


def fdb_json(entry: FdbEntry, names: Mapping[int, str]) -> FdbJson:
    """A forwarding entry; `names` of its namespace's links by ifindex."""
    return {
        "ifindex": entry.ifindex,
        "dev": names.get(entry.ifindex),
        "bridge": entry.bridge,
        "mac": entry.mac,
        "vlan": entry.vlan,
        "dst": entry.dst,
        "state": entry.state,
        "flags": list(entry.flags),
    }


def _name(ifindex: int | None, names: Mapping[int, str]) -> str | None:
    return None if ifindex is None else names.get(ifindex)
