"""View 7."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from netview.derive.path.questions import Answer, Question
from netview.model import Sample, Tables
from tests.derive.path.worlds import Kernel, address, sample
from tests.factories import HOSTILE
from tests.ui.screen import LEAST, STANDARD, WIDE, Hand, running


@asynccontextmanager
async def asked(*keys: str, size: tuple[int, int] = WIDE, world: Sample | None = None, row: str = "web-1") -> AsyncIterator[Hand]:
    """The app with a path from web-1 asked for."""

    def make(at: float) -> Sample:
        return replace(world, taken_at=world.taken_at + at) if world is not None else sample(2, at)

    async with running(make, size=size) as hand:

        def answer(question: Question) -> Answer:
            snapshot = hand.poller._snapshot
            assert snapshot is not None
            return Kernel(snapshot).answer(question)

        hand.poller._answer = answer
        await hand.press("3", "slash", *row, "enter", "n", *keys, "enter")
        await hand.step()
        yield hand


async def test_before_a_path_is_asked_for_the_view_says_how() -> None:
    async with running(size=STANDARD) as hand:
        await hand.press("7")
        assert "no path yet: n on a row asks for the way from there" in hand.text


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD])
async def test_hops_stand_below_each_other_with_their_reasons_and_rates(size: tuple[int, int]) -> None:
    async with asked(*"web-2", size=size) as hand:
        text = hand.text
        for word in ("sent by eth0", "delivered", "reply delivered"):
            assert word in text
        if size == WIDE:
            assert f"icmp from {address(1)} to {address(2)}" in hand.title
            line = next(line for line in hand.lines if "br0 forwards it to port v2" in line)
            assert "flooded to all ports of br0" in line
            assert "16 M" in line


async def test_where_to_is_chosen_by_what_is_typed_or_by_the_row_below() -> None:
    async with asked(*"10.1.0.3", " ", *"tcp", " ", *"80") as hand:
        assert f"tcp port 80 from {address(1)} to {address(2)}" in hand.title
        assert "no listener" in hand.text
        await hand.press("n", *["backspace"] * 20, "down", "enter")
        await hand.step()
        assert f"icmp from {address(1)} to " in hand.title


async def test_what_cannot_be_understood_is_kept_to_be_changed() -> None:
    async with asked(*"web-2", " ", *"tcp", " ", *"99999") as hand:
        assert "from web-1 to" in hand.text
        await hand.press("escape", "7")
        assert "no path yet" in hand.text


async def test_enter_opens_what_decided_and_c_copies_what_shows_it() -> None:
    async with asked(*"web-2") as hand:
        await hand.press("g", "C")
        assert "ip -4 route get fibmatch" in hand.text
        await hand.press("enter")
        assert "10.1.0.0/16" in hand.selected
        assert "[Routes]" in hand.text


async def test_a_path_follows_what_changes() -> None:
    def unplugged(tables: Tables) -> Tables:
        return replace(tables, links={**tables.links, 1002: replace(tables.links[1002], master=None, port=None, port_kind=None)})

    async with asked(*"web-2") as hand:
        assert "delivered" in hand.text
        hand.poller._source._make = lambda at: sample(2, at, host=unplugged)  # type: ignore[attr-defined]
        await hand.step()
        assert "dropped" in hand.text
        assert "delivered" not in hand.text


async def test_a_path_is_followed_only_while_it_is_on_the_screen() -> None:
    async with asked(*"web-2") as hand:
        wants = hand.poller._source.wants  # type: ignore[attr-defined]
        assert wants[-1].path is not None
        await hand.press("1")
        await hand.step()
        assert wants[-1].path is None


async def test_names_from_elsewhere_do_nothing_to_the_screen() -> None:
    def hostile(tables: Tables) -> Tables:
        return replace(tables, links={**tables.links, 2: replace(tables.links[2], name=HOSTILE)})

    async with asked(*"web-2", world=sample(2, c1=hostile, c2=hostile)) as hand:
        assert "\u202e" not in hand.text
        assert "\\x1b" in hand.text


async def test_the_least_terminal_has_room_for_it() -> None:
    async with asked(*"web-2", size=LEAST) as hand:
        assert "web-1" in hand.text
