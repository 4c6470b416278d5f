"""Counters from RTM_NEWSTATS: by the fixed stride, and by walking where a kernel lays them out otherwise."""

from struct import Struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.decode.netlink import MalformedError, attribute
from netview.decode.stats import link_stats64, other_stats, stats
from netview.model import StatsRow
from netview.model.stats import stats_of

_HEADER = Struct("=IHHII")
_DONE = _HEADER.pack(20, 3, 2, 7, 0) + bytes(4)
COUNTERS = st.lists(st.integers(0, 2**64 - 1), min_size=25, max_size=25)
RECORDS = st.lists(st.tuples(st.integers(1, 2**31 - 1), COUNTERS), max_size=5, unique_by=lambda record: record[0])


def record(ifindex: int, counters: list[int], *, before: bytes = b"", kind: int = 92) -> bytes:
    """One message; `before` stands before its counters."""
    payload = before + attribute(1, Struct(f"={len(counters)}Q").pack(*counters))
    body = Struct("=4xII").pack(ifindex, 1) + payload
    return _HEADER.pack(16 + len(body), kind, 2, 7, 0) + body


def read(data: bytes) -> dict[int, StatsRow]:
    rows: dict[int, StatsRow] = {}
    other_stats(data[stats(data, rows) :], rows)
    return rows


@given(RECORDS)
def test_the_stride_and_the_walk_read_the_same(records: list[tuple[int, list[int]]]) -> None:
    data = b"".join(record(*one) for one in records) + _DONE
    walked: dict[int, StatsRow] = {}
    other_stats(data, walked)
    assert stats(data, {}) == 232 * len(records)
    assert read(data) == walked
    assert {ifindex: list(stats_of(row)) for ifindex, row in walked.items()} == dict(records)


@pytest.mark.parametrize(
    "odd",
    [
        record(9, list(range(24))),
        record(9, list(range(23))),
        record(9, list(range(30))),
        record(9, list(range(25)), before=attribute(4, bytes(8))),
        record(9, list(range(25)), kind=93),
        record(9, list(range(23)), before=attribute(5, bytes(12))),
    ],
    ids=["24 counters", "23 counters", "30 counters", "another attribute before", "another message", "of the same size"],
)
def test_one_that_lies_elsewhere_is_found_all_the_same(odd: bytes) -> None:
    counters = list(range(100, 125))
    rows = read(record(1, counters) + odd + record(2, counters) + _DONE)
    assert rows[1] == rows[2] == (100, 101, 102, 103, Struct("=21Q").pack(*range(104, 125)))
    if 9 in rows:
        known = stats_of(rows[9])
        assert known[:23] == tuple(range(23))


@pytest.mark.parametrize("count", [23, 24, 25, 26])
def test_what_older_kernels_do_not_count_is_unknown_and_what_newer_ones_do_is_left_out(count: int) -> None:
    known = link_stats64(Struct(f"={count}Q").pack(*range(count)))
    assert list(known) == [*range(min(count, 25)), *[None] * (25 - count)]


def test_fewer_counters_than_any_kernel_sends_are_refused() -> None:
    with pytest.raises(MalformedError):
        link_stats64(bytes(8 * 22))
