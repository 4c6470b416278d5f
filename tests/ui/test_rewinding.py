"""A held picture, and the moments before it."""

from dataclasses import replace

import pytest

from netview.model import Sample
from tests.factories import HOME, docker_sample
from tests.ui.screen import LEAST, STANDARD, WIDE, running

SIZES = [WIDE, (100, 30), STANDARD, LEAST]


def growing(at: float) -> Sample:
    """Each second moves 1 MB more than the one before."""
    sample = docker_sample(at, rate=int(at) * 1_000_000)
    return replace(sample, taken_at=1_800_000_000.0 + at)


def fading(at: float) -> Sample:
    """In the fourth second a link of the host goes."""
    sample = docker_sample(at)
    if at < 4:
        return sample
    home = sample.tables[HOME]
    return replace(
        sample, tables={**sample.tables, HOME: replace(home, links={key: link for key, link in home.links.items() if key != 9})}
    )


@pytest.mark.parametrize("size", SIZES)
async def test_a_step_back_and_on_shows_that_moments_rates(size: tuple[int, int]) -> None:
    async with running(growing, size=size, samples=2) as hand:
        seen = []
        for _ in range(3):
            await hand.step()
            seen.append(next(line for line in hand.lines[3:] if "nginx-1" in line).split("││")[0])
        assert len(set(seen)) == 3
        await hand.press("p")
        for number, line in enumerate(reversed(seen[:-1]), 1):
            await hand.press("comma")
            assert next(known for known in hand.lines[3:] if "nginx-1" in known).split("││")[0] == line
            assert f"‖ {number} of " in hand.lines[0]
        await hand.press("full_stop", "full_stop")
        assert next(line for line in hand.lines[3:] if "nginx-1" in line).split("││")[0] == seen[-1]
        assert "PAUSED" in hand.lines[0]


async def test_collection_goes_on_and_the_picture_does_not() -> None:
    async with running(growing, samples=4) as hand:
        await hand.press("p", "comma")
        before = hand.text
        await hand.step(3)
        assert hand.text == before
        await hand.press("p")
        assert "LIVE" in hand.lines[0]
        assert hand.app.state.update is hand.app.state.newest


async def test_what_is_not_kept_is_said_and_not_shown() -> None:
    async with running(growing, samples=4) as hand:
        await hand.press("2", "m", "m", "p", "comma")
        line = next(line for line in hand.lines[3:] if "veth9c02e56" in line)
        assert "?" in line
        assert "MiB" not in line
        assert "totals not kept, the rest as of" in hand.lines[1]


async def test_it_ends_where_history_does() -> None:
    async with running(growing, samples=3) as hand:
        await hand.press("p", "full_stop")
        assert "PAUSED" in hand.lines[0]
        await hand.press(*["comma"] * 5)
        assert "2 of 2 back" in hand.lines[0]


async def test_a_step_back_holds_the_picture_first() -> None:
    async with running(growing) as hand:
        await hand.press("comma")
        assert "1 of 1 back" in hand.lines[0]
        assert hand.app.state.paused


async def test_events_are_those_until_then() -> None:
    async with running(fading, samples=6) as hand:
        await hand.press("6", "p")
        assert "veth5a5cdcf" in hand.text
        await hand.press("comma", "comma")
        assert "nothing has changed" in hand.text
        await hand.press("full_stop")
        assert "veth5a5cdcf" in hand.text
