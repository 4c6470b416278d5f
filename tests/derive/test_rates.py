import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.derive.rates import SHORTEST_S, UNKNOWN, link_rates, rate, rates
from netview.model import LinkKey, LinkStats, Sample
from tests.factories import ETH0_1, HOME, VETH_1, a_link, a_sample, docker_sample, found, stats, tables

COUNTS = st.integers(0, 2**64 - 1)
STATS = st.lists(COUNTS, min_size=25, max_size=25).map(LinkStats._make)
GAPS = st.floats(-(10.0**6), 10.0**6)


def one_link(counters: LinkStats, read_at: float) -> Sample:
    """A host with one link whose counters were read at `read_at`, whatever the wall clock says."""
    key = LinkKey(HOME, 7)
    sample = a_sample({HOME: found(HOME)}, {HOME: tables([a_link(7, "veth0", link=6)])}, {key: counters})
    return dataclasses.replace(sample, read_at={LinkKey(HOME, 7): read_at})


@pytest.mark.parametrize(
    ("new", "old", "seconds", "expected"),
    [
        (1500, 500, 1.0, 1000.0),
        (1500, 500, 0.5, 2000.0),
        (500, 500, 1.0, 0.0),
        (499, 500, 1.0, None),
        (0, 2**64 - 1, 1.0, None),
        (1500, 500, 0.0, None),
        (1500, 500, -1.0, None),
    ],
)
def test_rate_is_none_after_a_reset_and_where_no_time_passed(new: int, old: int, seconds: float, expected: float | None) -> None:
    assert rate(new, old, seconds) == expected


@given(STATS, STATS, GAPS)
def test_no_rate_is_negative_or_more_than_what_was_counted(new: LinkStats, old: LinkStats, seconds: float) -> None:
    found_rates = link_rates(new, old, seconds)
    for name, value in zip(found_rates._fields, found_rates, strict=True):
        if value is not None:
            counted = getattr(new, name) - getattr(old, name)
            assert value == pytest.approx(counted / seconds)
            assert value >= 0


@given(STATS, st.integers(0, 7), st.floats(0.001, 100.0))
def test_one_counter_that_went_back_makes_every_rate_unknown(old: LinkStats, field: int, seconds: float) -> None:
    if old[field] == 0:
        return
    new = LinkStats._make((value or 0) + (-1 if index == field else 1) for index, value in enumerate(old))
    assert link_rates(new, old, seconds) == UNKNOWN


def test_a_reset_is_unknown_once_and_then_measured_again() -> None:
    grown, reset, after = (one_link(stats(n), at) for n, at in ((9_000_000, 1.0), (1_000, 2.0), (3_000, 3.0)))
    key = LinkKey(HOME, 7)
    assert rates(reset, grown)[key] == UNKNOWN
    assert rates(after, reset)[key].rx_bytes == 2000.0


@pytest.mark.parametrize("other", [{"address": "02:00:00:00:00:99"}, {"kind": "dummy"}, {"link": 99}, {"hardware_type": 772}])
def test_a_reused_ifindex_starts_anew(other: dict[str, object]) -> None:
    before = one_link(stats(1_000), 1.0)
    link = a_link(7, "veth0", **({"link": 6} | other))  # type: ignore[arg-type]
    after = dataclasses.replace(one_link(stats(9_000_000_000), 2.0), tables={HOME: tables([link])})
    assert rates(after, before) == {}


def test_a_renamed_link_keeps_its_rates() -> None:
    before, after = one_link(stats(1_000), 1.0), one_link(stats(2_000), 2.0)
    after = dataclasses.replace(after, tables={HOME: tables([a_link(7, "renamed", link=6)])})
    assert rates(after, before)[LinkKey(HOME, 7)].rx_bytes == 1000.0


def test_a_namespace_that_is_new_has_no_rates() -> None:
    before, after = one_link(stats(1_000), 1.0), one_link(stats(2_000), 2.0)
    assert rates(after, dataclasses.replace(before, read_at={}))[LinkKey(HOME, 7)] == UNKNOWN
    assert rates(after, dataclasses.replace(before, counters={})) == {}


@given(st.floats(-(10.0**9), 10.0**9))
def test_a_jump_of_the_wall_clock_changes_no_rate(jump: float) -> None:
    before, after = docker_sample(0.0), docker_sample(1.0)
    jumped = dataclasses.replace(after, taken_at=after.taken_at + jump)
    assert rates(jumped, before) == rates(after, before)
    assert rates(jumped, before)[ETH0_1].rx_bytes == 1_000_000.0


@pytest.mark.parametrize("back_s", [0.0, 0.5, 3600.0])
def test_readings_that_do_not_go_forward_give_no_rate(back_s: float) -> None:
    assert rates(one_link(stats(9_000), 100.0 - back_s), one_link(stats(1_000), 100.0))[LinkKey(HOME, 7)] == UNKNOWN


def test_a_reading_too_soon_keeps_what_was_known_before() -> None:
    key = LinkKey(HOME, 7)
    first, second, soon = (one_link(stats(n), at) for n, at in ((0, 1.0), (1000, 2.0), (2500, 2.0 + SHORTEST_S / 2)))
    known = rates(second, first)
    assert rates(soon, second, known)[key] == known[key]
    assert rates(soon, second)[key] == UNKNOWN


def test_both_ends_of_a_wire_mirror_each_other() -> None:
    both = rates(docker_sample(3.0), docker_sample(2.0))
    assert both[ETH0_1].rx_bytes == both[VETH_1].tx_bytes == 1_000_000.0
    assert both[ETH0_1].tx_bytes == both[VETH_1].rx_bytes == 0.0
