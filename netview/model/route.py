"""Routes and policy rules."""

from dataclasses import dataclass

from netview.model.enums import Family


@dataclass(frozen=True, slots=True)
class NextHop:
    """One way of a multipath route."""

    gateway: str | None
    oif: int | None
    weight: int
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """One entry of one routing table (RTM_NEWROUTE). Words are iproute2's; a number without a word is that number as text."""

    family: Family
    table: str
    type: str
    """ "unicast", "local", "broadcast", "multicast", "blackhole", …"""
    protocol: str
    scope: str
    dst: str
    """ "default" or CIDR."""
    prefsrc: str | None = None
    gateway: str | None = None
    oif: int | None = None
    metric: int | None = None
    nexthops: tuple[NextHop, ...] = ()
    """Multipath only; then gateway and oif are None."""
    src: str | None = None
    """Source prefix (IPv6 subtrees)."""
    tos: int = 0
    flags: int = 0
    """RTNH_F_*: 1 dead, 4 onlink, 16 linkdown."""
    mtu: int | None = None
    nhid: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy rule (RTM_NEWRULE)."""

    family: Family
    priority: int
    src: str
    """ "all" or CIDR."""
    dst: str
    """ "all" or CIDR."""
    iif: str | None
    oif: str | None
    fwmark: str | None
    """ "0x1" or "0x1/0xff"."""
    action: str
    """ "lookup", "goto", "nop", "blackhole", "unreachable", "prohibit"."""
    table: str | None
    inverted: bool = False
