"""Policies of IPsec (xfrm)."""

from typing import Literal, NamedTuple

from netview.model.enums import Family


class Policy(NamedTuple):
    """What becomes of packets that a selector fits."""

    number: int
    """The kernel's index."""
    direction: Literal["in", "out", "fwd"]
    priority: int
    """The least one counts."""
    family: Family | None
    """None: of both."""
    source: bytes
    source_length: int
    destination: bytes
    destination_length: int
    protocol: int
    """0: any."""
    source_port: tuple[int, int]
    """Value and mask."""
    port: tuple[int, int]
    ifindex: int
    """0: any link."""
    mark: tuple[int, int]
    """Value and mask."""
    blocks: bool
    transforms: bool
    """Whether it asks for a tunnel or encryption."""
