"""A wire's plots."""

import re

import pytest

from netview.ui.options import Options
from tests.ui.crowd import crowd
from tests.ui.screen import LEAST, STANDARD, WIDE, running


@pytest.mark.parametrize(("size", "rows"), [(WIDE, 6), ((100, 30), 2), (STANDARD, 2)])
async def test_i_draws_both_directions_of_a_minute_and_of_an_hour(size: tuple[int, int], rows: int) -> None:
    async with running(size=size) as hand:
        await hand.step(5)
        await hand.press("slash", *"nginx-1", "enter", "i")
        assert "↓ 60 min  not measured yet" in hand.text
        first = next(index for index, line in enumerate(hand.lines) if line.startswith("↓ 60 s"))
        assert sum("█████" in line for line in hand.lines[first : first + rows + 2]) == rows


async def test_the_figures_of_a_minute_stand_in_one_line_where_there_is_room() -> None:
    async with running(size=WIDE) as hand:
        await hand.step(5)
        await hand.press("slash", *"nginx-1", "enter", "i")
        assert "↓ 60 s  min 8.0 M · mean 8.0 M · p95 8.0 M · peak 8.0 Mbit/s" in hand.text
        assert "↑ 60 s  min 0 · mean 0 · p95 0 · peak 0 bit/s" in hand.text


async def test_an_hours_highest_figure_is_that_of_a_minute() -> None:
    async with running(size=WIDE, samples=64) as hand:
        await hand.press("slash", *"nginx-1", "enter", "i")
        assert re.search(r"↓ 60 min  min \S+ M · mean \S+ M · p95 \S+ M · busiest minute \S+ Mbit/s", hand.text)


@pytest.mark.parametrize("size", [(100, 30), STANDARD])
async def test_where_there_is_less_room_the_figures_take_two_lines_and_are_not_cut(size: tuple[int, int]) -> None:
    async with running(size=size, samples=64) as hand:
        await hand.press("slash", *"nginx-1", "enter", "i")
        first = next(index for index, line in enumerate(hand.lines) if line.startswith("↓ 60 s"))
        words = " ".join(hand.lines[first : first + 2])
        assert "…" not in words
        for name in ("mean", "p95", "min", "peak", "busiest minute"):
            assert re.search(rf"{name} [\d.]+ [kM]?", words), name


async def test_where_it_is_narrow_there_is_the_minute_alone() -> None:
    async with running(size=(70, 30), samples=64) as hand:
        await hand.press("slash", *"nginx-1", "enter", "i")
        assert "60 min" not in hand.text
        assert "peak 8.0 Mbit/s" in hand.text


async def test_a_bridges_plot_is_the_sum_of_its_ports() -> None:
    async with running(lambda at: crowd(3, at), size=WIDE, samples=64) as hand:
        await hand.press("slash", *"docker0", "enter", "i")
        assert "peak 24 Mbit/s" in hand.text
        assert "busiest minute 24 Mbit/s" in hand.text


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
