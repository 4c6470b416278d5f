"""Sockets as the kernel's socket monitor tells them (NETLINK_SOCK_DIAG, struct inet_diag_msg)."""

from struct import Struct

from netview.decode import fields
from netview.decode.netlink import MalformedError, attributes
from netview.model import Family, Socket, SocketState

SOCK_DIAG_BY_FAMILY = 20
IPPROTO_TCP, IPPROTO_UDP = 6, 17
_PROTOCOLS = {IPPROTO_TCP: "tcp", IPPROTO_UDP: "udp"}
_REQUEST = Struct("=BBBxI48x")
# Family, state, both ports and addresses, the link bound to, and the inode.
_MESSAGE = Struct("=BB2x2s2s16s16sI8x16xI")
_SKV6ONLY = 11
_FAMILIES = {family.value: family for family in Family}
_STATES = {state.value: state for state in SocketState}
_LENGTHS = {Family.INET: 4, Family.INET6: 16}


def request(family: Family, protocol: int, states: int) -> bytes:
    """Ask for all sockets of a family and protocol in some states, a bit for each (struct inet_diag_req_v2)."""
    return _REQUEST.pack(family, protocol, 0, states)


def inet_socket(protocol: int, data: bytes, at: int, end: int) -> Socket | None:
    """A TCP or UDP socket; None for families and states not met before. The message leaves the protocol unsaid."""
    if end - at < _MESSAGE.size:
        raise MalformedError("a socket without a header")
    number, status, local_port, remote_port, local, remote, ifindex, inode = _MESSAGE.unpack_from(data, at)
    family, state = _FAMILIES.get(number), _STATES.get(status)
    if family is None or state is None:
        return None
    v6only = attributes(data, at + _MESSAGE.size, end).get(_SKV6ONLY) if family is Family.INET6 else None
    length = _LENGTHS[family]
    return Socket(
        protocol=_PROTOCOLS[protocol],
        family=family,
        local=fields.ip(local[:length]),
        local_port=fields.be16(local_port),
        remote=fields.ip(remote[:length]),
        remote_port=fields.be16(remote_port),
        state=state,
        inode=inode,
        ifindex=ifindex,
        v6only=None if v6only is None else bool(fields.u8(v6only)),
    )
