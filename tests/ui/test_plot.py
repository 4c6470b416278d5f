"""A wire's plots."""

import pytest

from netview.ui.options import Options
from tests.ui.screen import LEAST, STANDARD, WIDE, running


@pytest.mark.parametrize(("size", "rows"), [(WIDE, 6), ((100, 30), 2), (STANDARD, 2)])
async def test_i_draws_both_directions_of_a_minute_and_of_an_hour(size: tuple[int, int], rows: int) -> None:
    async with running(size=size) as hand:
        await hand.step(5)
        await hand.press("slash", *"nginx-1", "enter", "i")
        text = hand.text
        assert "↓ 60 s  min 8.0 Mbit/s" in text
        assert "↑ 60 s  min 0 bit/s" in text
        assert "↓ 60 min  not measured yet" in text
        first = next(index for index, line in enumerate(hand.lines) if line.startswith("↓ 60 s"))
        assert sum("█████" in line for line in hand.lines[first : first + rows + 1]) == rows


async def test_after_a_minute_there_is_an_hours_plot() -> None:
    async with running(size=WIDE, samples=64) as hand:
        await hand.press("slash", *"nginx-1", "enter", "i")
        assert "↓ 60 min  min 8.0 Mbit/s" in hand.text


async def test_where_it_is_low_words_come_first() -> None:
    async with running(size=LEAST) as hand:
        await hand.press("slash", *"nginx-1", "enter", "i")
        assert "60 min" not in hand.text
        assert "172.17.0.2/16" in hand.text


async def test_in_ascii_it_is_drawn_in_ascii() -> None:
    async with running(size=WIDE, options=Options(ascii=True)) as hand:
        await hand.step(3)
        await hand.press("slash", *"nginx-1", "enter", "i")
        assert hand.text.isascii()
        assert "####" in hand.text
