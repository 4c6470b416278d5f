"""Top talkers: every wire once, the busiest first."""

import pytest

from tests.ui.screen import LEAST, STANDARD, WIDE, running


def rows(lines: list[str]) -> list[str]:
    return [line for line in lines if "eth0" in line and "top talkers" not in line]


@pytest.mark.parametrize("size", [WIDE, STANDARD, LEAST])
async def test_the_busiest_wire_stands_first_with_its_share(size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        await hand.press("T")
        first = rows(hand.lines)[0]
        assert "nginx-1" in first
        assert "100 %" in first
        assert "8.0 M" in first


async def test_each_wire_is_listed_once() -> None:
    async with running() as hand:
        await hand.press("T")
        assert len([line for line in hand.lines if "nginx-1" in line]) == 1
        assert not any("veth" in line and "nginx" not in line for line in rows(hand.lines))


async def test_enter_opens_both_ends_and_back_leads_out() -> None:
    async with running() as hand:
        await hand.press("T", "enter")
        assert "veth9c02e56" in hand.text
        await hand.press("escape")
        assert "top talkers" in hand.text
        await hand.press("T")
        assert "[1 Wiring]" in hand.text


async def test_it_is_filtered_and_its_metric_and_units_switched() -> None:
    async with running() as hand:
        await hand.press("T", "m")
        assert "↓ pkt/s" in hand.text
        await hand.press("m", "m", "m", "m", "u")
        assert "↓ B/s" in hand.text
        await hand.press("slash", *"nginx-2", "enter")
        assert "nginx-1" not in hand.text
        await hand.press("escape")
        assert "nginx-1" in hand.text


async def test_it_follows_the_samples() -> None:
    async with running() as hand:
        await hand.press("T")
        await hand.step(3)
        assert "nginx-1" in rows(hand.lines)[0]
