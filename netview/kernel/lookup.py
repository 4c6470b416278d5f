"""Route lookups of a namespace."""

import errno
import sys
from socket import AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP, inet_pton
from struct import Struct

from netview.decode.netlink import attribute
from netview.decode.route import resolved
from netview.derive.path.prefixes import UNSPECIFIED, WIDTH
from netview.derive.path.questions import RouteAnswer
from netview.derive.path.routing import PROTOCOLS, Lookup
from netview.kernel.netlink import RouteSocket
from netview.kernel.place import HERE, Place
from netview.model import Family, Route

_RTM_GETROUTE = 26
_HEADER = Struct("=BBBBBBBBI")
_LOOKUP_TABLE, _FIB_MATCH = 0x1000, 0x2000
_DST, _SRC, _IIF, _OIF, _MARK, _UID, _IP_PROTO, _SPORT, _DPORT = 1, 2, 3, 4, 16, 25, 27, 28, 29
_LOOKED_UP = frozenset({IPPROTO_TCP, IPPROTO_UDP, PROTOCOLS["icmp"], PROTOCOLS["icmpv6"]})
"""Protocols that the kernel takes in a question."""


def look_up(lookup: Lookup, place: Place = HERE) -> RouteAnswer:
    """What the kernel would do with the packet; raises OSError where it cannot be asked."""
    with RouteSocket(place) as socket:
        return RouteAnswer(_asked(socket, lookup, 0), _asked(socket, lookup, _LOOKUP_TABLE | _FIB_MATCH))


def _asked(socket: RouteSocket, lookup: Lookup, flags: int) -> Route | int:
    try:
        answer = socket.request(_RTM_GETROUTE, _question(lookup, flags))
    except OSError as error:
        # The same number says what becomes of the packet.
        if error.errno is None or error.errno in {errno.EPERM, errno.ENOBUFS, errno.EAGAIN}:
            raise
        return error.errno
    found = None if answer is None else resolved(*answer)
    return errno.ENETUNREACH if found is None else found


def _question(lookup: Lookup, flags: int) -> bytes:
    flow = lookup.flow
    family = flow.family
    bits = WIDTH[family]
    source = "" if flow.source == UNSPECIFIED[family] else flow.source
    number = PROTOCOLS.get(flow.protocol, 0)
    parts = [
        _HEADER.pack(family, bits, bits if source else 0, flow.tos, 0, 0, 0, 0, flags),
        attribute(_DST, _packed(flow.destination, family)),
        attribute(_SRC, _packed(source, family)) if source else b"",
        _number(_IIF, 0 if lookup.iif is None else lookup.iif.ifindex),
        _number(_OIF, 0 if lookup.oif is None else lookup.oif.ifindex),
        _number(_MARK, flow.mark),
        attribute(_UID, (lookup.uid or 0).to_bytes(4, sys.byteorder)),
    ]
    if number in _LOOKED_UP:
        parts.append(attribute(_IP_PROTO, bytes([number])))
        ports = ((_SPORT, flow.source_port), (_DPORT, flow.port))
        parts += [attribute(kind, port.to_bytes(2, "big")) for kind, port in ports if port]
    return b"".join(parts)


def _number(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(4, sys.byteorder)) if value else b""


def _packed(address: str, family: Family) -> bytes:
    return inet_pton(AF_INET if family is Family.INET else AF_INET6, address)
