"""A bridge with as many containers as one likes."""

from netview.model import LinkKey, NamespaceId, Sample
from tests.factories import HOME, a_link, a_sample, found, stats, tables

_BRIDGE = 2


def crowd(size: int, at: float) -> Sample:
    """All of them carry a megabyte a second into the container."""
    home = {1: a_link(1, "lo", "loopback"), _BRIDGE: a_link(_BRIDGE, "docker0", "bridge")}
    known = {HOME: found(HOME)}
    held = {}
    counters = {LinkKey(HOME, _BRIDGE): stats(0, 0)}
    nsids = {}
    for number in range(size):
        name, port = NamespaceId(f"c{1000 + number}"), 10 + number
        home[port] = a_link(port, f"veth{number}", "veth", link=2, link_nsid=number, master=_BRIDGE)
        inside = {1: a_link(1, "lo", "loopback"), 2: a_link(2, "eth0", "veth", link=port, link_nsid=0)}
        known[name] = found(name, names=(f"box{number}",))
        held[name] = tables(inside.values(), nsids={0: HOME})
        nsids[number] = name
        counters[LinkKey(HOME, port)] = stats(0, int(1_000_000 * at))
        counters[LinkKey(name, 2)] = stats(int(1_000_000 * at), 0)
    held = {HOME: tables(home.values(), nsids=nsids), **held}
    return a_sample(known, held, counters, at=at)
