"""Connections as the kernel keeps track of them."""

from typing import NamedTuple

from netview.model.enums import Family


class Ends(NamedTuple):
    """One direction of a connection."""

    source: str
    destination: str
    source_port: int
    port: int
    """The destination's."""


class Connection(NamedTuple):
    """A connection with both of its directions (/proc/net/nf_conntrack)."""

    protocol: str
    """ "udp"."""
    family: Family
    original: Ends
    """As its first packet came."""
    reply: Ends
    """As the replies to it come, which tells what it was translated to."""
