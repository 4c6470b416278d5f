"""Packets that were dropped, as the kernel counts and names them."""

from typing import Literal, NamedTuple

PROTOCOLS = {0x0800: "ip", 0x86DD: "ip6", 0x0806: "arp"}
"""Ethertypes in iproute2's words."""
DropSource = Literal["softnet", "interface", "qdisc", "conntrack", "protocol"]


class DropCounter(NamedTuple):
    """One counter of drops."""

    source: DropSource
    name: str
    """In the kernel's words: "rx_dropped", "TcpExtListenDrops", "insert_failed"."""
    ifindex: int | None = None
    """The link that it is about; None: the namespace, or for softnet the machine."""


class DropReason(NamedTuple):
    """What the kernel says of one dropped packet (tracepoint skb:kfree_skb)."""

    reason: str
    """Without its prefix: "NETFILTER_DROP", "NO_SOCKET"."""
    location: str
    """The kernel's function: "nf_hook_slow"."""
    protocol: int
    """Ethertype."""
    pid: int | None
    """Whose sending it was dropped in; None: it was dropped in an interrupt, which says nothing of whose it was."""
