"""What tells an entry of a table from the others, whatever else about it changes."""

from collections.abc import Hashable

from netview.model import Address, Route


def address_key(address: Address) -> Hashable:
    """Of an address in its namespace."""
    return address.ifindex, address.family, address.address, address.prefixlen, address.peer


def route_key(route: Route) -> Hashable:
    """Of a route in its namespace: what the kernel itself tells them apart by."""
    hops = tuple((hop.gateway, hop.oif) for hop in route.nexthops)
    return route.family, route.table, route.dst, route.type, route.metric, route.tos, route.oif, route.gateway, route.src, hops
