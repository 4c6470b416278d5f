"""Two networks that claim the same addresses."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.proof import device
from netview.model import LinkKey, Namespace, Snapshot
from netview.model.finding import Finding

_Network = IPv4Network | IPv6Network


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """A bridge's own subnet beside that of another link, or beside a route elsewhere: one of the two is not reached."""
    for namespace in snapshot.namespaces.values():
        bridges = {ifindex for ifindex, link in namespace.links.items() if link.kind == "bridge"}
        if not bridges:
            continue
        own = _subnets(namespace)
        for (one, first), (other, second) in combinations(own, 2):
            if one != other and {one, other} & bridges and first.version == second.version and first.overlaps(second):
                key = LinkKey(namespace.id, one if one in bridges else other)
                beside = other if key.ifindex == one else one
                yield _told(check, snapshot, key, one=first, other=second, by=_name(namespace, beside))
        for route in namespace.tables.routes:
            if route.table == "local" or route.protocol == "kernel" or route.oif in {None, *bridges}:
                continue
            network = _network(route.dst)
            if network is None:
                continue
            for ifindex, subnet in own:
                if ifindex in bridges and subnet.version == network.version and subnet.overlaps(network):
                    table = "" if route.table == "main" else f" in table {route.table}"
                    by = f"a route by {_name(namespace, route.oif or 0)}{table}"
                    yield _told(check, snapshot, LinkKey(namespace.id, ifindex), one=subnet, other=network, by=by)


def _told(check: Check, snapshot: Snapshot, key: LinkKey, *, one: _Network, other: _Network, by: str) -> Finding:
    return check.finding(
        key,
        snapshot,
        severity="warning",
        confidence="certain",
        message=f"{one} of {name_of(snapshot, key)} overlaps {other} ({by}): who has an address in both is reached by one only",
        evidence=evidence(subnet=str(one), other=str(other), by=by),
        command=["ip", "route", "show", "root", str(one)],
        remedy=f"move one of the two networks to other addresses; {device(snapshot, key)} is the bridge",
    )


def _subnets(namespace: Namespace) -> list[tuple[int, _Network]]:
    found: dict[tuple[int, _Network], None] = {}
    for address in namespace.tables.addresses:
        network = None if address.scope in {"host", "link"} else _network(f"{address.address}/{address.prefixlen}")
        if network is not None and network.num_addresses > 1:
            found[address.ifindex, network] = None
    return list(found)


@lru_cache(maxsize=4096)
def _network(text: str) -> _Network | None:
    """None for a default route: it overlaps everything, and means to."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network if network.prefixlen and not network.is_link_local and not network.is_multicast else None


def _name(namespace: Namespace, ifindex: int) -> str:
    link = namespace.links.get(ifindex)
    return f"if{ifindex}" if link is None else link.name


CHECK = Check(28, "overlapping subnets", look)
