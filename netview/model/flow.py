"""What is sent: a flow's headers, and its packet at one place on the way."""

from dataclasses import dataclass

from netview.model.enums import Family
from netview.model.link import Link


@dataclass(frozen=True, slots=True)
class Flow:
    """The headers of a flow's packets in one direction, and the mark that one carries."""

    protocol: str
    """ "tcp", "udp", "icmp", "icmpv6"; another one as its number."""
    source: str
    destination: str
    source_port: int | None = None
    """None: an ephemeral one that is not known beforehand, or a protocol without ports."""
    port: int | None = None
    """The destination's; None: not told, or a protocol without ports."""
    icmp_type: int | None = None
    icmp_code: int | None = None
    tos: int = 0
    mark: int = 0
    """The packet's mark (skb->mark), which no header carries."""

    @property
    def family(self) -> Family:
        """That of its addresses."""
        return Family.INET6 if ":" in self.destination else Family.INET


def endpoint(address: str, port: int | None) -> str:
    """An address with a port, as it is written: "[2001:db8::1]:80"."""
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@dataclass(frozen=True, slots=True)
class Packet:
    """The first packet of a flow at one place in one namespace."""

    flow: Flow
    iif: Link | None
    """The link it came in by; None: a socket of this namespace sent it."""
    oif: Link | None
    """The link it leaves by; None: not decided yet, or it stays."""
    physical_in: Link | None = None
    """The bridge port it came in by, where the bridge itself is `iif` (br_netfilter)."""
    physical_out: Link | None = None
    """The bridge port it leaves by, where the bridge itself is `oif`; None: not decided yet."""
    source_mac: str | None = None
    length: int | None = None
    """Bytes of the whole network-layer packet; None: not told."""
    uid: int | None = None
    """Of the sending socket; None: not told, or sent elsewhere."""
