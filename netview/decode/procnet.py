"""Sockets as text: /proc/net/tcp, tcp6, udp, udp6, and how many there are (sockstat)."""

import re
import sys

from netview.decode import fields
from netview.model import Family, Socket, SocketState

_STATES = {state.value: state for state in SocketState}
_COUNTED = re.compile(rb"^(?:TCP6?|UDP6?): inuse (\d+)(?:.*? tw (\d+))?", re.MULTILINE)


def socket_line(protocol: str, line: bytes) -> Socket | None:
    """One line; None for the heading, and for what has another form. V6ONLY and the link bound to are not in it."""
    words = line.split()
    try:
        local, local_port = _endpoint(words[1])
        remote, remote_port = _endpoint(words[2])
        state = _STATES.get(int(words[3], 16))
        inode = int(words[9])
    except (IndexError, ValueError):
        return None
    if state is None:
        return None
    family = Family.INET if len(local) == 4 else Family.INET6
    return Socket(protocol, family, fields.ip(local), local_port, fields.ip(remote), remote_port, state, inode)


def socket_count(sockstat: bytes) -> int:
    """How many TCP and UDP sockets a namespace has, by its sockstat and sockstat6 together."""
    return sum(int(inuse) + int(waiting or 0) for inuse, waiting in _COUNTED.findall(sockstat))


def _endpoint(word: bytes) -> tuple[bytes, int]:
    """Address and port; an address is written as numbers of 32 bits, each in the host's order."""
    address, _, port = word.partition(b":")
    raw = bytes.fromhex(address.decode("ascii"))
    if len(raw) not in {4, 16}:
        raise ValueError("no IP address")
    if sys.byteorder == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    return raw, int(port, 16)


def socket_inode(target: str) -> int | None:
    """The inode in a descriptor's link such as "socket:[4711]"; None for what is no socket."""
    return int(target[8:-1]) if target.startswith("socket:[") else None
