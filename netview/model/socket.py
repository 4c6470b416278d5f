"""Sockets: what a namespace serves, and whom it talks to."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from netview.model.enums import Family


class SocketState(IntEnum):
    """States of TCP (TCP_*), which UDP uses as well."""

    ESTABLISHED = 1
    SYN_SENT = 2
    SYN_RECV = 3
    FIN_WAIT1 = 4
    FIN_WAIT2 = 5
    TIME_WAIT = 6
    CLOSE = 7
    CLOSE_WAIT = 8
    LAST_ACK = 9
    LISTEN = 10
    CLOSING = 11

    @property
    def word(self) -> str:
        """iproute2's word: "ESTAB", "UNCONN", "TIME-WAIT"."""
        return _WORDS.get(self) or self.name.replace("_", "-")


_WORDS = {
    SocketState.ESTABLISHED: "ESTAB",
    SocketState.FIN_WAIT1: "FIN-WAIT-1",
    SocketState.FIN_WAIT2: "FIN-WAIT-2",
    SocketState.CLOSE: "UNCONN",
}


class Socket(NamedTuple):
    """A TCP or UDP socket; a remote port of 0 means that it has no other end."""

    protocol: str
    """ "tcp" or "udp"."""
    family: Family
    local: str
    local_port: int
    remote: str
    remote_port: int
    state: SocketState
    inode: int
    """0: it belongs to the kernel, or to no process any more."""
    ifindex: int = 0
    """The link that it is bound to; 0: any."""
    v6only: bool | None = None
    """Whether an IPv6 socket takes no IPv4; None: not told."""
    pid: int | None = None
    """Of the most senior process that holds it; None: nobody in this namespace, or nobody who may be asked."""
    comm: str | None = None
    container: str | None = None
    """The id of the container that this process is in, by its control group."""

    @property
    def listens(self) -> bool:
        """Whether it waits for anybody: a TCP listener, or a bound UDP socket without another end."""
        return self.state is SocketState.LISTEN or (self.protocol == "udp" and self.remote_port == 0 and self.local_port > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Sockets:
    """The sockets of one namespace, as far as they were read."""

    entries: tuple[Socket, ...] = ()
    unknown: str | None = None
    """Why nothing could be read."""
    partly: tuple[str, ...] = ()
    """What of them was left out or is not known, each in a line."""
