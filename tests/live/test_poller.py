import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from netview.kernel.stranded import StrandedError
from netview.live import Poller, Update, Want
from netview.live.poller import HELD_S
from netview.model import Container, EngineAnswer, LinkKey, NamespaceId, Notice, Owner, Runtime, Sample
from tests.factories import ETH0_1, NGINX_1, docker_sample
from tests.still import Still

PATIENCE_S = 10.0
"""Nothing here takes that long; a test that waits so long has failed."""


class FakeSource(Still):
    """Plays samples, or raises what stands between them."""

    def __init__(self, samples: Iterable[Sample | Exception]) -> None:
        super().__init__()
        self._samples = iter(samples)
        self.wanted: list[Want] = []
        self.threads: list[int] = []
        self.closed = threading.Event()

    def sample(self, want: Want) -> Sample:
        self.wanted.append(want)
        self.threads.append(threading.get_ident())
        found = next(self._samples)
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        self.closed.set()


class FakeEngine:
    """Knows one container that is nowhere."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def sighted(self, sample: Sample) -> None:
        del sample

    def wait(self, seconds: float) -> None:
        del seconds

    def answer(self) -> EngineAnswer:
        return EngineAnswer((Container(Owner(Runtime.DOCKER, "c" * 64, "web"), pid=201),), frozenset({"docker"}))

    def notices(self) -> tuple[Notice, ...]:
        return (Notice("docker", "answers slowly"),)

    def stop(self) -> None:
        self.calls.append("stop")


def endless() -> Iterator[Sample]:
    tick = 0.0
    while True:
        yield docker_sample(tick)
        tick += 1.0


class Inbox:
    """Keeps updates and tells when one of a generation has come."""

    def __init__(self) -> None:
        self.updates: list[Update] = []
        self._came = threading.Condition()

    def __call__(self, update: Update) -> None:
        with self._came:
            self.updates.append(update)
            self._came.notify_all()

    def wait_for(self, generation: int) -> Update:
        with self._came:
            assert self._came.wait_for(lambda: len(self.updates) >= generation, PATIENCE_S)
            return self.updates[generation - 1]


@pytest.fixture
def run() -> Iterator[Callable[[Poller], Inbox]]:
    """Starts a poller that is stopped after the test."""
    started: list[Poller] = []

    def start(poller: Poller) -> Inbox:
        inbox = Inbox()
        started.append(poller)
        poller.start(inbox)
        return inbox

    yield start
    for poller in started:
        poller.stop(PATIENCE_S)


def test_each_step_is_a_snapshot_with_the_rates_since_the_one_before() -> None:
    poller = Poller(FakeSource(endless()))
    first, second = poller.step(), poller.step()
    assert (first.generation, second.generation) == (1, 2)
    assert first.snapshot.rates == {}
    assert second.snapshot.rates[ETH0_1].rx_bytes == 1_000_000.0
    assert len(second.history.rates(ETH0_1)) == 2


def test_what_the_engines_say_is_in_the_snapshot() -> None:
    update = Poller(FakeSource(endless()), [FakeEngine()]).step()
    assert [owner.name for owner in update.snapshot.namespaces[NGINX_1].owners] == ["nginx-1", "web"]
    assert update.snapshot.notices == (Notice("docker", "answers slowly"),)


@pytest.mark.parametrize(("asked", "given"), [(1.0, 1.0), (0.1, 0.5), (-1.0, 0.5), (60.0, 10.0)])
def test_the_interval_stays_within_its_bounds(asked: float, given: float) -> None:
    assert Poller(FakeSource(endless()), interval=asked).interval == given
    assert Poller(FakeSource(endless())).set_interval(asked) == given


def test_updates_come_from_one_thread_that_is_not_the_screens(run: Callable[[Poller], Inbox]) -> None:
    source = FakeSource(endless())
    inbox = run(Poller(source, interval=0.5))
    inbox.wait_for(2)
    assert len(set(source.threads)) == 1
    assert threading.get_ident() not in source.threads


def test_an_opened_place_is_read_at_once(run: Callable[[Poller], Inbox]) -> None:
    source = FakeSource(endless())
    poller = Poller(source, interval=10.0)
    inbox = run(poller)
    inbox.wait_for(1)
    poller.want(Want(frozenset({ETH0_1}), NGINX_1))
    inbox.wait_for(2)
    assert source.wanted[1].place == NGINX_1


def test_a_place_that_is_opened_during_a_step_is_not_forgotten(run: Callable[[Poller], Inbox]) -> None:
    source = FakeSource(endless())
    poller = Poller(source, interval=10.0)
    inside, go_on = threading.Event(), threading.Event()
    plain = source.sample

    def slow(want: Want) -> Sample:
        if not source.wanted:
            inside.set()
            assert go_on.wait(PATIENCE_S)
        return plain(want)

    source.sample = slow  # type: ignore[method-assign]
    inbox = run(poller)
    assert inside.wait(PATIENCE_S)
    poller.want(Want(place=NamespaceId("c9")))
    go_on.set()
    inbox.wait_for(2)


def test_sockets_that_are_wanted_are_read_at_once(run: Callable[[Poller], Inbox]) -> None:
    source = FakeSource(endless())
    poller = Poller(source, interval=10.0)
    inbox = run(poller)
    inbox.wait_for(1)
    poller.want(Want(place=NGINX_1))
    inbox.wait_for(2)
    poller.want(Want(place=NGINX_1, sockets="place"))
    inbox.wait_for(3)
    assert source.wanted[2].sockets == "place"


def test_scrolling_does_not_wake_the_poller(run: Callable[[Poller], Inbox]) -> None:
    source = FakeSource(endless())
    poller = Poller(source, interval=10.0)
    inbox = run(poller)
    inbox.wait_for(1)
    poller.want(Want(frozenset({LinkKey(NGINX_1, 6)})))
    assert not poller._wake.is_set()
    assert len(inbox.updates) == 1


def test_the_end_of_a_recording_closes_the_source(run: Callable[[Poller], Inbox]) -> None:
    source = FakeSource([docker_sample(0.0)])
    run(Poller(source, interval=0.5)).wait_for(1)
    assert source.closed.wait(PATIENCE_S)


def test_stopping_ends_the_thread_closes_the_source_and_stops_the_engines(run: Callable[[Poller], Inbox]) -> None:
    source, engine = FakeSource(endless()), FakeEngine()
    poller = Poller(source, [engine], interval=10.0)
    run(poller).wait_for(1)
    poller.stop(PATIENCE_S)
    assert source.closed.is_set()
    assert engine.calls == ["start", "stop"]


def test_a_thread_that_found_no_way_home_is_replaced(run: Callable[[Poller], Inbox]) -> None:
    source = FakeSource([docker_sample(0.0), StrandedError("the way home is shut"), docker_sample(1.0)])
    inbox = run(Poller(source, interval=0.5))
    assert inbox.wait_for(2).snapshot.rates[ETH0_1].rx_bytes == 1_000_000.0


class Telling(FakeSource):
    """Is told of changes, some times."""

    def __init__(self, samples: Iterable[Sample | Exception], changed: Iterable[Sample]) -> None:
        super().__init__(samples)
        self._changed = list(changed)

    def wait(self, seconds: float) -> bool:
        return bool(self._changed) or super().wait(seconds)

    def changes(self, want: Want) -> Sample:
        self.wanted.append(want)
        return self._changed.pop(0)


def _renamed(sample: Sample) -> Sample:
    """The same counters, one link with another name."""
    tables = sample.tables[NGINX_1]
    links = {**tables.links, ETH0_1.ifindex: replace(tables.links[ETH0_1.ifindex], name="renamed")}
    return replace(sample, taken_at=sample.taken_at + 0.3, tables={**sample.tables, NGINX_1: replace(tables, links=links)})


def test_what_changes_between_two_samples_is_delivered_at_once_and_moves_no_rate(run: Callable[[Poller], Inbox]) -> None:
    first, second = docker_sample(0.0), docker_sample(1.0)
    poller = Poller(Telling([first, second], []), interval=10.0)
    poller.step()
    before = poller.step()
    poller._source = Telling([docker_sample(2.0)], [_renamed(second)])
    after = poller.follow()
    assert after.generation == before.generation + 1
    assert after.snapshot.rates == before.snapshot.rates
    assert len(after.history.rates(ETH0_1)) == 2
    link = after.snapshot.link(ETH0_1)
    assert link is not None
    assert link.name == "renamed"
    assert poller.step().snapshot.rates[ETH0_1].rx_bytes == 1_000_000.0

    inbox = run(Poller(Telling([first], [_renamed(first)]), interval=10.0))
    link = inbox.wait_for(2).snapshot.link(ETH0_1)
    assert link is not None
    assert link.name == "renamed"


def test_a_held_picture_has_a_slower_beat_and_the_next_sample_comes_at_once_when_it_is_let_go() -> None:
    source = FakeSource([docker_sample() for _ in range(4)])
    poller = Poller(source, interval=0.5)
    came: list[Update] = []
    second = threading.Event()

    def deliver(update: Update) -> None:
        came.append(update)
        if len(came) == 2:
            second.set()

    poller.hold(held=True)
    assert poller.beat_s == HELD_S
    poller.start(deliver)
    assert not second.wait(0.8)
    poller.hold(held=False)
    assert second.wait(PATIENCE_S)
    assert poller.beat_s == 0.5
    poller.stop()


@pytest.mark.parametrize("at_once", [False, True])
def test_engines_start_before_the_first_sample_or_after_the_first_update(*, at_once: bool) -> None:
    engine = FakeEngine()
    before: list[list[str]] = []

    class Noting(FakeSource):
        def sample(self, want: Want) -> Sample:
            before.append(list(engine.calls))
            return super().sample(want)

    poller, inbox = Poller(Noting(endless()), (engine,), interval=0.5), Inbox()
    poller.start(inbox, at_once=at_once)
    inbox.wait_for(2)
    poller.stop(PATIENCE_S)
    assert before[:2] == ([[], ["start"]] if at_once else [["start"], ["start"]])
    assert engine.calls[0] == "start"


def test_a_source_that_fails_at_once_ends_the_thread_and_what_waits_for_it() -> None:
    poller = Poller(FakeSource([StopIteration()]), (FakeEngine(),))
    poller.start(Inbox(), at_once=True)
    assert poller.ended(PATIENCE_S)
