"""The host's own links to the outside."""

from netview.model import LinkKey, Snapshot


def uplinks_of(snapshot: Snapshot) -> tuple[LinkKey, ...]:
    """Home's hardware; without any, the links of its default routes."""
    home = snapshot.namespaces.get(snapshot.home)
    if home is None:
        return ()
    hardware = [ifindex for ifindex, link in home.links.items() if link.kind == "device"]
    routed = {route.oif for route in home.tables.routes if route.dst == "default"}
    return tuple(LinkKey(home.id, ifindex) for ifindex in hardware or [known for known in home.links if known in routed])
