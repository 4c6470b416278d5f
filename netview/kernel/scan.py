"""The native reader: dumps of the kernel, decoded by decode/."""

import errno
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from struct import Struct
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from netview.decode.address import RTM_NEWADDR, address
from netview.decode.link import RTM_NEWLINK, link
from netview.decode.neighbour import RTM_NEWNEIGH, fdb_entry, neighbour
from netview.decode.netlink import MalformedError, attribute
from netview.decode.route import RTM_NEWROUTE, RTM_NEWRULE, route, rule
from netview.decode.stats import other_stats, stats
from netview.kernel.netlink import RouteSocket
from netview.kernel.place import HERE, Place
from netview.kernel.reader import EVERY, Part, Read
from netview.model import NOT_READ, Link, LinkStats, StatsRow, Tables, Unknown
from netview.model.change import TableName

_GETLINK, _GETADDR, _GETROUTE, _GETNEIGH, _GETRULE, _GETSTATS = 18, 22, 26, 30, 34, 94
_AF_INET, _AF_BRIDGE, _AF_INET6 = 2, 7, 10
_LINK_64 = 1
# Without any filter the kernel makes no room for links of more than 32 KiB, and leaves out such a one and all after it, silently.
_SKIP_STATS = attribute(29, (8).to_bytes(4, sys.byteorder))  # IFLA_EXT_MASK
_LINK_HEADER, _STATS_HEADER = Struct("=4xi8x"), Struct("=4xiI")
T = TypeVar("T")
Decode = Callable[[bytes, int, int], T | None]
# IPv4, then IPv6: a dump of all families would go through every protocol that the kernel has.
_BOTH = bytes([_AF_INET]) + bytes(11), bytes([_AF_INET6]) + bytes(11)
_TABLES: Mapping[TableName, tuple[int, int, tuple[bytes, ...], Decode[object]]] = {
    "addresses": (_GETADDR, RTM_NEWADDR, (bytes(8),), address),
    "routes": (_GETROUTE, RTM_NEWROUTE, _BOTH, route),
    "rules": (_GETRULE, RTM_NEWRULE, _BOTH, rule),
    "neighbours": (_GETNEIGH, RTM_NEWNEIGH, (bytes(12),), neighbour),
    "fdb": (_GETNEIGH, RTM_NEWNEIGH, (bytes([_AF_BRIDGE]) + bytes(11),), fdb_entry),
}


class Memory:
    """Entries decoded lately, by their bytes: most are the same in every namespace, or as they were a beat ago."""

    def __init__(self) -> None:
        self._lately: dict[tuple[object, bytes], object] = {}
        self._before: dict[tuple[object, bytes], object] = {}

    def age(self) -> None:
        """Forget what was not met since the last call."""
        self._before, self._lately = self._lately, {}

    def decoded(self, decode: Decode[T], data: bytes, at: int, end: int) -> T | None:
        """What these bytes mean."""
        key = decode, data[at:end]
        lately = self._lately
        if key in lately:
            return cast("T | None", lately[key])
        entry = cast("T | None", self._before[key]) if key in self._before else decode(data, at, end)
        lately[key] = entry
        return entry


class NativeReader:
    """Reads the namespace at a place over one socket."""

    def __init__(self, place: Place = HERE, memory: Memory | None = None) -> None:
        self._memory = Memory() if memory is None else memory
        self._socket = RouteSocket(place)
        self._unknown: list[Unknown] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._socket.close()

    def cookie(self) -> int | None:
        """The namespace's identity."""
        return self._socket.cookie()

    def counters(self) -> Mapping[int, StatsRow]:
        """One RTM_GETSTATS dump: a fortieth of RTM_GETLINK's cost."""
        rows: dict[int, StatsRow] = {}

        def take(data: bytes) -> int:
            taken = stats(data, rows)
            if taken < len(data):
                other_stats(data[taken:], rows)
            return taken

        self._socket.read(_GETSTATS, _STATS_HEADER.pack(0, _LINK_64), take)
        return rows

    def counters_of(self, links: Collection[int]) -> Mapping[int, StatsRow]:
        """RTM_GETSTATS for each, all in one message: 3 µs a link."""
        rows: dict[int, StatsRow] = {}
        for data in self._socket.each(_GETSTATS, [_STATS_HEADER.pack(ifindex, _LINK_64) for ifindex in links]):
            other_stats(data, rows)
        return rows

    def tables(self, wanted: AbstractSet[TableName] = EVERY) -> Read:
        """The tables that are wanted; one that cannot be read is named and leaves the others alone."""
        links, counters = self._links()
        rows: dict[str, Any] = {name: tuple(self._rows(name)) for name in _TABLES if name in wanted}
        self._unknown += [Unknown(name, NOT_READ) for name in _TABLES if name not in wanted]
        return Read(Tables(links, **rows, unknown=tuple(self._unknown)), counters, self._socket.interrupted)

    def part(self, tables: AbstractSet[TableName], links: AbstractSet[int]) -> Part:
        """These tables, and these links by ifindex; raises OSError where a link cannot be asked for."""
        told = {ifindex: self._link(ifindex) for ifindex in sorted(links)}
        rows = {name: tuple(self._rows(name)) for name in _TABLES if name in tables}
        return Part(rows, told, tuple(self._unknown), self._socket.interrupted)

    def _link(self, ifindex: int) -> tuple[Link, LinkStats] | None:
        try:
            answer = self._socket.request(_GETLINK, _LINK_HEADER.pack(ifindex) + _SKIP_STATS)
        except OSError as error:
            if error.errno != errno.ENODEV:
                raise
            return None
        return None if answer is None else link(*answer)

    def _links(self) -> tuple[dict[int, Link], dict[int, LinkStats]]:
        links: dict[int, Link] = {}
        counters: dict[int, LinkStats] = {}
        for found in self._entries("links", _GETLINK, RTM_NEWLINK, _LINK_HEADER.pack(0) + _SKIP_STATS, link):
            links[found[0].ifindex], counters[found[0].ifindex] = found
        return links, counters

    def _rows(self, table: TableName) -> Iterator[object]:
        ask, answer, bodies, decode = _TABLES[table]
        return (entry for body in bodies for entry in self._entries(table, ask, answer, body, decode))

    def _entries(self, table: str, ask: int, answer: int, body: bytes, decode: Decode[T]) -> Iterator[T]:
        try:
            for data, at, end in self._socket.dump(ask, answer, body):
                try:
                    entry = self._memory.decoded(decode, data, at, end)
                except MalformedError as error:
                    self._unknown.append(Unknown(table, f"an entry of a form not met before: {error}"))
                    continue
                if entry is not None:
                    yield entry
        except MalformedError as error:
            self._unknown.append(Unknown(table, f"the rest is of a form not met before: {error}"))
        except OSError as error:
            self._unknown.append(Unknown(table, os.strerror(error.errno) if error.errno else str(error)))
