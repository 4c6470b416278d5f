"""Namespaces that nothing opens, known by the wires that lead into them: read from outside, through the hub's numbers."""

import errno
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from struct import Struct

from netview.decode.address import RTM_NEWADDR, address
from netview.decode.link import RTM_NEWLINK, link
from netview.decode.netlink import MalformedError, attribute
from netview.kernel.hub import Hub
from netview.kernel.reader import Read
from netview.kernel.visit import Visit, why
from netview.model import Address, Link, LinkKey, LinkStats, NamespaceId, Tables, Unknown

_GETLINK, _GETADDR, _AF_INET, _AF_INET6 = 18, 22, 2, 10
_IFLA_EXT_MASK, _IFLA_TARGET_NETNSID, _IFA_TARGET_NETNSID, _SKIP_STATS = 29, 46, 10, 8
_LINK_HEADER, _NUMBER = Struct("=BxHiII"), Struct("=i")
_GONE = frozenset({errno.EINVAL, errno.ENODEV})
_DENIED = frozenset({errno.EPERM, errno.EACCES})
_OUTSIDE = "only links and addresses can be read from outside, and nothing opens this namespace"
_UNREAD = tuple(Unknown(table, _OUTSIDE) for table in ("routes", "rules", "neighbours", "fdb"))

Stray = tuple[LinkKey, int]
"""A link, and its nsid that leads to no namespace that is known."""


def strays(contents: Mapping[NamespaceId, Tables]) -> frozenset[Stray]:
    """All of them."""
    return frozenset(
        (LinkKey(namespace, found.ifindex), found.link_nsid or 0)
        for namespace, tables in contents.items()
        for found in tables.links.values()
        if astray(found, tables, contents.keys())
    )


def astray(one: Link, tables: Tables, known: AbstractSet[NamespaceId]) -> bool:
    """Whether a link of these tables leads to no namespace that is known."""
    # A namespace that is ending has no number but -1.
    return one.link_nsid is not None and one.link_nsid >= 0 and tables.nsids.get(one.link_nsid) not in known


class Walk:
    """Follows wires into such namespaces, and from there on; it leaves numbers in the hub alone, and pins nothing."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._serial = 0
        self._numbers: dict[NamespaceId, int] = {}

    @property
    def known(self) -> AbstractSet[NamespaceId]:
        """Those that were met and did not end."""
        return self._numbers.keys()

    def follow(self, lost: AbstractSet[Stray]) -> bool:
        """Have the kernel number what these wires lead to; whether any led to a namespace not known before."""
        return self._meet(self._behind(key) for key, _ in sorted(lost))

    def read(self) -> list[Visit]:
        """The links, addresses and counters of each that is still there and that nothing opens yet."""
        self._drop()
        visits: list[Visit] = []
        waiting = list(self._numbers)
        for namespace in waiting:  # It grows: a wire may lead on to another one.
            number = self._numbers.get(namespace)
            visit = None if number is None else self._visit(namespace, number)
            if visit is not None and namespace in self._numbers:
                visits.append(visit)
            elif namespace in self._numbers:
                self._forget(namespace)
            waiting += [found for found in self._numbers if found not in waiting]
        return visits

    def _drop(self) -> None:
        """Those that have ended, and those that were opened and have a name of their own now."""
        freed = self._hub.freed()
        for namespace, number in list(self._numbers.items()):
            if freed is None or number in freed or self._hub.name_of(number) != namespace:
                self._forget(namespace)

    def _forget(self, namespace: NamespaceId) -> None:
        number = self._numbers.pop(namespace)
        if self._hub.name_of(number) == namespace:
            self._hub.unname(number)

    def _meet(self, numbers: Iterable[int | None]) -> bool:
        """Name what the kernel gave numbers just now; whether any is new."""
        given = {number for number in numbers if number is not None and number >= 0}
        # They may have been another namespace's until a moment ago.
        self._drop()
        new = [number for number in sorted(given) if self._hub.name_of(number) is None]
        for number in new:
            self._serial += 1
            namespace = NamespaceId(f"n{self._serial}")
            self._hub.name(number, namespace)
            self._numbers[namespace] = number
        return bool(new)

    def _behind(self, key: LinkKey) -> int | None:
        """The hub's number for where a wire leads; asking makes the kernel give one."""
        reporter = self._hub.number_of(key.namespace)
        if reporter is None:
            return None
        try:
            answer = self._hub.socket.request(_GETLINK, _ask_links(reporter, key.ifindex))
            found = None if answer is None else link(*answer)
        except (OSError, MalformedError):
            return None
        return None if found is None else found[0].link_nsid

    def _visit(self, namespace: NamespaceId, number: int) -> Visit | None:
        try:
            dump = self._hub.socket.dump(_GETLINK, RTM_NEWLINK, _ask_links(number))
            rows = [found for found in (link(*entry) for entry in dump) if found is not None]
            addresses = tuple(self._addresses(number))
        except MalformedError as error:
            return Visit(namespace, time.monotonic(), None, f"cannot be read: {why(error)}")
        except OSError as error:
            if error.errno in _GONE:
                return None
            told = (
                "reading it from outside needs CAP_NET_ADMIN in it" if error.errno in _DENIED else f"cannot be read: {why(error)}"
            )
            return Visit(namespace, time.monotonic(), None, told)
        links: dict[int, Link] = {found.ifindex: found for found, _ in rows}
        counters: dict[int, LinkStats] = {found.ifindex: counted for found, counted in rows}
        self._meet(found.link_nsid for found in links.values())
        # Read from here, its links name others by the hub's numbers.
        others = {
            one.link_nsid: name
            for one in links.values()
            if one.link_nsid is not None and (name := self._hub.name_of(one.link_nsid))
        }
        tables = Tables(links=links, addresses=addresses, nsids=others, unknown=_UNREAD)
        return Visit(namespace, time.monotonic(), Read(tables, counters), None)

    def _addresses(self, number: int) -> Iterator[Address]:
        for family in (_AF_INET, _AF_INET6):
            body = bytes([family]) + bytes(7) + attribute(_IFA_TARGET_NETNSID, _NUMBER.pack(number))
            for data, at, end in self._hub.socket.dump(_GETADDR, RTM_NEWADDR, body):
                found = address(data, at, end)
                if found is not None:
                    yield found


def _ask_links(number: int, ifindex: int = 0) -> bytes:
    mask = attribute(_IFLA_EXT_MASK, _SKIP_STATS.to_bytes(4, sys.byteorder))
    return _LINK_HEADER.pack(0, 0, ifindex, 0, 0) + mask + attribute(_IFLA_TARGET_NETNSID, _NUMBER.pack(number))
