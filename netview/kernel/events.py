"""Which namespaces changed: multicasts of all of them, heard in the hub."""

import errno
import socket
import struct
from collections.abc import Iterator

_SOL_NETLINK, _ADD_MEMBERSHIP, _LISTEN_ALL_NSID = 270, 1, 8
_SO_RCVBUFFORCE = 33
# A storm of 200 new containers is 4,400 datagrams: with the default buffer all but the first 92 would be lost.
_BUFFER = 32 * 2**20
# RTNLGRP_*: LINK, NEIGH, IPV4_IFADDR, IPV4_ROUTE, IPV4_RULE, IPV6_IFADDR, IPV6_ROUTE, IPV6_RULE.
_GROUPS = (1, 3, 5, 7, 8, 9, 11, 19)
_NSID = struct.Struct("=i")


class EventsLostError(Exception):
    """The kernel had more to tell than the buffer holds: anything may have changed."""


class Events:
    """Hears every namespace that has a number where it is made; it pins none of them."""

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE
        )
        try:
            self._listen()
        except OSError:
            self._socket.close()
            raise

    def _listen(self) -> None:
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.setsockopt(_SOL_NETLINK, _LISTEN_ALL_NSID, 1)
        self._socket.bind((0, 0))  # An unbound socket hears nothing.
        for group in _GROUPS:
            self._socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)

    def changed(self) -> set[int]:
        """Numbers of the namespaces that told of a change since the last call; raises EventsLostError."""
        return set(self._numbers())

    def _numbers(self) -> Iterator[int]:
        lost = False
        while True:
            try:
                _, ancillary, _, _ = self._socket.recvmsg(0, socket.CMSG_SPACE(_NSID.size))
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                # Until the socket is read empty the kernel drops what else it has to tell without saying so again.
                lost = True
                continue
            for level, kind, payload in ancillary:
                if level == _SOL_NETLINK and kind == _LISTEN_ALL_NSID:
                    yield _NSID.unpack(payload)[0]
        if lost:
            raise EventsLostError

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
