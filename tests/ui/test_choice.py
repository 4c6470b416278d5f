"""In Routes an address keeps the routes that contain it, and the kernel's own choice is marked."""

from dataclasses import replace

import pytest

from netview.derive.path.questions import Answer, AskRoute, Question, RouteAnswer, Unanswered
from netview.model import Sample
from tests.factories import HOME, NGINX_1, a_route, docker_sample
from tests.ui.screen import LEAST, STANDARD, WIDE, Hand, running


def answered(question: Question) -> Answer:
    """A kernel that goes by its tables, but for one address that a rule sends elsewhere."""
    if not isinstance(question, AskRoute):
        return Unanswered("not asked")
    if question.namespace == HOME:
        elsewhere = question.lookup.flow.destination == "172.17.9.9"
        via = a_route("default", 2, "203.0.113.1", metric=100) if elsewhere else a_route("172.17.0.0/16", 3, protocol="kernel")
        return RouteAnswer(via, via)
    if question.namespace == NGINX_1:
        return RouteAnswer(101, 101)
    return Unanswered("Operation not permitted")


def taken(hand: Hand) -> list[str]:
    return [line for line in hand.lines if line[2:3] == "✓"]


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD, LEAST])
async def test_the_kernels_choice_is_marked_and_no_prefix_is_taken_for_it(size: tuple[int, int]) -> None:
    async with running(size=size, answer=answered) as hand:
        await hand.press("4", "slash", *"172.17.0.9", "enter")
        await hand.step(1)
        assert len(taken(hand)) == 1
        assert "172.17.0.0/16" in taken(hand)[0]
        await hand.press("escape", "slash", *"172.17.9.9", "enter")
        await hand.step(1)
        assert len(taken(hand)) == 1
        assert "default" in taken(hand)[0]


async def test_only_routes_that_contain_the_address_stay() -> None:
    async with running(size=WIDE, answer=answered) as hand:
        await hand.press("4", "slash", *"8.8.8.8", "enter")
        listed = [entry.row.fact.dst for entry in hand.table.entries]
        assert listed
        assert set(listed) == {"default"}


async def test_what_the_kernel_cannot_be_asked_is_said() -> None:
    async with running(size=WIDE, answer=lambda _: Unanswered("not recorded")) as hand:
        await hand.press("4", "slash", *"8.8.8.8", "enter")
        await hand.step(1)
        assert "the kernel's choice: not recorded" in hand.text
        assert taken(hand) == []


async def test_without_a_filter_nothing_is_asked_or_marked() -> None:
    asked: list[Question] = []

    def answer(question: Question) -> Answer:
        asked.append(question)
        return answered(question)

    async with running(size=WIDE, answer=answer) as hand:
        await hand.press("4", "slash", *"8.8.8.8", "enter", "escape")
        await hand.step(2)
        asked.clear()
        await hand.step(2)
        assert not any(isinstance(question, AskRoute) for question in asked)
        assert taken(hand) == []


def twins(at: float) -> Sample:
    """Two routes to one prefix that differ by their metric."""
    sample = docker_sample(at)
    home = sample.tables[HOME]
    more = (*home.routes, a_route("172.17.0.0/16", 2, "203.0.113.1", metric=500))
    return replace(sample, tables={**sample.tables, HOME: replace(home, routes=more)})


async def test_of_two_routes_to_one_prefix_the_one_that_matched_is_marked() -> None:
    async with running(twins, size=WIDE, answer=answered) as hand:
        await hand.press("4", "slash", *"172.17.0.9", "enter")
        await hand.step(1)
        assert len(taken(hand)) == 1
        assert "docker0" in taken(hand)[0]
