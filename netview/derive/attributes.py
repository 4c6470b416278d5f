"""What a link's kind adds to it, as names and values for people, in iproute2's words."""

from collections.abc import Iterable

from netview.derive.pair import End
from netview.model import Bridge, Hardware, Link, LinkRef, PublishedPort, Vxlan
from netview.text import UNKNOWN, safe

_PORTS_NAMED = 8
Attributes = tuple[tuple[str, str], ...]


def attributes(end: End) -> Attributes:
    """Of a bridge, a tunnel, hardware …; nothing for a plain veth. Values are safe to show."""
    link = end.link
    if link is None:
        return ()
    found: list[tuple[str, str]] = []
    if link.bridge is not None:
        found += [*_bridge(link.bridge), ("ports", _ports(end.ports))]
    if link.vxlan is not None:
        found += _vxlan(link.vxlan)
    if link.tun is not None:
        owner = "anyone" if link.tun.owner is None else f"uid {link.tun.owner}"
        found += [("mode", link.tun.mode), ("owner", owner), ("persist", _switch(on=link.tun.persist))]
    if link.macvlan is not None:
        found.append(("mode", link.macvlan.mode))
    if end.lower is not None:
        found.append(("over", _lower(end.lower)))
    if link.kind == "device":
        found += _hardware(end.hardware)
    found += [(safe(name), _value(value)) for name, value in link.details]
    return tuple(found)


def published(ports: Iterable[PublishedPort]) -> tuple[str, ...]:
    """Where each published port is reached and what it leads to: "0.0.0.0:8080→80/tcp", "[::]:8080→80/tcp". Safe to show."""
    return tuple(f"{_reached(port)}→{port.port}/{safe(port.protocol)}" for port in ports if port.host_port is not None)


def port_attributes(link: Link) -> Attributes:
    """Of a bridge's port."""
    port = link.port
    if port is None:
        return ()
    isolated = UNKNOWN if port.isolated is None else _switch(on=port.isolated)
    return (
        ("cost", str(port.cost)),
        ("priority", str(port.priority)),
        ("hairpin", _switch(on=port.hairpin)),
        ("isolated", isolated),
        ("learning", _switch(on=port.learning)),
    )


def _reached(port: PublishedPort) -> str:
    host = safe(port.host_address or "*")
    return f"[{host}]:{port.host_port}" if ":" in host else f"{host}:{port.host_port}"


def _bridge(bridge: Bridge) -> Attributes:
    return (
        ("id", bridge.id),
        ("root", "this bridge" if bridge.root_id == bridge.id else bridge.root_id),
        ("stp", _switch(on=bridge.stp)),
        ("ageing", f"{bridge.ageing_s:g} s"),
        ("vlan_filtering", _switch(on=bridge.vlan_filtering)),
    )


def _ports(ports: tuple[Link, ...]) -> str:
    named = ", ".join(safe(port.name) for port in ports[:_PORTS_NAMED])
    more = len(ports) - _PORTS_NAMED
    return f"{named} and {more} more" if more > 0 else named or "none"


def _vxlan(vxlan: Vxlan) -> Attributes:
    return (
        ("vni", str(vxlan.vni)),
        ("local", vxlan.local or "any"),
        ("remote", vxlan.remote or "by fdb"),
        ("port", str(vxlan.port)),
        ("learning", _switch(on=vxlan.learning)),
    )


def _hardware(hardware: Hardware | None) -> Attributes:
    if hardware is None:
        return (("speed", f"{UNKNOWN} not in this /sys"),)
    speed = f"{UNKNOWN} not told by the driver" if hardware.speed_mbps is None else f"{hardware.speed_mbps} Mbit/s"
    return (("speed", speed), ("duplex", hardware.duplex or UNKNOWN), ("driver", safe(hardware.driver or UNKNOWN)))


def _lower(lower: LinkRef) -> str:
    if lower.namespace is None:
        return f"#{lower.ifindex} in a namespace that cannot be seen: nsid {lower.nsid}"
    return f"{UNKNOWN if lower.name is None else safe(lower.name)} #{lower.ifindex}"


def _value(value: str | int | bool | None) -> str:
    if value is None:
        return UNKNOWN
    return _switch(on=value) if isinstance(value, bool) else safe(str(value))


def _switch(*, on: bool) -> str:
    return "on" if on else "off"
