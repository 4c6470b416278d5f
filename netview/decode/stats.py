"""Counters (RTM_NEWSTATS, IFLA_STATS64)."""

from collections.abc import Iterator
from struct import Struct

from netview.decode.netlink import MalformedError, attributes, messages
from netview.model import LinkStats

RTM_NEWSTATS = 92
_COUNTERS = Struct("=25Q")
_IFINDEX = Struct("=4xII")
_IFLA_STATS_LINK_64 = 1
# nlmsghdr, if_stats_msg, one attribute header, 25 counters: what every kernel since 5.19 sends for filter_mask 1.
_RECORD = Struct("=IH14xI4xHH25Q")
_FIELDS = len(LinkStats._fields)


def link_stats64(payload: bytes) -> LinkStats:
    """Counters as struct rtnl_link_stats64; kernels before 5.19 send one or two counters less."""
    if len(payload) >= _COUNTERS.size:
        return LinkStats._make(_COUNTERS.unpack_from(payload))
    count = len(payload) // 8
    if count < _FIELDS - 2:
        raise MalformedError(f"{count} counters")
    known: tuple[int, ...] = Struct(f"={count}Q").unpack_from(payload)
    return LinkStats(*known, *[None] * (_FIELDS - count))


def stats(data: bytes) -> Iterator[tuple[int, LinkStats]]:
    """Each (ifindex, counters) of one datagram of an RTM_GETSTATS dump with filter_mask 1."""
    whole = len(data) - len(data) % _RECORD.size
    make = LinkStats._make
    read = 0
    for record in _RECORD.iter_unpack(data[:whole]):
        if record[0] != _RECORD.size or record[1] != RTM_NEWSTATS or record[3] != 204 or record[4] != _IFLA_STATS_LINK_64:
            break
        yield record[2], make(record[5:])
        read += _RECORD.size
    yield from _walk(data[read:])


def _walk(data: bytes) -> Iterator[tuple[int, LinkStats]]:
    """The same without assuming where anything lies."""
    for kind, _, at, end in messages(data):
        if kind != RTM_NEWSTATS:
            continue
        if end - at < 12:
            raise MalformedError("statistics without a header")
        payload = attributes(data, at + 12, end).get(_IFLA_STATS_LINK_64)
        if payload is not None:
            yield _IFINDEX.unpack_from(data, at)[0], link_stats64(payload)
