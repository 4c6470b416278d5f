"""What the kernel tells of a change, in the words of one namespace."""

from typing import Literal, NamedTuple

from netview.model.address import Address
from netview.model.link import BridgePort, Link
from netview.model.neighbour import FdbEntry, Neighbour
from netview.model.stats import LinkStats

TableName = Literal["addresses", "routes", "rules", "neighbours", "fdb"]
"""A field of `Tables` that is one table of the kernel's."""


class LinkTold(NamedTuple):
    """A link that is new or not what it was."""

    link: Link
    stats: LinkStats


class LinkGone(NamedTuple):
    """A link that is deleted, or in another namespace now."""

    ifindex: int


class LinkUnclear(NamedTuple):
    """A link of which something changed that the message does not hold."""

    ifindex: int


class PortTold(NamedTuple):
    """A bridge's port; of these changes nothing else tells."""

    ifindex: int
    port: BridgePort


class AddressTold(NamedTuple):
    """An address that is new, not what it was, or gone."""

    address: Address
    gone: bool


class NeighbourTold(NamedTuple):
    """A neighbour, likewise."""

    neighbour: Neighbour
    gone: bool


class FdbTold(NamedTuple):
    """A forwarding entry, likewise."""

    entry: FdbEntry
    gone: bool


class TableTold(NamedTuple):
    """A table whose new content follows from reading it alone."""

    table: TableName


Change = LinkTold | LinkGone | LinkUnclear | PortTold | AddressTold | NeighbourTold | FdbTold | TableTold
