import dataclasses
import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.derive.rates import SHORTEST_S, UNKNOWN, rates
from netview.model import LinkKey, LinkRates, LinkStats, Sample, StatsTable
from netview.model.stats import row_of, rows_of
from tests.factories import ETH0_1, HOME, VETH_1, a_link, a_sample, docker_sample, found, stats, tables

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNTS = st.integers(0, 2**64 - 1)
STATS = st.lists(COUNTS, min_size=25, max_size=25).map(LinkStats._make)
GAPS = st.floats(-(10.0**6), 10.0**6)


def one_link(counters: LinkStats, read_at: float) -> Sample:
    """A host with one link whose counters were read at `read_at`, whatever the wall clock says."""
    key = LinkKey(HOME, 7)
    sample = a_sample({HOME: found(HOME)}, {HOME: tables([a_link(7, "veth0", link=6)])}, {key: counters})
    return dataclasses.replace(sample, read_at={LinkKey(HOME, 7): read_at})


def link_rates(new: LinkStats, old: LinkStats, seconds: float) -> LinkRates:
    """Those of a link that was read twice."""
    return rates(one_link(new, 100.0 + seconds), one_link(old, 100.0))[LinkKey(HOME, 7)]


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
def test_a_rate_is_none_after_a_reset_and_where_no_time_passed(
    new: int, old: int, seconds: float, expected: float | None
) -> None:
    assert link_rates(stats(new), stats(old), seconds).rx_bytes == expected


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


def mirrored_link(counters: LinkStats, read_at: float, own_at: float | None) -> Sample:
    """The same; its own errors and drops were read at `own_at`, the rest is its peer's."""
    return dataclasses.replace(one_link(counters, read_at), mirrored={} if own_at is None else {LinkKey(HOME, 7): own_at})


def steps(*samples: Sample) -> list[LinkRates]:
    """The rates after each sample but the first."""
    told: list[LinkRates] = []
    known: Mapping[LinkKey, LinkRates] = {}
    for before, sample in itertools.pairwise(samples):
        known = rates(sample, before, known)
        told.append(known[LinkKey(HOME, 7)])
    return told


def test_a_mirrored_links_drops_are_measured_from_reading_to_reading_and_last_in_between() -> None:
    told = steps(
        mirrored_link(stats(0, rx_dropped=5), 1.0, 0.5),
        mirrored_link(stats(1000, rx_dropped=5), 2.0, 0.5),
        mirrored_link(stats(2000, rx_dropped=45), 3.0, 2.5),
        mirrored_link(stats(4000, rx_dropped=45), 4.0, 2.5),
        mirrored_link(stats(4000, rx_dropped=45), 5.0, 4.5),
    )
    assert [one.rx_bytes for one in told] == [1000.0, 1000.0, 2000.0, 0.0]
    assert [one.rx_dropped for one in told] == [None, 20.0, 20.0, 0.0]


def test_a_mirror_that_begins_goes_on_from_its_own_reading() -> None:
    told = steps(
        mirrored_link(stats(1000, rx_dropped=5), 1.0, None),
        mirrored_link(stats(3000, rx_dropped=5), 2.0, 1.0),
        mirrored_link(stats(4000, rx_dropped=9), 3.0, 3.0),
    )
    assert [(one.rx_bytes, one.rx_dropped) for one in told] == [(2000.0, None), (1000.0, 2.0)]


def test_a_mirror_that_was_none_is_unknown_once_and_then_measured() -> None:
    told = steps(
        mirrored_link(stats(1000), 1.0, 1.0),
        mirrored_link(stats(9_000_000), 2.0, None),
        mirrored_link(stats(9_001_000), 3.0, None),
    )
    assert told[0] == UNKNOWN
    assert told[1].rx_bytes == 1000.0


@pytest.mark.parametrize("field", ["rx_bytes", "rx_dropped"])
def test_a_mirrored_link_that_was_reset_is_unknown_once(field: str) -> None:
    before = stats(5000, rx_dropped=7)
    told = steps(
        mirrored_link(before, 1.0, 1.0),
        mirrored_link(before._replace(**{field: 0}), 2.0, 2.0),
        mirrored_link(before._replace(**{field: 3}), 3.0, 3.0),
    )
    assert told[0] == UNKNOWN
    assert getattr(told[1], field) == 3.0


def test_a_link_that_was_not_read_again_keeps_its_rates() -> None:
    told = steps(one_link(stats(0), 1.0), one_link(stats(5000), 2.0), one_link(stats(5000), 2.0), one_link(stats(5000), 4.0))
    assert [one.rx_bytes for one in told] == [5000.0, 5000.0, 0.0]


def test_where_nothing_was_read_every_rate_is_the_same_object() -> None:
    before, after = docker_sample(0.0), docker_sample(1.0)
    known = rates(after, before)
    assert rates(dataclasses.replace(after, taken_at=after.taken_at + 9), after, known) is known


def test_rows_and_what_they_are_made_into_give_the_same_rates() -> None:
    samples = [docker_sample(float(at)) for at in range(3)]
    told = [dataclasses.replace(one, counters=StatsTable(rows_of(one.counters))) for one in samples]
    shuffled = dataclasses.replace(told[2], read_at=dict(list(told[2].read_at.items())[::-1]))
    assert rates(told[2], told[1]) == rates(shuffled, told[1]) == rates(samples[2], samples[1])
    assert dict(told[2].counters) == samples[2].counters


def test_rates_that_do_not_differ_are_the_same_object() -> None:
    samples = [one_link(stats(500), at) for at in (1.0, 2.0, 3.0)]
    samples = [dataclasses.replace(sample, counters=samples[0].counters) for sample in samples]
    first = rates(samples[1], samples[0])
    assert rates(samples[2], samples[1], first) is first
    moved = rates(one_link(stats(900), 4.0), samples[2], first)
    assert moved[LinkKey(HOME, 7)].rx_bytes == 400.0


def mirroring(counted: LinkStats, own: LinkStats, at: float, own_at: float, *, made: bool) -> Sample:
    """A wire of which one end is read; `made`: what the other end counts was made before anybody asked."""
    sample = docker_sample(0.0)
    table = StatsTable({VETH_1: row_of(counted), ETH0_1: row_of(own)}, {ETH0_1: VETH_1})
    read_at = {VETH_1: at, ETH0_1: at}
    counters = StatsTable(rows_of(table)) if made else table
    return dataclasses.replace(sample, counters=counters, read_at=read_at, mirrored={ETH0_1: own_at})


@given(st.lists(st.tuples(STATS, STATS), min_size=3, max_size=3), st.lists(st.booleans(), min_size=2, max_size=2))
def test_a_mirrors_rates_are_what_its_peers_make_of_it(read: list[tuple[LinkStats, LinkStats]], again: list[bool]) -> None:
    owns, own_at = [0], [0.0]
    for number, fresh in enumerate(again, 1):
        owns.append(number if fresh else owns[-1])
        own_at.append(float(number) if fresh else own_at[-1])
    found = {
        made: steps_of([mirroring(read[n][0], read[owns[n]][1], float(n), own_at[n], made=made) for n in range(3)])
        for made in (False, True)
    }
    for lazily, eagerly in zip(found[False], found[True], strict=True):
        assert lazily[VETH_1] == eagerly[VETH_1]
        if lazily[VETH_1] == UNKNOWN:
            # Where errors of the peer's own went back it was reset, and all of the mirror's is unknown with it.
            assert lazily[ETH0_1] == UNKNOWN
            return
        assert lazily[ETH0_1] == eagerly[ETH0_1]


def steps_of(samples: list[Sample]) -> "list[Mapping[LinkKey, LinkRates]]":
    """The rates from one sample to the next."""
    first = rates(samples[1], samples[0])
    return [first, rates(samples[2], samples[1], first)]


def test_a_mirror_counts_what_its_peer_does_the_other_way_round() -> None:
    table = mirroring(stats(5, tx_bytes=7), stats(1, rx_dropped=3), 1.0, 1.0, made=False).counters
    assert (table[ETH0_1].rx_bytes, table[ETH0_1].tx_bytes, table[ETH0_1].rx_dropped) == (7, 5, 3)
    assert table.get(LinkKey(HOME, 99)) is None
