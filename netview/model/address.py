"""An address on a link."""

from dataclasses import dataclass

from netview.model.enums import Family


@dataclass(frozen=True, slots=True)
class Address:
    """One address of one link (RTM_NEWADDR)."""

    ifindex: int
    family: Family
    address: str
    """The link's own address (IFA_LOCAL where there is one)."""
    prefixlen: int
    scope: str
    """iproute2's word: "global", "site", "link", "host", or a number."""
    peer: str | None = None
    """Far address of a point-to-point link."""
    broadcast: str | None = None
    label: str | None = None
    flags: int = 0
    """IFA_F_*: 0x80 permanent, 0x40 tentative, 0x08 duplicate found."""
