"""A bridge with as many containers as one likes."""

from netview.model import LinkKey, NamespaceId, Sample
from tests.factories import HOME, a_link, a_route, a_sample, an_address, found, stats, tables

_BRIDGE = 2


def crowd(size: int, at: float) -> Sample:
    """All of them carry a megabyte a second into the container."""
    home = {1: a_link(1, "lo", "loopback"), _BRIDGE: a_link(_BRIDGE, "docker0", "bridge"), 3: a_link(3, "eth0", "device")}
    known = {HOME: found(HOME)}
    held = {}
    counters = {LinkKey(HOME, _BRIDGE): stats(0, 0)}
    nsids = {}
    for number in range(size):
        name, port = NamespaceId(f"c{1000 + number}"), 10 + number
        home[port] = a_link(port, f"veth{number}", "veth", link=2, link_nsid=number, master=_BRIDGE)
        inside = {1: a_link(1, "lo", "loopback"), 2: a_link(2, "eth0", "veth", link=port, link_nsid=0)}
        known[name] = found(name, names=(f"box{number}",))
        address = f"10.77.{(number + 2) >> 8}.{(number + 2) & 255}"
        addresses = (an_address(1, "127.0.0.1/8", "host"), an_address(2, f"{address}/16"))
        routes = (a_route("default", 2, "10.77.0.1"), a_route("10.77.0.0/16", 2, protocol="kernel"))
        held[name] = tables(inside.values(), nsids={0: HOME}, addresses=addresses, routes=routes)
        nsids[number] = name
        counters[LinkKey(HOME, port)] = stats(0, int(1_000_000 * at))
        counters[LinkKey(name, 2)] = stats(int(1_000_000 * at), 0)
    outside = (a_route("default", 3, "203.0.113.1"), a_route("10.77.0.0/16", _BRIDGE, protocol="kernel"))
    addresses = (an_address(_BRIDGE, "10.77.0.1/16"), an_address(3, "203.0.113.7/24"))
    held = {HOME: tables(home.values(), nsids=nsids, addresses=addresses, routes=outside), **held}
    return a_sample(known, held, counters, at=at)
