"""View 8, and the marks that it leaves in the others."""

from collections.abc import Callable
from itertools import count

import pytest

from netview.derive.path.questions import Answer, AskBacklog, AskRevision, AskSettings, Backlog, Question, Unanswered
from netview.live import Poller
from netview.model import Sample
from tests.derive.doctor.ailing import World
from tests.factories import NGINX_1
from tests.ui.screen import LEAST, STANDARD, WIDE, running


def ailing(change: Callable[[World], object], *, until: float = 99.0) -> Callable[[float], Sample]:
    """The docker world, in which something is wrong until a moment."""

    def sample(at: float) -> Sample:
        world = World(at)
        if at < until:
            change(world)
        return world.sample

    return sample


def answered(question: Question) -> Answer:
    return World().answer(question)


def refused(_question: Question) -> Answer:
    return Unanswered("Operation not permitted")


def large(world: World) -> object:
    return world.link(NGINX_1, 6, mtu=9000)


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD, LEAST])
async def test_what_is_wrong_is_listed_counted_and_opens(size: tuple[int, int]) -> None:
    async with running(ailing(large), size=size, answer=answered) as hand:
        await hand.step(3)
        await hand.press("8")
        assert "⚠ warning" in hand.text
        assert "✗ 1 found" in hand.text
        await hand.press("enter")
        assert "veth9c02e56" in hand.text


def full() -> Callable[[Question], Answer]:
    """A host whose queue for what comes in is full all the time, which takes more than a screen's width to say."""
    looks = count(1)

    def answer(question: Question) -> Answer:
        if not isinstance(question, AskBacklog):
            return World().answer(question)
        look = next(looks)
        return Backlog(processed=1000 * look, dropped=300 * look)

    return answer


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD, LEAST])
async def test_why_is_told_whatever_its_length(size: tuple[int, int]) -> None:
    async with running(ailing(lambda _: None), size=size, answer=full()) as hand:
        await hand.step(3)
        await hand.press("8")
        assert "WHY" in hand.text
        assert "host has dropped" in hand.text


@pytest.mark.parametrize(("size", "keys"), [(WIDE, "8"), ((100, 30), "8"), (STANDARD, "8i"), (LEAST, "8i")])
async def test_all_of_a_finding_is_read_beside_the_list_or_in_the_details(size: tuple[int, int], keys: str) -> None:
    async with running(ailing(lambda _: None), size=size, answer=full()) as hand:
        await hand.step(3)
        await hand.press(*keys)
        words = " ".join(" ".join(line.rsplit("││", 1)[-1].strip("│ ") for line in hand.lines).split())
        assert "a bridge that floods to many ports fills it" in words
        assert "see it: cat /proc/net/softnet_stat" in words
        assert "people then: raise net.core.netdev_max_backlog, and look for what floods" in words
        assert "in host" in words


async def test_what_could_not_be_looked_at_is_listed_too() -> None:
    async with running(ailing(lambda _: None), size=WIDE, answer=refused) as hand:
        await hand.press("8")
        await hand.step(3)
        assert "? unknown" in hand.text
        assert "Operation not permitted" in hand.text
        assert "found " not in hand.lines[0]


async def test_a_row_that_something_is_wrong_with_has_a_mark_until_it_is_cured() -> None:
    async with running(ailing(large, until=6), size=WIDE, answer=answered) as hand:
        await hand.step(3)
        await hand.press("2")
        marked = [line for line in hand.lines if line[2:3] == "⚠"]
        assert len(marked) == 1
        assert "nginx-1" in marked[0]
        await hand.step(5)
        assert not any(line[2:3] == "⚠" for line in hand.lines)
        assert "✗" not in hand.lines[0]


async def test_copying_takes_the_command_that_shows_it() -> None:
    async with running(ailing(large), size=WIDE, answer=answered) as hand:
        await hand.step(3)
        await hand.press("8", "C")
        assert "ip link show dev eth0" in hand.text.replace("\n", "")


async def test_without_anybody_to_ask_it_looks_at_nothing() -> None:
    async with running(size=WIDE) as hand:
        await hand.step(3)
        await hand.press("8")
        assert "looking…" in hand.text


def test_the_rounds_ask_seldom_what_no_event_tells() -> None:
    asked: list[Question] = []

    def answer(question: Question) -> Answer:
        asked.append(question)
        return answered(question)

    poller = Poller(Stepped(), answer=answer)
    updates = [poller.step() for _ in range(40)]
    # What is on the screen first waits for no round.
    assert [update.diagnosis for update in updates[:2]] == [None, None]
    known = [update.diagnosis for update in updates[2:]]
    assert all(one is not None for one in known)
    beats = {one.beat_at for one in known if one is not None}
    assert len(beats) == 3
    seldom = [question for question in asked if not isinstance(question, (AskRevision, AskSettings))]
    assert all(seldom.count(question) <= len(known) for question in seldom)


class Stepped:
    """A sample a second, everything in it new."""

    def __init__(self) -> None:
        self.at = 0.0

    def sample(self, _want: object) -> Sample:
        self.at += 1
        return World(self.at).sample

    def changes(self, want: object) -> Sample:
        return self.sample(want)

    def wait(self, _seconds: float) -> bool:
        return False

    def wake(self) -> None:
        pass

    def close(self) -> None:
        pass
