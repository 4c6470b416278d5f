"""A network namespace: how it was found, what its tables hold, whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from netview.model.address import Address
from netview.model.enums import FoundBy
from netview.model.ids import NamespaceId
from netview.model.link import Link
from netview.model.neighbour import FdbEntry, Neighbour
from netview.model.owner import Claim, Owner
from netview.model.process import Process
from netview.model.route import Route, Rule
from netview.model.user_namespace import UserNamespace


@dataclass(frozen=True, slots=True)
class Unknown:
    """A field that could not be read, and why."""

    field: str
    reason: str


NOT_READ = "not read yet"
"""The reason of what is about to be read."""


@dataclass(frozen=True, slots=True)
class Found:
    """One namespace as discovery met it."""

    id: NamespaceId
    inode: int | None
    """None: nothing opens it; only the wires that lead into it tell of it."""
    sources: frozenset[FoundBy]
    paths: tuple[str, ...] = ()
    """Where it is mounted, in this mount namespace."""
    names: tuple[str, ...] = ()
    """Names under /run/netns."""
    processes: tuple[Process, ...] = ()
    """By seniority: the oldest first, kernel threads after all others."""
    user_namespace: UserNamespace | None = None
    """What it was made in; None: the user namespace that netview is in, or unknown."""
    elsewhere: tuple[tuple[int, str], ...] = ()
    """Where it is mounted in others: a process there, and the path as that one sees it. Raw; not all of very many."""


_NO_LINKS: Mapping[int, Link] = MappingProxyType({})
_NO_NSIDS: Mapping[int, NamespaceId] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """What netlink said inside one namespace."""

    links: Mapping[int, Link] = field(default_factory=lambda: _NO_LINKS)
    """By ifindex, in the kernel's order."""
    addresses: tuple[Address, ...] = ()
    routes: tuple[Route, ...] = ()
    rules: tuple[Rule, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    fdb: tuple[FdbEntry, ...] = ()
    nsids: Mapping[int, NamespaceId] = field(default_factory=lambda: _NO_NSIDS)
    """This namespace's own numbers for others; one that is absent leads to a namespace that cannot be seen."""
    unknown: tuple[Unknown, ...] = ()
    error: str | None = None
    """Why nothing, or not all, could be read: "needs CAP_SYS_ADMIN"."""


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """One resolved namespace of a snapshot."""

    found: Found
    tables: Tables
    label: str
    """The name for people: a container, a netns name, "host", a process. Raw: see text.safe()."""
    home: bool = False
    owners: tuple[Owner, ...] = ()
    claims: tuple[Claim, ...] = ()
    """What an engine says of it that the kernel does not bear out."""

    @property
    def id(self) -> NamespaceId:
        """Its identity."""
        return self.found.id

    @property
    def links(self) -> Mapping[int, Link]:
        """Its links by ifindex, in the kernel's order."""
        return self.tables.links

    def addresses_of(self, ifindex: int) -> tuple[Address, ...]:
        """The addresses of one of its links, in the kernel's order."""
        return tuple(a for a in self.tables.addresses if a.ifindex == ifindex)
