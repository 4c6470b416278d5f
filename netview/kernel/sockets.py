"""The sockets of a namespace; reading them loads no module."""

from collections.abc import Generator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Literal

from netview.decode.procnet import socket_count, socket_line
from netview.decode.sock_diag import IPPROTO_TCP, IPPROTO_UDP, SOCK_DIAG_BY_FAMILY, inet_socket, request
from netview.kernel.modules import at_hand
from netview.kernel.netlink import MonitorSocket
from netview.kernel.place import HERE, Place
from netview.model import Family, Socket, Sockets, SocketState

LIMIT = 5_000
"""Sockets of one namespace that are read, about 40 ms; a busy proxy has more."""

Protocol = Literal["tcp", "udp"]
Part = Generator[Socket, None, None]
PROTOCOLS: dict[Protocol, int] = {"tcp": IPPROTO_TCP, "udp": IPPROTO_UDP}
_LISTENING = 1 << SocketState.LISTEN
_OTHERS = sum(1 << state for state in SocketState) & ~_LISTENING
_UNSAID = "V6ONLY unknown: no tcp_diag"


def monitored(proc: Path = Path("/proc"), modules: Path | None = None) -> frozenset[Protocol]:
    """The protocols that NETLINK_SOCK_DIAG tells without loading a module (tcp_diag, udp_diag) first."""
    there = at_hand(frozenset(f"{protocol}_diag" for protocol in PROTOCOLS), proc, modules)
    return frozenset(protocol for protocol in PROTOCOLS if f"{protocol}_diag" in there)


def read_sockets(by_monitor: frozenset[Protocol], limit: int = LIMIT, place: Place = HERE) -> Sockets:
    """TCP and UDP sockets, at most `limit`: what listens before all else; raises OSError and MalformedError."""
    entries: list[Socket] = []
    cut = False
    parts = _parts(by_monitor, place)
    for index, part in enumerate(parts):
        with closing(part):
            # None may take all the room: not even a hundred thousand connections hide what listens on UDP.
            entries += islice(part, (limit - len(entries)) // (len(parts) - index))
            cut = cut or next(part, None) is not None
    left_out = _left_out(len(entries), place) if cut else ()
    unsaid = () if by_monitor >= PROTOCOLS.keys() else (_UNSAID,)
    return Sockets(tuple(entries), partly=(*left_out, *unsaid))


def _parts(by_monitor: frozenset[Protocol], place: Place) -> list[Part]:
    """What listens, and then the rest, for which the kernel walks its table of all connections."""
    parts = [_dumped(place, "tcp", family, _LISTENING) for family in Family] if "tcp" in by_monitor else []
    for protocol in ("udp", "tcp"):
        parts += [
            _dumped(place, protocol, family, _OTHERS) if protocol in by_monitor else _written(place, protocol, family)
            for family in (Family.INET6, Family.INET)  # The last one gets all the room that is left.
        ]
    return parts


def _dumped(place: Place, protocol: Protocol, family: Family, states: int) -> Part:
    number = PROTOCOLS[protocol]
    # Where a dump is left before its end no other can begin on the same socket.
    with MonitorSocket(place) as monitor:
        for data, at, end in monitor.dump(SOCK_DIAG_BY_FAMILY, SOCK_DIAG_BY_FAMILY, request(family, number, states)):
            found = inet_socket(number, data, at, end)
            if found is not None:
                yield found


def _written(place: Place, protocol: Protocol, family: Family) -> Part:
    name = protocol if family is Family.INET else f"{protocol}6"
    # A kernel without IPv6 has no files of it.
    with suppress(FileNotFoundError), place.table(name) as file:
        for line in file:
            found = socket_line(protocol, line)
            if found is not None:
                yield found


def _left_out(listed: int, place: Place) -> tuple[str, ...]:
    counted = 0
    for name in ("sockstat", "sockstat6"):
        with suppress(FileNotFoundError), place.table(name) as file:
            counted += socket_count(file.read())
    return (f"{listed} of about {max(counted, listed + 1)} listed",)
