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
    """Whether it takes what its selectors do not match."""
    tos: int = 0
    protocol: int | None = None
    """Of the IP header (ipproto)."""
    source_ports: tuple[int, int] | None = None
    """First and last (sport)."""
    ports: tuple[int, int] | None = None
    """First and last of the destination's (dport)."""
    uids: tuple[int, int] | None = None
    """First and last user that the sending socket may belong to."""
    target: int | None = None
    """The priority that "goto" goes on at."""
    suppress_prefixlength: int | None = None
    """Routes of a prefix of this length or shorter do not count."""
    suppress_ifgroup: int | None = None
    l3mdev: bool = False
    """Whether the table is that of the vrf which the packet is in."""
    others: tuple[int, ...] = ()
    """Further selectors (FRA_*) whose meaning netview does not know."""
