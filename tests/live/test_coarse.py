"""An hour of every link, minute by minute."""

from dataclasses import replace

from netview.derive.build import build
from netview.live import History
from netview.live.coarse import MINUTES, Coarse
from netview.model import LinkKey, Snapshot
from tests.factories import ETH0_1, docker_sample
from tests.ui.crowd import crowd


def at(second: float) -> Snapshot:
    """Receives a megabyte a second."""
    return build(docker_sample(second))


def test_a_minute_tells_the_mean_of_its_bytes() -> None:
    coarse = Coarse()
    for second in range(0, 181, 1):
        coarse.add(at(second))
    assert coarse.rates(ETH0_1) == ((1_000_000.0, 0.0),) * 3


def test_an_hour_is_kept_and_no_more() -> None:
    coarse = Coarse()
    for minute in range(MINUTES + 30):
        coarse.add(at(60.0 * minute))
    assert len(coarse.rates(ETH0_1)) == MINUTES


def test_a_link_that_was_not_there_or_was_reset_has_a_gap() -> None:
    coarse = Coarse()
    coarse.add(at(0))
    sample = docker_sample(60)
    without = {key: value for key, value in sample.counters.items() if key != ETH0_1}
    coarse.add(build(replace(sample, counters=without, read_at={key: sample.read_at[key] for key in without})))
    coarse.add(at(120))
    reset = {**docker_sample(180).counters, ETH0_1: docker_sample(0).counters[ETH0_1]}
    coarse.add(build(replace(docker_sample(180), counters=reset)))
    assert coarse.rates(ETH0_1) == (None, None, None)
    assert coarse.rates(LinkKey(ETH0_1.namespace, 999)) == (None, None, None)


def test_links_together_are_the_sum_of_those_that_are_known_of() -> None:
    coarse = Coarse()
    coarse.add(at(0))
    coarse.add(at(60))
    reset = {**docker_sample(120).counters, ETH0_1: docker_sample(0).counters[ETH0_1]}
    coarse.add(build(replace(docker_sample(120), counters=reset)))
    others = [key for key in docker_sample(0).counters if key != ETH0_1]
    first, second = coarse.summed([ETH0_1, *others, LinkKey(ETH0_1.namespace, 999)])
    alone = coarse.summed(others)
    assert first is not None
    assert alone[0] is not None
    assert first == (alone[0][0] + 1_000_000.0, alone[0][1])
    assert second == alone[1]
    assert coarse.summed(()) == (None, None)


def test_a_clock_that_goes_back_begins_another_minute() -> None:
    coarse = Coarse()
    for second in (100, 0, 60):
        coarse.add(at(second))
    assert coarse.rates(ETH0_1) == (None, (1_000_000.0, 0.0))


def test_what_is_held_does_not_go_on() -> None:
    history = History()
    history.add(at(0))
    history.add(at(60))
    held = history.copy()
    history.add(at(120))
    assert (len(held.coarse.rates(ETH0_1)), len(history.coarse.rates(ETH0_1))) == (1, 2)


def test_an_hour_of_two_thousand_links_is_two_megabytes() -> None:
    coarse = Coarse()
    snapshot = build(crowd(1000, 0))
    for minute in range(MINUTES + 1):
        coarse.add(replace(snapshot, taken_at=60.0 * minute))
    sizes = {id(one.links): len(one.links) for one in coarse._minutes}
    assert len(sizes) == 1
    assert sum(one.counted.itemsize * len(one.counted) for one in coarse._minutes) < 2_100_000
