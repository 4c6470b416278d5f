"""A network interface and what its kind adds to it."""

from dataclasses import dataclass

from netview.model.enums import LinkFlag, OperState, PortState

Detail = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge's own attributes (IFLA_INFO_DATA)."""

    id: str
    """As brctl and sysfs print it: "8000.0242d8e4dfc1"."""
    root_id: str
    stp: bool
    ageing_s: float
    vlan_filtering: bool
    vlan_protocol: str = "802.1Q"
    """Which tags it filters by, "802.1Q" or "802.1ad"."""
    nf_call_iptables: bool | None = None
    nf_call_ip6tables: bool | None = None


@dataclass(frozen=True, slots=True)
class BridgePort:
    """A link as port of a bridge (IFLA_INFO_SLAVE_DATA)."""

    bridge: int
    """The bridge's ifindex, in the same namespace."""
    state: PortState
    cost: int
    priority: int
    number: int | None
    """The port's number on its bridge, from 1 (low bits of IFLA_BRPORT_NO)."""
    hairpin: bool
    isolated: bool | None
    learning: bool


@dataclass(frozen=True, slots=True)
class Vxlan:
    """A VXLAN tunnel end (IFLA_INFO_DATA)."""

    vni: int
    local: str | None
    remote: str | None
    """The default remote VTEP or multicast group."""
    port: int
    """UDP destination port."""
    learning: bool
    link: int | None
    """IFLA_VXLAN_LINK: the underlay's ifindex, in the underlay's namespace."""


@dataclass(frozen=True, slots=True)
class Tun:
    """A tun or tap device."""

    mode: str
    """ "tun" or "tap"."""
    owner: int | None
    """uid, where one is set."""
    persist: bool


@dataclass(frozen=True, slots=True)
class Macvlan:
    """A macvlan or macvtap."""

    mode: str
    """ "private", "vepa", "bridge", "passthru" or "source"."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What only sysfs tells, home namespace only."""

    speed_mbps: int | None
    duplex: str | None
    driver: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """One interface in one namespace (RTM_NEWLINK). Names are raw: see text.safe()."""

    ifindex: int
    name: str
    kind: str
    """IFLA_INFO_KIND; "loopback" for lo, "device" where the kernel gives none."""
    flags: LinkFlag
    operstate: OperState
    carrier: bool | None
    mtu: int
    txqlen: int | None
    address: str | None
    """Link-layer address, "02:42:ac:11:00:02"; an IP address for IP tunnels; None where there is none."""
    broadcast: str | None = None
    altnames: tuple[str, ...] = ()
    alias: str | None = None
    master: int | None = None
    link: int | None = None
    """IFLA_LINK as reported: a peer for veth and netkit, a lower for macvlan, ipvlan and vlan."""
    link_nsid: int | None = None
    """IFLA_LINK_NETNSID, in this namespace's numbering; None: the same namespace."""
    port_kind: str | None = None
    """IFLA_INFO_SLAVE_KIND: "bridge", "bond", …"""
    qdisc: str | None = None
    carrier_changes: int | None = None
    hardware_type: int = 1
    """ARPHRD_*: 1 Ethernet, 772 loopback."""
    bridge: Bridge | None = None
    port: BridgePort | None = None
    vxlan: Vxlan | None = None
    tun: Tun | None = None
    macvlan: Macvlan | None = None
    details: tuple[tuple[str, Detail], ...] = ()
    """Of kinds without a type of their own, with iproute2's names."""
