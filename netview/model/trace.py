"""What the kernel tells of packets that it traces through its rules."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from netview.model.headers import Headers
from netview.model.ids import NamespaceId

TraceKind = Literal["rule", "return", "policy"]


class TraceMatch(NamedTuple):
    """Packets that are to be traced; None: whichever."""

    protocol: str | None = None
    """ "tcp", "udp", "icmp", "icmpv6"."""
    source: str | None = None
    destination: str | None = None
    source_port: int | None = None
    port: int | None = None
    """The destination's."""


@dataclass(frozen=True, slots=True)
class TraceHit:
    """One line of a trace (NFT_MSG_TRACE): a packet met a rule, the end of a chain or a chain's policy."""

    packet: int
    """The kernel's number for the packet in its namespace, which another packet may get later."""
    family: str
    """In nft's words: "ip", "inet", "bridge", …"""
    table: str
    chain: str
    kind: TraceKind
    verdict: str
    """ "accept", "drop", "continue", "jump", "goto", "return", "queue", …; "" where none is told."""
    handle: int | None = None
    """The rule's; None: it is about the chain."""
    to: str | None = None
    """The chain that it goes on in after a jump."""
    iif: int | None = None
    oif: int | None = None
    mark: int = 0
    headers: Headers | None = None
    """The packet as it is told by the first line of each base chain."""


class Traced(NamedTuple):
    """A line, where and when."""

    at: float
    """Seconds since the epoch, when it was read."""
    namespace: NamespaceId
    hit: TraceHit
