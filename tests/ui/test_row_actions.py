"""Rows marked, saved, compared; totals from now on."""

import csv
import io
import json
from dataclasses import replace

import pytest

from netview.model import Sample
from netview.ui.options import Options
from tests.factories import HOME, HOSTILE, docker_sample
from tests.ui.screen import LEAST, STANDARD, WIDE, Hand, running

SIZES = [WIDE, (100, 30), STANDARD, LEAST]


def marked(hand: Hand) -> int:
    return sum(line[2:3] == "●" for line in hand.lines)


@pytest.mark.parametrize("size", SIZES)
async def test_space_marks_rows_and_lets_them_go(size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        await hand.press("2", "g", "space", "space")
        assert marked(hand) == 2
        await hand.step(2)
        assert marked(hand) == 2
        await hand.press("g", "space")
        assert marked(hand) == 1


async def test_marked_rows_are_copied_together() -> None:
    async with running(size=WIDE) as hand:
        await hand.press("2", "slash", *"eth0", "enter", "g", "space", "space", "C")
        copied = hand.app.clipboard
        assert len(copied.splitlines()) == 2
        assert all("address show dev" in line for line in copied.splitlines())
        await hand.press("c")
        assert any("NAME " in line and ", " in line for line in hand.lines)


async def test_z_counts_totals_from_now_and_then_whole_again() -> None:
    async with running(size=WIDE) as hand:
        await hand.press("2", "m", "m")
        before = next(line for line in hand.lines if "veth9c02e56" in line)
        assert "since" not in hand.lines[0]
        await hand.press("z")
        assert " since " in hand.lines[0]
        now = next(line for line in hand.lines if "⇄ veth9c02e56" in line)
        assert "0 B" in now
        await hand.step(2)
        later = next(line for line in hand.lines if "⇄ veth9c02e56" in line)
        assert "MiB" in later
        await hand.press("z")
        assert "since" not in hand.lines[0]
        assert before


def changing(at: float) -> Sample:
    """From the third second on a link of the host is gone."""
    sample = docker_sample(at)
    if at < 2:
        return sample
    home = sample.tables[HOME]
    links = {ifindex: link for ifindex, link in home.links.items() if ifindex != 9}
    return replace(sample, tables={**sample.tables, HOME: replace(home, links=links)})


@pytest.mark.parametrize("size", SIZES)
async def test_d_shows_what_changed_since_the_mark(size: tuple[int, int]) -> None:
    async with running(changing, size=size) as hand:
        await hand.press("d")
        assert "no mark yet" in hand.text.replace("\n", " ")
        await hand.press("M", "d")
        assert "nothing has changed" in hand.text
        await hand.step(1)
        assert "gone" in hand.text
        assert "veth5a5cdcf" in hand.text or size == LEAST
        await hand.press("d")
        assert "since the mark" not in hand.text


def saved(files: dict[str, str]) -> Options:
    def save(stem: str, suffix: str, text: str) -> tuple[str, bool]:
        files[suffix] = text
        return f"saved as {stem}.{suffix}", True

    return Options(save=save)


@pytest.mark.parametrize("size", SIZES)
async def test_ctrl_s_saves_every_row_in_each_form(size: tuple[int, int]) -> None:
    files: dict[str, str] = {}
    async with running(lambda at: docker_sample(at, hostile=True), size=size, options=saved(files)) as hand:
        await hand.press("2")
        rows = len(hand.table.entries)
        for number in range(4):
            await hand.press("ctrl+s", *["down"] * number, "enter")
        assert "saved as" in hand.text or size in {STANDARD, LEAST}
    assert files.keys() == {"txt", "csv", "json", "svg"}
    assert len(files["txt"].splitlines()) == rows + 1
    assert len(list(csv.reader(io.StringIO(files["csv"])))) == rows + 1
    told = json.loads(files["json"])
    assert len(told) == rows
    assert {"NAME", "ADDRESS", "RX BYTES", "FLAGS"} <= told[0].keys()
    assert files["svg"].startswith("<svg")
    assert all(HOSTILE not in text and "\x1b" not in text for text in files.values())


async def test_where_nothing_may_be_saved_it_says_so() -> None:
    async with running() as hand:
        await hand.press("ctrl+s")
        assert "nothing is saved here" in hand.text.replace("\n", " ")
