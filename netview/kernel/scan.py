"""The native reader: dumps of the kernel, decoded by decode/."""

import errno
import os
import sys
from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from itertools import chain
from struct import Struct
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from netview.decode.address import RTM_NEWADDR, address
from netview.decode.link import RTM_NEWLINK, link
from netview.decode.neighbour import RTM_NEWNEIGH, fdb_entry, neighbour
from netview.decode.netlink import NLM_F_DUMP_INTR, MalformedError, attribute, messages
from netview.decode.route import RTM_NEWROUTE, RTM_NEWRULE, route, rule
from netview.decode.stats import other_stats, stats
from netview.kernel.netlink import RouteSocket, ended, ends
from netview.kernel.place import HERE, Place
from netview.kernel.reader import EVERY, Part, Read
from netview.model import NOT_READ, Link, LinkStats, StatsRow, Tables, Unknown
from netview.model.change import TableName

_GETLINK, _GETADDR, _GETROUTE, _GETNEIGH, _GETRULE, _GETSTATS = 18, 22, 26, 30, 34, 94
_AF_INET, _AF_BRIDGE, _AF_INET6 = 2, 7, 10
_LINK_64 = 1
_UNIQUE = frozenset({"links"})
"""No two entries of these are alike."""
_ALIKE = frozenset({"rules", "fdb"})
"""These are often the same as a whole in all namespaces."""
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


class _Piece(NamedTuple):
    """What one datagram of a dump says."""

    entries: tuple[Any, ...]
    ended: bool
    """Whether the dump ends with it."""


class Memory:
    """What was decoded lately, by its bytes: much is the same in every namespace, or as it was a beat ago.

    A dump's datagrams are the same as a whole where nothing differs: every namespace is asked for the same things in the same
    order by a socket of its own, which the kernel names after the process as long as no other one in there is called so.
    """

    def __init__(self) -> None:
        self._lately: dict[tuple[object, bytes], Any] = {}
        self._before: dict[tuple[object, bytes], Any] = {}
        self.rereads = True
        """Whether namespaces are read again and again; else whole datagrams are kept of such tables alone as are alike."""

    def age(self) -> None:
        """Forget what was not met since the last call."""
        self._before, self._lately = self._lately, {}

    def known(self, what: object, data: bytes) -> Any:
        """What these bytes mean to whom they are meant for; None: they were not met lately."""
        key = what, data
        found = self._lately.get(key)
        if found is None and (found := self._before.get(key)) is not None:
            self._lately[key] = found
        return found

    def keep(self, what: object, data: bytes, meaning: object) -> None:
        """Remember it."""
        self._lately[what, data] = meaning


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

        def take(data: bytes) -> bool:
            taken = stats(data, rows)
            if taken < len(data):
                other_stats(data[taken:], rows)
            return ended(data[taken:])

        self._socket.read(_GETSTATS, _STATS_HEADER.pack(0, _LINK_64), take)
        return rows

    def counters_of(self, links: Collection[int]) -> Mapping[int, StatsRow]:
        """RTM_GETSTATS for each, all in one message: 3 µs a link."""
        rows: dict[int, StatsRow] = {}
        for _, data in self._socket.each(_GETSTATS, [_STATS_HEADER.pack(ifindex, _LINK_64) for ifindex in links]):
            other_stats(data, rows)
        return rows

    def tables(self, wanted: AbstractSet[TableName] = EVERY) -> Read:
        """The tables that are wanted; one that cannot be read is named and leaves the others alone."""
        links, counters = self._links()
        rows: dict[str, Any] = {name: self._rows(name) for name in _TABLES if name in wanted}
        self._unknown += [Unknown(name, NOT_READ) for name in _TABLES if name not in wanted]
        return Read(Tables(links, **rows, unknown=tuple(self._unknown)), counters, self._socket.interrupted)

    def part(self, tables: AbstractSet[TableName], links: AbstractSet[int]) -> Part:
        """These tables, and these links by ifindex; raises OSError where a link cannot be asked for."""
        told = {ifindex: self._link(ifindex) for ifindex in sorted(links)}
        rows = {name: self._rows(name) for name in _TABLES if name in tables}
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
        for piece in self._pieces("links", _GETLINK, RTM_NEWLINK, _LINK_HEADER.pack(0) + _SKIP_STATS, link):
            for found in piece:
                links[found[0].ifindex], counters[found[0].ifindex] = found
        return links, counters

    def _rows(self, table: TableName) -> tuple[Any, ...]:
        """The very same object as another namespace's where all is the same and fits into a datagram."""
        ask, answer, bodies, decode = _TABLES[table]
        pieces = [piece for body in bodies for piece in self._pieces(table, ask, answer, body, decode) if piece]
        return pieces[0] if len(pieces) == 1 else tuple(chain.from_iterable(pieces))

    def _pieces(self, table: str, ask: int, answer: int, body: bytes, decode: Decode[Any]) -> list[tuple[Any, ...]]:
        """The entries of each of a dump's datagrams."""
        pieces: list[tuple[Any, ...]] = []

        def take(data: bytes) -> bool:
            piece = self._memory.known(table, data)
            if piece is None:
                piece = self._piece(table, answer, data, decode)
            pieces.append(piece.entries)
            return bool(piece.ended)

        try:
            self._socket.read(ask, body, take)
        except (OSError, MalformedError) as error:
            self._lack_rest(table, error)
        return pieces

    def _piece(self, table: str, answer: int, data: bytes, decode: Decode[Any]) -> _Piece:
        """A datagram met for the first time; it is remembered where nothing is odd about it."""
        entries: list[Any] = []
        unknown, done, again = len(self._unknown), False, False
        try:
            for kind, flags, at, end in messages(data):
                again = again or bool(flags & NLM_F_DUMP_INTR)
                if kind != answer:
                    done = ends(kind, data, at, end)
                elif (entry := self._entry(table, data, at, end, decode)) is not None:
                    entries.append(entry)
        except (OSError, MalformedError) as error:
            self._lack_rest(table, error)
            done = True
        self._socket.interrupted |= again
        piece = _Piece(tuple(entries), done)
        alike = self._memory.rereads or table in _ALIKE
        if alike and not again and len(self._unknown) == unknown:
            self._memory.keep(table, data, piece)
        return piece

    def _entry(self, table: str, data: bytes, at: int, end: int, decode: Decode[T]) -> T | None:
        try:
            if table in _UNIQUE:
                return decode(data, at, end)
            own = data[at:end]
            entry: T | None = self._memory.known(decode, own)
            if entry is None:
                entry = decode(data, at, end)
                self._memory.keep(decode, own, entry)
        except MalformedError as error:
            self._unknown.append(Unknown(table, f"an entry of a form not met before: {error}"))
            return None
        return entry

    def _lack_rest(self, table: str, error: OSError | MalformedError) -> None:
        if isinstance(error, MalformedError):
            self._unknown.append(Unknown(table, f"the rest is of a form not met before: {error}"))
        else:
            self._unknown.append(Unknown(table, os.strerror(error.errno) if error.errno else str(error)))
