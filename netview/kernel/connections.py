"""The connections of one namespace that a flow belongs to; asking for them loads no module and tracks nothing."""

import errno

from netview.decode.conntrack import GETCONNECTION, NEWCONNECTION, ask_connections, connection
from netview.decode.conntrack import tracked as tracked_connection
from netview.decode.netlink import MalformedError
from netview.derive.path.questions import Tracked
from netview.kernel.modules import is_at_hand
from netview.kernel.place import HERE, Place
from netview.kernel.rulesets import NetfilterSocket, listens
from netview.model import Flow
from netview.model.connection import Connection

_NETFILTER = 12
_MOST = 256
_MOST_TEXT = 4 << 20


def connections(flow: Flow, place: Place = HERE) -> Tracked:
    """Those that begin as the flow does, so many at most; raises OSError."""
    if not is_told(place):
        return Tracked(tuple(_read(flow, place)))
    with NetfilterSocket(place) as socket:
        return Tracked(picked(socket, flow))


def is_told(place: Place = HERE) -> bool:
    """Whether the kernel tells of connections by netlink."""
    return listens(_NETFILTER, place) and is_at_hand("nf_conntrack_netlink")


def picked(socket: NetfilterSocket, flow: Flow, *, replies: bool = False) -> tuple[Connection, ...]:
    """Those that begin as the flow does, or whose replies are the flow; the kernel picks them out. Raises OSError."""
    asked = ask_connections(flow, replies=replies)
    found: list[Connection] = []
    try:
        for message in () if asked is None else socket.dump(GETCONNECTION, NEWCONNECTION, asked):
            one = tracked_connection(*message)
            if one is None or one.protocol != flow.protocol or len(found) == _MOST:
                continue  # To the end all the same: a socket whose dump is not over takes no other one (EBUSY).
            if (one.reply if replies else one.original).is_of(flow):
                found.append(one)
    except MalformedError as error:
        raise OSError(errno.EBADMSG, str(error)) from None
    return tuple(found)


def _read(flow: Flow, place: Place) -> list[Connection]:
    """The same from /proc; none where the kernel has nothing that keeps track."""
    try:
        with place.table("nf_conntrack") as file:
            text = file.read(_MOST_TEXT)
    except FileNotFoundError:
        if is_at_hand("nf_conntrack"):
            raise
        return []
    if len(text) == _MOST_TEXT:
        raise OSError(errno.E2BIG, "there are too many connections to read")
    found = (connection(line) for line in text.splitlines())
    return [one for one in found if one is not None and one.protocol == flow.protocol and one.original.is_of(flow)][:_MOST]
