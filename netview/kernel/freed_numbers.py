"""Which numbers the kernel has taken back: the namespaces behind them have ended."""

import errno
import socket
from contextlib import suppress

from netview.decode.netlink import messages
from netview.decode.nsid import RTM_DELNSID, nsid

_SOL_NETLINK, _ADD_MEMBERSHIP, _SO_RCVBUFFORCE, _RTNLGRP_NSID = 270, 1, 33, 28
# A thousand namespaces that are given a number at once are two thousand datagrams.
_BUFFER = 4 * 2**20
_RECEIVE = 65536


class FreedNumbers:
    """Hears RTM_DELNSID in the namespace that it is made in."""

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE
        )
        with suppress(PermissionError):
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        self._socket.bind((0, 0))
        self._socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, _RTNLGRP_NSID)

    def freed(self) -> set[int] | None:
        """The numbers freed since the last call, though one may have been given anew; None: any may have been."""
        numbers: set[int] = set()
        lost = False
        while True:
            try:
                data = self._socket.recv(_RECEIVE)
            except BlockingIOError:
                return None if lost else numbers
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                lost = True
                continue
            numbers |= {nsid(data, at, end)[0] for kind, _, at, end in messages(data) if kind == RTM_DELNSID}

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
