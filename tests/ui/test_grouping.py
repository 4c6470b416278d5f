"""Namespaces listed by what they have in common."""

import pytest

from netview.ui.widgets.live_table import LiveTable
from tests.ui.screen import LEAST, STANDARD, WIDE, Hand, running


def listed(hand: Hand) -> list[str]:
    """The names in the list, without the marks that stand before them."""
    rows = (line.strip("│╭╰ \u203a+\u2212") for line in hand.lines if line.startswith("│"))
    return [" ".join(row.split("  ")[0].split()) for row in rows if row and not row.startswith("NAMESPACE")]


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD, LEAST])
async def test_b_lists_namespaces_by_engine_pod_and_bridge(size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        await hand.press("3")
        table = hand.app.query_one(LiveTable)
        plain = [entry.row.key for entry in table.entries]
        await hand.press("b")
        assert "▾ docker · 2" in listed(hand)
        assert "├ nginx-1" in listed(hand)
        await hand.press("b")
        assert "▾ no pod · 4" in listed(hand)
        await hand.press("b")
        assert "▾ docker0 · 2" in listed(hand)
        await hand.press("b")
        assert [entry.row.key for entry in table.entries] == plain


async def test_a_group_closes_and_opens_and_its_members_are_neither_new_nor_gone() -> None:
    async with running(size=WIDE) as hand:
        await hand.press("3", "b", "g")
        await hand.press("h")
        assert "▸ docker · 2" in listed(hand)
        assert "├ nginx-1" not in listed(hand)
        await hand.step(2)
        assert not any("nginx-1" in line and "\u2212" in line for line in hand.lines)
        await hand.press("enter")
        assert "├ nginx-1" in listed(hand)
        assert not any(line.startswith("│ +") for line in hand.lines)


async def test_filter_and_sort_work_inside_groups() -> None:
    async with running(size=WIDE) as hand:
        await hand.press("3", "b", "slash", *"nginx-2", "enter")
        assert listed(hand)[:2] == ["▾ docker · 2", "└ nginx-2"]
        await hand.press("escape", "s", "S")
        names = listed(hand)
        assert names.index("├ nginx-2") < names.index("└ nginx-1")


async def test_elsewhere_there_is_nothing_to_group() -> None:
    async with running(size=WIDE) as hand:
        await hand.press("2", "b")
        assert "namespaces are grouped, in view 3" in hand.text
