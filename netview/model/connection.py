"""Connections as the kernel keeps track of them."""

from typing import NamedTuple

from netview.model.enums import Family
from netview.model.flow import Flow, endpoint


class Ends(NamedTuple):
    """One direction of a connection."""

    source: str
    destination: str
    source_port: int | None
    """None: a protocol without ports."""
    port: int | None
    """The destination's."""

    @property
    def turned(self) -> "Ends":
        """The other way round."""
        return Ends(self.destination, self.source, self.port, self.source_port)

    def is_of(self, flow: Flow) -> bool:
        """Whether a flow has these ends, as far as it is told."""
        if (flow.source, flow.destination) != (self.source, self.destination):
            return False
        return flow.source_port in {None, self.source_port} and flow.port in {None, self.port}

    def __str__(self) -> str:
        return f"{endpoint(self.source, self.source_port)} → {endpoint(self.destination, self.port)}"


class Connection(NamedTuple):
    """A connection with both of its directions."""

    protocol: str
    """ "tcp", "udp", "icmp", "icmpv6"; another one as its number."""
    family: Family
    original: Ends
    """As its first packet came."""
    reply: Ends
    """As the replies to it come, which tells what it was translated to."""
    state: str = ""
    """Of TCP: "ESTABLISHED"; "" for others."""
    replied: bool | None = None
    """Whether there was a reply; None: not told."""
    expires_s: int | None = None
    """Seconds until it is forgotten where no packet comes; None: not told."""
