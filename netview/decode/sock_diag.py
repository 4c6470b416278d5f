"""Sockets as the kernel's socket monitor tells them (NETLINK_SOCK_DIAG, struct inet_diag_msg)."""

from functools import lru_cache
from struct import Struct

from netview.decode import fields
from netview.decode.netlink import MalformedError, attributes
from netview.model import Family, Socket, SocketState

SOCK_DIAG_BY_FAMILY = 20
IPPROTO_TCP, IPPROTO_UDP = 6, 17
_PROTOCOLS = {IPPROTO_TCP: "tcp", IPPROTO_UDP: "udp"}
_REQUEST = Struct("=BBBxI48x")
# Family, state, both addresses, the link bound to, and the inode; the ports are of network order.
_MESSAGE = Struct("=BB6x16s16sI8x16xI")
_PORTS = Struct("!4xHH")
_SKV6ONLY = 11
_FAMILIES = {family.value: family for family in Family}
_STATES = {state.value: state for state in SocketState}
# Many sockets share a few addresses.
_ip = lru_cache(maxsize=4096)(fields.ip)


def request(family: Family, protocol: int, states: int) -> bytes:
    """Ask for all sockets of a family and protocol in some states, a bit for each (struct inet_diag_req_v2)."""
    return _REQUEST.pack(family, protocol, 0, states)


def inet_socket(protocol: int, data: bytes, at: int, end: int) -> Socket | None:
    """A TCP or UDP socket; None for families and states not met before. The message leaves the protocol unsaid."""
    if end - at < _MESSAGE.size:
        raise MalformedError("a socket without a header")
    number, status, local, remote, ifindex, inode = _MESSAGE.unpack_from(data, at)
    family, state = _FAMILIES.get(number), _STATES.get(status)
    if family is None or state is None:
        return None
    local_port, remote_port = _PORTS.unpack_from(data, at)
    v6only = None
    if family is Family.INET6:
        told = attributes(data, at + _MESSAGE.size, end).get(_SKV6ONLY)
        v6only = None if told is None else bool(fields.u8(told))
    else:
        local, remote = local[:4], remote[:4]
    near, far = _ip(local), _ip(remote)
    return Socket(_PROTOCOLS[protocol], family, near, local_port, far, remote_port, state, inode, ifindex, v6only)
