"""What changes, in one namespace or in all that have a number: multicasts of rtnetlink."""

import errno
import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from netview.decode.change import change
from netview.decode.netlink import MalformedError, messages
from netview.decode.nsid import RTM_DELNSID, RTM_NEWNSID, nsid
from netview.model import NamespaceId
from netview.model.change import Change

_SOL_NETLINK, _ADD_MEMBERSHIP, _LISTEN_ALL_NSID = 270, 1, 8
_SO_RCVBUFFORCE = 33
# A storm of 200 new containers is 4,400 datagrams: with the default buffer all but the first 92 would be lost.
_BUFFER = 32 * 2**20
# RTNLGRP_*: LINK, TC, IPV4_IFADDR, IPV4_ROUTE, IPV4_RULE, IPV6_IFADDR, IPV6_ROUTE, IPV6_RULE, NSID.
_PROMPT = (1, 4, 5, 7, 8, 9, 11, 19, 28)
# RTNLGRP_NEIGH: neighbours age and are asked for anew all the time.
_SLOW = (3,)
_NSID = struct.Struct("=i")
_RECEIVE = 98304
# sock_diag.h: SK_MEMINFO_DROPS is the last of nine.
_SO_MEMINFO, _MEMINFO, _DROPS = 55, struct.Struct("=9I"), 8


class EventsLostError(Exception):
    """The kernel had more to tell than the buffer holds: anything may have changed."""


@dataclass(slots=True)
class Heard:
    """What was told since the last time, in its order, by the namespaces' numbers; None: the one that the socket is in."""

    changes: dict[int | None, list[Change]] = field(default_factory=dict)
    unclear: set[int | None] = field(default_factory=set)
    """Namespaces that said what is not understood."""
    freed: set[int] = field(default_factory=set)
    """Numbers whose namespaces have ended, and that were not given anew."""


class Told(NamedTuple):
    """The same, by the namespaces' names."""

    changes: Mapping[NamespaceId, Sequence[Change]] = {}
    unclear: AbstractSet[NamespaceId] = frozenset()
    ended: AbstractSet[NamespaceId] = frozenset()


def named(heard: Heard, name_of: Callable[[int | None], NamespaceId | None], ended: AbstractSet[NamespaceId]) -> Told:
    """What was heard of those that have a name."""
    changes = {name: changes for number, changes in heard.changes.items() if (name := name_of(number)) is not None}
    unclear = {name for number in heard.unclear if (name := name_of(number)) is not None}
    return Told(changes, unclear, ended)


class Events:
    """Hears the namespace that it is made in and, `everywhere`, all that have a number there; it pins none of those."""

    def __init__(self, *, everywhere: bool = True) -> None:
        self._everywhere = everywhere
        self._sockets: list[socket.socket] = []
        try:
            for groups in (_PROMPT, _SLOW):
                self._sockets.append(_socket())
                self._listen(self._sockets[-1], groups)
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        """Readable where something is told that should be seen at once."""
        return self._sockets[0].fileno()

    def heard(self) -> Heard:
        """What was told since the last call; raises EventsLostError where not all could be kept."""
        heard = Heard()
        lost = False
        for one in self._sockets:
            lost = _emptied(one, heard) or lost
        if lost:
            raise EventsLostError
        return heard

    def dropped(self) -> int:
        """How many datagrams the kernel had no room for since the beginning (SO_MEMINFO, Linux 4.12); 0 where it does not say."""
        try:
            told = [one.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size) for one in self._sockets]
        except OSError:
            return 0
        return sum(_MEMINFO.unpack(memory)[_DROPS] for memory in told if len(memory) == _MEMINFO.size)

    def close(self) -> None:
        """Stop listening."""
        for one in self._sockets:
            one.close()

    def _listen(self, one: socket.socket, groups: Iterable[int]) -> None:
        try:
            one.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        except PermissionError:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        if self._everywhere:
            one.setsockopt(_SOL_NETLINK, _LISTEN_ALL_NSID, 1)
        one.bind((0, 0))  # An unbound socket hears nothing.
        for group in groups:
            one.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)


def _socket() -> socket.socket:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)


def _emptied(one: socket.socket, heard: Heard) -> bool:
    """Take all that a socket holds; whether some of it was lost."""
    lost = False
    while True:
        try:
            data, ancillary, _, _ = one.recvmsg(_RECEIVE, socket.CMSG_SPACE(_NSID.size))
        except BlockingIOError:
            return lost
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            # Until the socket is read empty the kernel drops what else it has to tell without saying so again.
            lost = True
            continue
        number = next(_numbers(ancillary), None)
        try:
            _take(data, number, heard)
        except MalformedError:
            heard.unclear.add(number)


def _numbers(ancillary: Iterable[tuple[int, int, bytes]]) -> Iterator[int]:
    return (_NSID.unpack(payload)[0] for level, kind, payload in ancillary if level == _SOL_NETLINK and kind == _LISTEN_ALL_NSID)


def _take(data: bytes, number: int | None, heard: Heard) -> None:
    for kind, _, at, end in messages(data):
        if kind == RTM_DELNSID and number is None:
            heard.freed.add(nsid(data, at, end)[0])
        elif kind == RTM_NEWNSID and number is None:
            heard.freed.discard(nsid(data, at, end)[0])
        else:
            told = change(kind, data, at, end)
            if told is not None:
                heard.changes.setdefault(number, []).append(told)
