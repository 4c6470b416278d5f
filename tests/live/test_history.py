import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from netview.derive.build import build
from netview.derive.plot import summed
from netview.live import History
from netview.model import LinkKey, Sample, Snapshot
from tests.factories import ETH0_1, HOME, NGINX_1, a_link, a_sample, docker_sample, docker_snapshot, found, stats, tables


def steps(*samples: Sample, length: int = 60) -> tuple[History, Snapshot]:
    history = History(length)
    before: Sample | None = None
    snapshot: Snapshot | None = None
    for sample in samples:
        before, snapshot = sample, build(sample, before, snapshot)
        history.add(snapshot)
    assert snapshot is not None
    return history, snapshot


def received(history: History, key: LinkKey = ETH0_1) -> list[float | None]:
    return [None if rates is None else rates.rx_bytes for rates in history.rates(key)]


def test_rates_are_kept_oldest_first_and_the_first_tick_has_none() -> None:
    history, _ = steps(docker_sample(0), docker_sample(1), docker_sample(2, rate=2_000_000))
    assert received(history) == [None, 1_000_000.0, 3_000_000.0]


def test_no_more_is_kept_than_the_length() -> None:
    history, _ = steps(*(docker_sample(float(tick)) for tick in range(9)), length=4)
    assert received(history) == [1_000_000.0] * 4


def test_a_link_that_is_gone_is_forgotten() -> None:
    last = docker_sample(1)
    gone = dataclasses.replace(last, counters={key: row for key, row in last.counters.items() if key != ETH0_1})
    history, _ = steps(docker_sample(0), gone)
    assert received(history) == []
    assert received(history, LinkKey(HOME, 1)) == [None, 0.0]


def test_a_reused_ifindex_takes_nothing_over_from_the_link_before() -> None:
    reused = docker_sample(2)
    links = [a_link(1, "lo", "loopback"), a_link(6, "eth0", link=99, link_nsid=0, address="02:00:00:00:00:99")]
    reused = dataclasses.replace(
        reused, tables={**reused.tables, NGINX_1: tables(links)}, counters={**reused.counters, ETH0_1: stats(7 * 10**9)}
    )
    history, _ = steps(docker_sample(0), docker_sample(1), reused)
    assert received(history) == [None]


@given(st.lists(st.sampled_from(["same", "reset", "gone", "reused"]), max_size=8))
def test_links_together_are_what_each_of_them_is(happened: list[str]) -> None:
    keys = (ETH0_1, LinkKey(HOME, 1), LinkKey(HOME, 9))
    samples = [docker_sample(0)]
    for number, what in enumerate(happened, 1):
        samples.append(_happened(docker_sample(float(number), rate=1000 * number), what, number))
    history, _ = steps(*samples)
    for field in (0, 1, 3, 7):
        assert history.summed(keys, field) == summed([history.rates(key) for key in keys], field)


def _happened(sample: Sample, what: str, number: int) -> Sample:
    if what == "reset":
        return dataclasses.replace(sample, counters={**sample.counters, ETH0_1: stats(number)})
    if what == "gone":
        return dataclasses.replace(sample, counters={key: row for key, row in sample.counters.items() if key != ETH0_1})
    if what == "reused":
        links = [a_link(1, "lo", "loopback"), a_link(6, "eth0", link=99, link_nsid=0, address=f"02:00:00:00:00:{number:02x}")]
        return dataclasses.replace(sample, tables={**sample.tables, NGINX_1: tables(links)})
    return sample


def test_a_counter_reset_leaves_a_gap() -> None:
    reset = dataclasses.replace(docker_sample(2), counters={**docker_sample(2).counters, ETH0_1: stats(10)})
    history, _ = steps(docker_sample(0), docker_sample(1), reset)
    assert received(history) == [None, 1_000_000.0, None]


def test_what_is_handed_out_does_not_change_while_a_screen_reads_it() -> None:
    history, snapshot = steps(docker_sample(0), docker_sample(1))
    kept = history.rates(ETH0_1)
    history.add(snapshot)
    assert len(kept) == 2


def test_an_unknown_link_has_no_rates() -> None:
    assert list(History().rates(ETH0_1)) == []


def test_the_span_is_the_time_that_the_ticks_cover() -> None:
    assert History().span_s == 0.0
    assert steps(docker_sample(0), docker_sample(1), docker_sample(2.5))[0].span_s == 2.5
    assert steps(*(docker_sample(float(tick)) for tick in range(9)), length=4)[0].span_s == 4.0
    assert steps(docker_sample(5), docker_sample(0))[0].span_s == 0.0


def test_what_no_other_tick_differs_from_is_kept_once() -> None:
    history, snapshot = steps(docker_sample(0), docker_sample(1))
    for _ in range(3):
        history.add(snapshot)
    assert received(history) == [None, *[1_000_000.0] * 4]


def test_errors_and_drops_are_kept_where_there_are_any() -> None:
    last = docker_sample(1)
    counters = {**last.counters, ETH0_1: last.counters[ETH0_1]._replace(rx_dropped=7, tx_errors=3)}
    history, _ = steps(docker_sample(0), dataclasses.replace(last, counters=counters))
    rates = history.rates(ETH0_1)[-1]
    assert rates is not None
    assert (rates.rx_dropped, rates.tx_errors, rates.tx_dropped) == (7.0, 3.0, 0.0)


@given(st.lists(st.lists(st.sampled_from([0, 0, 1, 5]), min_size=3, max_size=3), min_size=2, max_size=8))
def test_whatever_moves_every_tick_holds_the_rates_of_its_moment(moves: list[list[int]]) -> None:
    keys = [LinkKey(HOME, number) for number in range(3)]
    counted, at = dict.fromkeys(keys, 0), 0.0
    history, before, snapshot, expected = History(), None, None, []
    for moved in moves:
        counted = {key: counted[key] + 1000 * more for key, more in zip(keys, moved, strict=True)}
        world = a_sample({HOME: found(HOME)}, {HOME: tables([])}, {key: stats(count) for key, count in counted.items()}, at=at)
        before, snapshot, at = world, build(world, before, snapshot), at + 1.0
        history.add(snapshot)
        expected.append([snapshot.rates.get(key) for key in keys])
    kept = [list(ring) for ring in zip(*(history.rates(key) for key in keys), strict=True)]
    assert kept == expected


def test_what_was_before_is_without_what_came_after() -> None:
    history = History()
    snapshots = [docker_snapshot(ticks) for ticks in (2, 3, 4)]
    for snapshot in snapshots:
        history.add(snapshot)
    earlier = history.before(1)
    assert history.reach == 2
    assert earlier.taken_at == snapshots[1].taken_at
    assert earlier.newest().keys() == snapshots[1].rates.keys()
    assert history.before(9).taken_at == snapshots[0].taken_at
    assert history.taken_at == snapshots[2].taken_at
