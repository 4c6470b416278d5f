"""The connections of one namespace that begin as a flow does; asking for them loads no module and tracks nothing."""

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
    """Those of it, so many at most; raises OSError. The kernel picks them out (0.1 ms, and 1 ms for each 10,000 it keeps)."""
    asked = ask_connections(flow)
    if asked is None:
        return Tracked(())
    if not (listens(_NETFILTER, place) and is_at_hand("nf_conntrack_netlink")):
        return Tracked(tuple(_read(flow, place)))
    found: list[Connection] = []
    with NetfilterSocket(place) as socket:
        try:
            for message in socket.dump(GETCONNECTION, NEWCONNECTION, asked):
                one = tracked_connection(*message)
                if one is not None and one.begins_as(flow):
                    found.append(one)
                if len(found) >= _MOST:
                    break
        except MalformedError as error:
            raise OSError(errno.EBADMSG, str(error)) from None
    return Tracked(tuple(found))


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
    return [one for one in found if one is not None and one.begins_as(flow)][:_MOST]
