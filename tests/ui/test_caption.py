"""The demo's three journeys, a line each."""

import pytest

from netview.ui.options import Options
from netview.ui.widgets.caption import CAPTIONS
from tests.ui.screen import LEAST, STANDARD, WIDE, running


@pytest.mark.parametrize("size", [WIDE, STANDARD, LEAST])
async def test_the_demo_has_three_captions_and_then_none(size: tuple[int, int]) -> None:
    async with running(size=size, options=Options(mode="DEMO")) as hand:
        for number, (name, how) in enumerate(CAPTIONS, 1):
            line = hand.lines[-2]
            assert f"{number}/3 " in line
            assert name in line or size == LEAST
            assert how in line
            assert line.rstrip().endswith("J next" if number < len(CAPTIONS) else "J done")
            await hand.press("J")
        assert "1/3" not in hand.text
        assert hand.lines[-2].startswith("╰")
        await hand.press("J")
        assert "1/3 " in hand.lines[-2]


async def test_elsewhere_there_are_none() -> None:
    async with running() as hand:
        assert hand.lines[-2].startswith("╰")
        await hand.press("J")
        assert "netview --demo" in hand.text
