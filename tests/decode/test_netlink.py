"""Attributes, whose layout is remembered from one to the next of the same size."""

import pytest

from netview.decode.netlink import MalformedError, attribute, attributes


def test_attributes_of_a_size_met_before_are_read_where_they_lie() -> None:
    first = attribute(1, b"a" * 100) + attribute(2, b"b" * 4)
    moved = attribute(1, b"a" * 4) + attribute(2, b"b" * 100)
    renamed = attribute(1, b"a" * 100) + attribute(3, b"b" * 4)
    for _ in range(9):
        assert attributes(first) == {1: b"a" * 100, 2: b"b" * 4}
        assert attributes(moved) == {1: b"a" * 4, 2: b"b" * 100}
        assert attributes(renamed) == {1: b"a" * 100, 3: b"b" * 4}


def test_attributes_are_read_wherever_in_the_datagram_they_begin() -> None:
    data = attribute(1, b"a" * 120) + attribute(2, b"odd")
    for begin in (0, 3, 16):
        assert attributes(bytes(begin) + data + b"rest", begin, begin + len(data)) == {1: b"a" * 120, 2: b"odd"}


def test_of_a_type_that_comes_twice_the_last_counts_each_time() -> None:
    data = attribute(7, b"a" * 60) + attribute(7 | 0x8000, b"b" * 60)
    assert [attributes(data) for _ in range(4)] == [{7: b"b" * 60}] * 4


def test_malformed_attributes_of_a_size_met_before_are_refused_each_time() -> None:
    good = attribute(1, b"a" * 60) + attribute(2, b"b" * 60)
    bad = attribute(1, b"a" * 60) + b"\xff\xff" + attribute(2, b"b" * 60)[2:]
    for _ in range(4):
        assert attributes(good) == {1: b"a" * 60, 2: b"b" * 60}
        with pytest.raises(MalformedError):
            attributes(bad)
