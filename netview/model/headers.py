"""A packet's headers of layers 3 and 4."""

from dataclasses import dataclass

from netview.model.flow import endpoint


@dataclass(frozen=True, slots=True)
class Headers:
    """A packet at one place on its way."""

    protocol: str
    """ "tcp", "udp", "icmp", "icmpv6"; another one as its number."""
    source: str
    destination: str
    source_port: int | None
    port: int | None
    length: int
    """Bytes of the whole network-layer packet."""
    ttl: int
    what: str
    """ "SYN", "echo request 3", …; "" where there is nothing to say."""
    stays: tuple[object, ...]
    """What no router and no translation of addresses changes."""

    @property
    def flow(self) -> str:
        """From where to where, in words."""
        return f"{endpoint(self.source, self.source_port)} → {endpoint(self.destination, self.port)}"
