"""Hiding what has no traffic."""

import pytest

from tests.ui.screen import running


async def test_quiet_interfaces_and_ports_are_hidden_and_come_back() -> None:
    async with running() as hand:
        await hand.press("2", "a")
        assert "veth9c02e56" in hand.text
        assert not any("veth5a5cdcf" in line.split("││")[0] for line in hand.lines)
        await hand.press("a")
        assert any("veth5a5cdcf" in line.split("││")[0] for line in hand.lines)


async def test_a_bridges_quiet_ports_are_hidden_too() -> None:
    async with running() as hand:
        await hand.press("5", "enter", "a")
        assert len(hand.table.entries) == 1
        await hand.press("a")
        assert len(hand.table.entries) == 2


@pytest.mark.parametrize("view", "45")
async def test_a_list_without_traffic_has_nothing_to_hide(view: str) -> None:
    async with running() as hand:
        await hand.press(view)
        before = len(hand.table.entries)
        await hand.press("a")
        assert "this list has no traffic to hide or show" in hand.text
        assert len(hand.table.entries) == before
