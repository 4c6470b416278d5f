"""Captured frames."""

from typing import NamedTuple


class Frame(NamedTuple):
    """A frame at a point."""

    point: int
    """Which one of the capture's points, from 0."""
    at_ns: int
    """Nanoseconds since the epoch."""
    length: int
    """Bytes on the wire; fewer may be kept."""
    network: int
    """Where the network layer begins in `data`."""
    outgoing: bool
    """Whether the link sends it."""
    data: bytes
    """From the link layer on, where the link has one."""
