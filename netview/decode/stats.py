"""Counters (RTM_NEWSTATS, IFLA_STATS64)."""

from struct import Struct

from netview.decode.netlink import MalformedError, attributes, messages
from netview.model import LinkStats, StatsRow
from netview.model.stats import stats_of

RTM_NEWSTATS = 92
_IFLA_STATS_LINK_64 = 1
_LEAST, _MOST = 23, 25
_HEADER = 12
_IFINDEX = Struct("=4xI")
_ALL, _MOVING = Struct("=25Q"), Struct("=4Q")
# nlmsghdr, if_stats_msg, one attribute header, 25 counters: what every kernel since 5.19 sends for filter_mask 1.
_SIZE = 232
_RECORD = Struct("=32x4Q168s")
# Which bytes of such a record are always the same: the message's length and type, the attribute's length and type.
_FIXED = dict(zip((*range(6), *range(28, 32)), Struct("=IHHH").pack(_SIZE, RTM_NEWSTATS, 204, _IFLA_STATS_LINK_64), strict=True))


def link_stats64(payload: bytes) -> LinkStats:
    """Counters as struct rtnl_link_stats64; kernels before 5.19 send one or two counters less."""
    return LinkStats._make(_ALL.unpack_from(payload)) if len(payload) >= _ALL.size else stats_of(_row(payload))


def stats(data: bytes, rows: dict[int, StatsRow]) -> int:
    """Put the counters by ifindex that a datagram of an RTM_GETSTATS dump with filter_mask 1 begins with among the rows.

    Gives where the rest begins, which is for `other_stats`: nothing but the end of the dump, unless the kernel is an odd one.
    """
    count = len(data) // _SIZE
    size = count * _SIZE
    if not count or any(data[place:size:_SIZE] != bytes((value,)) * count for place, value in _FIXED.items()):
        return 0
    words = memoryview(data)[:size].cast("I")
    rows.update(zip(words[5 :: _SIZE // 4].tolist(), _RECORD.iter_unpack(words), strict=True))
    return size


def other_stats(data: bytes, rows: dict[int, StatsRow]) -> None:
    """The same without assuming where anything lies."""
    for kind, _, at, end in messages(data):
        if kind != RTM_NEWSTATS:
            continue
        if end - at < _HEADER:
            raise MalformedError("statistics without a header")
        payload = attributes(data, at + _HEADER, end).get(_IFLA_STATS_LINK_64)
        if payload is not None:
            rows[_IFINDEX.unpack_from(data, at)[0]] = _row(payload)


def _row(payload: bytes) -> StatsRow:
    count = min(len(payload) // 8, _MOST)
    if count < _LEAST:
        raise MalformedError(f"{count} counters")
    received, sent, received_bytes, sent_bytes = _MOVING.unpack_from(payload)
    return received, sent, received_bytes, sent_bytes, payload[_MOVING.size : 8 * count]
