"""A namespace's tables, kept up with what the kernel tells of their changes."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

from netview.derive.peers import PAIRED
from netview.model import Address, Family, FdbEntry, Link, LinkStats, Neighbour, Tables
from netview.model.change import (
    AddressTold,
    Change,
    FdbTold,
    LinkGone,
    LinkTold,
    LinkUnclear,
    NeighbourTold,
    PortTold,
    TableName,
    TableTold,
)

_IFA_F_SECONDARY = 0x01
# While one of these changes, the kernel drops and marks routes, and joins multicast groups, without a word.
_SILENT = ("flags", "operstate", "carrier", "mtu", "master", "address", "link", "link_nsid")
_FOLLOWING: frozenset[TableName] = frozenset({"routes", "fdb"})
T = TypeVar("T")
_Links = tuple[int | None, ...]
"""Those that an entry ends with, by ifindex."""


class Followed(NamedTuple):
    """The tables after some changes, and what those left open."""

    tables: Tables
    stale: frozenset[TableName]
    """Tables that are to be read again."""
    unclear: frozenset[int]
    """Links, by ifindex, that are to be asked for."""
    stats: Mapping[int, LinkStats]
    """Counters that came along, by ifindex."""
    gone: frozenset[int]
    """Links that ended, by ifindex, though there may be another one by now."""


def follow(tables: Tables, changes: Iterable[Change]) -> Followed:
    """Apply changes in their order. Unchanged tables, links and entries stay the same objects."""
    follower = _Follower(tables)
    for one in changes:
        follower.apply(one)
    return follower.followed()


class _Entries(Generic[T]):
    """One table by key, copied when first touched."""

    def __init__(self, entries: tuple[T, ...], key: Callable[[T], Hashable], links: Callable[[T], _Links]) -> None:
        self._before = entries
        self._key = key
        self._links = links
        self._now: dict[Hashable, T] | None = None
        self._of: dict[int | None, list[Hashable]] | None = None
        """Of each link the keys of entries that were ever its own; made when the first link ends."""

    def put(self, entry: T, *, gone: bool) -> None:
        now, key = self._touched(), self._key(entry)
        if gone:
            now.pop(key, None)
        elif now.get(key) != entry:
            now[key] = entry
            if self._of is not None:
                self._note(self._of, key, entry)

    def drop(self, ifindex: int) -> None:
        """All of a link that ended."""
        now = self._touched()
        if self._of is None:
            self._of = {}
            for key, entry in now.items():
                self._note(self._of, key, entry)
        for key in self._of.pop(ifindex, ()):
            if key in now and ifindex in self._links(now[key]):
                del now[key]

    def after(self) -> tuple[T, ...]:
        if self._now is None:
            return self._before
        after = tuple(self._now.values())
        return self._before if after == self._before else after

    def _note(self, of: dict[int | None, list[Hashable]], key: Hashable, entry: T) -> None:
        for ifindex in self._links(entry):
            of.setdefault(ifindex, []).append(key)

    def _touched(self) -> dict[Hashable, T]:
        if self._now is None:
            self._now = {self._key(entry): entry for entry in self._before}
        return self._now


class _Follower:
    """The tables on their way."""

    def __init__(self, tables: Tables) -> None:
        self._before = tables
        self._links: Mapping[int, Link] = tables.links
        self._addresses = list(tables.addresses)
        self._neighbours = _Entries(tables.neighbours, _neighbour_key, _neighbour_links)
        self._fdb = _Entries(tables.fdb, _fdb_key, _fdb_links)
        self._stale: set[TableName] = set()
        self._unclear: set[int] = set()
        self._stats: dict[int, LinkStats] = {}
        self._gone: set[int] = set()

    def apply(self, one: Change) -> None:
        """One change."""
        if isinstance(one, LinkTold):
            self._link(one.link)
            # The end that is made first is told of before it has a peer.
            if one.link.kind in PAIRED and not one.link.link:
                self._unclear.add(one.link.ifindex)
            self._stats[one.link.ifindex] = one.stats
        elif isinstance(one, LinkGone):
            self._link_gone(one.ifindex)
        elif isinstance(one, LinkUnclear):
            self._unclear.add(one.ifindex)
        elif isinstance(one, PortTold):
            self._port(one)
        elif isinstance(one, AddressTold):
            self._address(one)
        elif isinstance(one, NeighbourTold):
            self._neighbours.put(one.neighbour, gone=one.gone)
        elif isinstance(one, FdbTold):
            self._fdb.put(one.entry, gone=one.gone)
        elif isinstance(one, TableTold):
            self._stale.add(one.table)

    def followed(self) -> Followed:
        """What came of it."""
        before = self._before
        addresses = tuple(self._addresses)
        tables = replace(
            before,
            links=self._links,
            addresses=before.addresses if addresses == before.addresses else addresses,
            neighbours=self._neighbours.after(),
            fdb=self._fdb.after(),
        )
        same = all(getattr(tables, field) is getattr(before, field) for field in ("links", "addresses", "neighbours", "fdb"))
        unclear = frozenset(self._unclear & self._links.keys())
        return Followed(before if same else tables, frozenset(self._stale), unclear, self._stats, frozenset(self._gone))

    def _link(self, link: Link) -> None:
        before = self._links.get(link.ifindex)
        if before == link:
            # Twice told and the same in the end: in between it was not.
            if link.ifindex in self._stats:
                self._stale |= _FOLLOWING
            return
        if before is None or link.ifindex in self._stats or any(getattr(before, f) != getattr(link, f) for f in _SILENT):
            self._stale |= _FOLLOWING
        # Dumps are in the order of ifindex.
        in_order = before is not None or link.ifindex > max(self._links, default=0)
        links = {**self._links, link.ifindex: link}
        self._links = links if in_order else dict(sorted(links.items()))

    def _link_gone(self, ifindex: int) -> None:
        if ifindex in self._links:
            self._links = {number: link for number, link in self._links.items() if number != ifindex}
        self._stats.pop(ifindex, None)
        self._gone.add(ifindex)
        self._addresses = [address for address in self._addresses if address.ifindex != ifindex]
        self._neighbours.drop(ifindex)
        self._fdb.drop(ifindex)
        self._stale |= _FOLLOWING

    def _port(self, told: PortTold) -> None:
        link = self._links.get(told.ifindex)
        if link is None or link.master != told.port.bridge:
            self._unclear.add(told.ifindex)
        elif link.port != told.port:
            self._links = {**self._links, told.ifindex: replace(link, port=told.port)}
        # With a port's state the bridge's root may have changed.
        self._unclear.add(told.port.bridge)

    def _address(self, told: AddressTold) -> None:
        new = told.address
        key = _address_key(new)
        at = next((at for at, address in enumerate(self._addresses) if _address_key(address) == key), None)
        if told.gone:
            if at is not None:
                del self._addresses[at]
            self._stale |= _FOLLOWING
        elif at is not None:
            # One that was secondary may have changed its place.
            if (self._addresses[at].flags ^ new.flags) & _IFA_F_SECONDARY:
                self._stale.add("addresses")
            self._addresses[at] = new
        else:
            at = bisect_right(self._addresses, _place(new), key=_place)
            # Only the kernel knows the place among others of the same link.
            if at and _place(self._addresses[at - 1]) == _place(new):
                self._stale.add("addresses")
            self._addresses.insert(at, new)
            self._stale |= _FOLLOWING


def _place(address: Address) -> tuple[bool, int]:
    return address.family is Family.INET6, address.ifindex


def _address_key(address: Address) -> tuple[object, ...]:
    if address.family is Family.INET6:
        return address.ifindex, address.address
    return address.ifindex, address.address, address.prefixlen, address.peer


def _neighbour_key(entry: Neighbour) -> Hashable:
    return entry.ifindex, entry.family, entry.ip


def _neighbour_links(entry: Neighbour) -> _Links:
    return (entry.ifindex,)


def _fdb_links(entry: FdbEntry) -> _Links:
    return entry.ifindex, entry.bridge


def _fdb_key(entry: FdbEntry) -> Hashable:
    """A bridge's entry may move from port to port; a device's own, with several remote ends, does not."""
    if entry.bridge is not None and "self" not in entry.flags:
        return entry.bridge, entry.mac, entry.vlan
    return entry.ifindex, entry.mac, entry.vlan, entry.dst
