"""Where a packet goes, hop by hop, and what becomes of it."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from netview.model.flow import Flow
from netview.model.ids import LinkKey, NamespaceId
from netview.model.neighbour import FdbEntry, Neighbour
from netview.model.route import Route, Rule

Layer = Literal[2, 3, "netfilter", "tunnel"]
Decider = Route | Rule | Neighbour | FdbEntry | None


class Verdict(Enum):
    """What becomes of a flow's first packet."""

    DELIVERED = "delivered"
    FORWARDED = "forwarded"
    """It leaves this host."""
    DROPPED = "dropped"
    UNDECIDED = "undecided"
    NO_ROUTE = "no route"
    NO_LISTENER = "no listener"


@dataclass(frozen=True, slots=True)
class Hop:
    """One decision on the way. Words may hold names: see text.safe()."""

    namespace: NamespaceId
    link: LinkKey | None
    """The link that it is about; None: the namespace as a whole."""
    layer: Layer
    decision: str
    because: str
    fact: Decider = None
    """The entry that decided; None: the link itself, or a setting."""
    command: str | None = None
    """What shows the same by hand; None: nothing leads into the namespace."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path ends."""

    namespace: NamespaceId
    link: LinkKey | None


@dataclass(frozen=True, slots=True)
class PathMtu:
    """The largest packet that gets through."""

    bytes: int
    """Of the network layer, with its header."""
    limited_by: LinkKey


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """One direction of a flow, from where it starts to where it ends."""

    flow: Flow
    """As it is sent; translations are among the hops."""
    verdict: Verdict
    reason: str
    at: Place | None
    hops: tuple[Hop, ...]
    mtu: PathMtu | None = None
    """None: it passes no link."""
    back: "Path | None" = None
    """The way of the replies; None: there is none, or it begins elsewhere."""
