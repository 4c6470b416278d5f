"""Neighbours and forwarding entries."""

from dataclasses import dataclass

from netview.model.enums import Family, NeighbourState


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An ARP or NDP entry (RTM_NEWNEIGH)."""

    ifindex: int
    family: Family
    ip: str
    mac: str | None
    state: NeighbourState
    router: bool = False


@dataclass(frozen=True, slots=True)
class FdbEntry:
    """A forwarding entry of a bridge or a VXLAN device (RTM_NEWNEIGH, AF_BRIDGE)."""

    ifindex: int
    """The port, or the VXLAN device, it leads out of."""
    bridge: int | None
    """The bridge's ifindex (NDA_MASTER)."""
    mac: str
    vlan: int | None
    dst: str | None
    """The remote VTEP of a VXLAN entry."""
    state: str
    """iproute2's word: "permanent", "static", "stale", or "" for a learned, fresh one."""
    flags: tuple[str, ...]
    """iproute2's words: "self", "master", "extern_learn", …"""
