"""A packet's headers as far as they are known before it is sent."""

from ipaddress import ip_address

from netview.derive.path.routing import PROTOCOLS
from netview.model import Family, Flow, Packet

Cells = list[int | None]
_SYN = 0x02
EPHEMERAL = -1
"""The upper byte of a port that the kernel hands out: not known, but no less than 4, for it hands out none below 1024."""


class Seen:
    """A packet with its headers, taken apart once."""

    def __init__(self, packet: Packet, *, opening: bool) -> None:
        self.packet = packet
        self.network = network(packet)
        self.transport = transport(packet, opening=opening)
        self.meta: dict[int, bytes | None] = {}
        """Filled as rules ask for it."""
        self.loaded: dict[int, bytes | None] = {}
        """The same, by the numbers of Quick."""


def network(packet: Packet) -> Cells:
    """The header of IP."""
    flow = packet.flow
    source, destination = ip_address(flow.source).packed, ip_address(flow.destination).packed
    if flow.family is Family.INET6:
        return [0x60, None, None, None, None, None, protocol(flow), None, *source, *destination]
    length = [None, None] if packet.length is None else list(packet.length.to_bytes(2, "big"))
    return [0x45, flow.tos, *length, None, None, None, None, None, protocol(flow), None, None, *source, *destination]


def transport(packet: Packet, *, opening: bool) -> Cells:
    """The header of TCP, UDP or ICMP; `opening`: it is the first packet."""
    flow = packet.flow
    if flow.protocol in {"icmp", "icmpv6"}:
        return [flow.icmp_type, flow.icmp_code, None, None]
    if flow.protocol not in {"tcp", "udp"}:
        return []
    ports = [*_port(flow.source_port), *_port(flow.port)]
    if flow.protocol == "udp":
        return [*ports, None, None, None, None]
    return [*ports, *([None] * 8), None, _SYN if opening else None, None, None, None, None, None, None]


def protocol(flow: Flow) -> int:
    """Its number."""
    known = PROTOCOLS.get(flow.protocol)
    return int(flow.protocol) if known is None else known


def _port(port: int | None) -> Cells:
    return [EPHEMERAL, None] if port is None else list(port.to_bytes(2, "big"))
