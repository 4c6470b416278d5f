"""The other reader: every fact through pyroute2's own calls and decoder, slower, for kernels not met yet."""

import os
import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Self, TypeVar

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from netview.kernel.netlink import RouteSocket
from netview.kernel.place import HERE, Place
from netview.kernel.pyroute2_link import link, stats
from netview.kernel.pyroute2_message import Message
from netview.kernel.pyroute2_tables import address, fdb_entry, neighbour, route, rule
from netview.kernel.reader import EVERY, Part, Read
from netview.model import Family, Link, LinkStats, StatsRow, Tables, Unknown
from netview.model.change import TableName
from netview.model.stats import row_of

_LINK_64 = 1
_SKIP_STATS = 8  # Without any filter the kernel leaves out links of more than 32 KiB.
T = TypeVar("T")
Dump = Callable[..., Iterable[Message]]
Decode = Callable[[Message], T | None]


class Pyroute2Reader:
    """Reads the namespace at a place; not where an asyncio loop runs, since IPRoute runs one of its own."""

    def __init__(self, place: Place = HERE) -> None:
        self._place = place
        self._socket = None if place is HERE else _bound(place)
        self._route = IPRoute(use_socket=self._socket)
        self._unknown: list[Unknown] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._route.close()
        if self._socket is not None:
            self._socket.close()

    def cookie(self) -> int | None:
        """The namespace's identity, for which pyroute2 has no call."""
        with RouteSocket(self._place) as asked:
            return asked.cookie()

    def counters(self) -> Mapping[int, StatsRow]:
        """One RTM_GETSTATS dump."""
        try:
            dump = self._route.stats("dump", filter_mask=_LINK_64)
        except NetlinkError as error:
            raise OSError(error.code, os.strerror(error.code)) from error
        return {message["ifindex"]: row_of(stats(message.get_attr("IFLA_STATS_LINK_64"))) for message in dump}

    def counters_of(self, links: Collection[int]) -> Mapping[int, StatsRow]:
        """The same, and what is not asked for left out."""
        return {ifindex: row for ifindex, row in self.counters().items() if ifindex in links}

    def tables(self, _wanted: AbstractSet[TableName] = EVERY) -> Read:
        """Every table, wanted or not; one that cannot be read is named and leaves the others alone."""
        found = dict(self._entries("links", self._by_ifindex, self._route.get_links, ext_mask=_SKIP_STATS))
        links: dict[int, Link] = {ifindex: made for ifindex, (made, _) in found.items()}
        tables = Tables(
            links=links,
            addresses=tuple(self._entries("addresses", address, self._route.get_addr)),
            routes=self._both("routes", route, self._route.get_routes),
            rules=self._both("rules", rule, self._route.get_rules),
            neighbours=self._both("neighbours", neighbour, self._route.get_neighbours),
            fdb=tuple(self._entries("fdb", fdb_entry, self._route.fdb, "dump")),
            unknown=tuple(self._unknown),
        )
        return Read(tables, {ifindex: counted for ifindex, (_, counted) in found.items()})

    def part(self, tables: AbstractSet[TableName], links: AbstractSet[int]) -> Part:
        """These tables, and these links by ifindex."""
        read = self.tables()
        told = {n: (read.tables.links[n], read.counters[n]) if n in read.tables.links else None for n in links}
        return Part({name: getattr(read.tables, name) for name in tables}, told, read.tables.unknown, interrupted=False)

    @staticmethod
    def _by_ifindex(message: Message) -> tuple[int, tuple[Link, LinkStats]]:
        made = link(message)
        return made[0].ifindex, made

    def _both(self, table: str, decode: Decode[T], dump: Dump) -> tuple[T, ...]:
        return tuple(entry for family in Family for entry in self._entries(table, decode, dump, family=int(family)))

    def _entries(self, table: str, decode: Decode[T], dump: Dump, *command: str, **filters: int) -> Iterator[T]:
        try:
            messages = dump(*command, **filters)
        except NetlinkError as error:
            self._unknown.append(Unknown(table, os.strerror(error.code)))
            return
        for message in messages:
            entry = decode(message)
            if entry is not None:
                yield entry


def _bound(place: Place) -> socket.socket:
    """A socket as pyroute2 sets up its own."""
    made = place.netlink(socket.NETLINK_ROUTE)
    made.setblocking(False)
    made.bind((0, 0))
    return made
