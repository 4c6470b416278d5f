"""A queueing discipline (RTM_NEWQDISC)."""

from struct import Struct

from netview.decode import fields
from netview.decode.netlink import MalformedError, attributes

RTM_NEWQDISC = 36
HEADER = Struct("=B3xiIII")
"""struct tcmsg: family, ifindex, handle, parent, info."""
_TCA_KIND, _TCA_STATS2, _TCA_STATS_QUEUE = 1, 7, 3
_QUEUE = Struct("=8xI")


def queue(data: bytes, at: int, end: int) -> tuple[int, str, int, int]:
    """The ifindex of its link, its kind, its handle, and how many packets it dropped."""
    if end - at < HEADER.size:
        raise MalformedError("a discipline without a header")
    _, ifindex, handle, _, _ = HEADER.unpack_from(data, at)
    told = attributes(data, at + HEADER.size, end)
    counted = attributes(told.get(_TCA_STATS2, b"")).get(_TCA_STATS_QUEUE, b"")
    dropped = int(_QUEUE.unpack_from(counted)[0]) if len(counted) >= _QUEUE.size else 0
    return ifindex, fields.name(told.get(_TCA_KIND, b"?")), handle, dropped
