"""View 6."""

from dataclasses import replace

import pytest

from netview.model import Sample
from tests.factories import HOME, HOSTILE, NGINX_1, a_link, an_address, docker_sample
from tests.ui.screen import LEAST, STANDARD, WIDE, Hand, running


def changing(at: float) -> Sample:
    """From the third second on nginx-1 is gone, and docker0's mtu another."""
    sample = docker_sample(at)
    if at < 2:
        return sample
    home = sample.tables[HOME]
    links = {number: link for number, link in home.links.items() if number != 7}
    links[3] = replace(links[3], mtu=1400)
    others = {name: held for name, held in sample.tables.items() if name != NGINX_1}
    kept = {name: known for name, known in sample.found.items() if name != NGINX_1}
    return replace(sample, found=kept, tables={**others, HOME: replace(home, links=links)})


def readdressed(at: float) -> Sample:
    """From the third second on docker0's mtu is another, and addresses of forty letters come."""
    sample = docker_sample(at)
    if at < 2:
        return sample
    home = sample.tables[HOME]
    links = {**home.links, 3: replace(home.links[3], mtu=1400)}
    addresses = (*home.addresses, *(an_address(3, f"2001:db8:aaaa:bbbb:cccc:dddd:eeee:{one:x}/128") for one in range(3)))
    return replace(sample, tables={**sample.tables, HOME: replace(home, links=links, addresses=addresses)})


def renamed(at: float) -> Sample:
    """A link with a hostile name comes."""
    sample = docker_sample(at)
    if at < 2:
        return sample
    home = sample.tables[HOME]
    return replace(sample, tables={**sample.tables, HOME: replace(home, links={**home.links, 30: a_link(30, HOSTILE)})})


async def test_before_anything_happened_the_view_says_so() -> None:
    async with running(size=STANDARD) as hand:
        await hand.press("6")
        assert "nothing has changed since netview started" in hand.text


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD, LEAST])
async def test_what_changed_and_went_is_listed_with_the_newest_first(size: tuple[int, int]) -> None:
    async with running(changing, size=size) as hand:
        await hand.press("6")
        await hand.step(2)
        lines = [line for line in hand.lines if "~ changed" in line or "\u2212 gone" in line]
        assert any("~ changed" in line and "docker0" in line and "mtu 1500 \u2192 1400" in line for line in lines)
        assert any("\u2212 gone" in line and "nginx-1" in line for line in lines)
        assert size != WIDE or any("namespace" in line for line in lines)


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD, LEAST])
async def test_how_something_changed_is_read_beside_long_names(size: tuple[int, int]) -> None:
    async with running(readdressed, size=size) as hand:
        await hand.press("6")
        await hand.step(2)
        (line,) = [line for line in hand.lines if "~ changed" in line]
        assert "docker0" in line
        assert "mtu 1500" in line
        await hand.press("slash", *"changed", "enter", "i")
        assert "changed link docker0 in host" in hand.text
        assert "mtu 1500 \u2192 1400" in hand.text


async def test_enter_opens_what_is_still_there_and_says_what_is_not() -> None:
    async with running(changing, size=WIDE) as hand:
        await hand.press("6")
        await hand.step(2)
        await hand.press("slash", *"nginx-1", "enter", "enter")
        assert "this is not there any more" in hand.text
        await hand.press("escape", "slash", *"docker0", "enter", "enter")
        assert "docker0" in hand.text


async def test_a_filter_finds_events_by_what_they_say() -> None:
    async with running(changing, size=WIDE) as hand:
        await hand.press("6")
        await hand.step(2)
        await hand.press("slash", *"changed", "enter")
        listed = [line for line in hand.lines if "\u2212 gone" in line]
        assert listed == []


async def test_a_hostile_name_is_shown_and_does_nothing() -> None:
    async with running(renamed, size=WIDE) as hand:
        await hand.press("6")
        await hand.step(2)
        assert "\x1b" not in hand.text
        assert "+ new" in hand.text


def _gutter(hand: Hand, word: str) -> tuple[str, str]:
    """The sign before the row with a word, and the colour that it has."""
    table = hand.table
    for y in range(1, table.size.height):
        strip = table.render_line(y)
        if word in strip.text:
            segment = next(iter(strip))
            colour = segment.style.color.name if segment.style is not None and segment.style.color is not None else ""
            return strip.text[1], colour
    raise AssertionError(f"no row with {word}")


@pytest.mark.parametrize("view", ["1", "2"])
async def test_what_changed_has_a_mark_that_fades(view: str) -> None:
    async with running(readdressed) as hand:
        await hand.press(view)
        assert _gutter(hand, "docker0")[0] == " "
        await hand.step()
        sign, fresh = _gutter(hand, "docker0")
        assert sign == "~"
        await hand.step(4)
        sign, faded = _gutter(hand, "docker0")
        assert sign == "~"
        assert faded != fresh
        await hand.step(3)
        assert _gutter(hand, "docker0")[0] == " "


async def test_what_is_new_has_a_mark_that_fades() -> None:
    async with running(renamed) as hand:
        await hand.press("2", "G")
        await hand.step()
        sign, fresh = _gutter(hand, "\\x1b")
        await hand.step(4)
        still, faded = _gutter(hand, "\\x1b")
        assert (sign, still) == ("+", "+")
        assert faded != fresh


async def test_a_mark_stands_still_while_the_picture_is_held() -> None:
    async with running(readdressed) as hand:
        await hand.press("2")
        await hand.step()
        await hand.press("p")
        await hand.step(9)
        assert _gutter(hand, "docker0")[0] == "~"
