"""Every key in every view, at every size: no mistake, and help names it."""

from collections.abc import Iterator

import pytest
from textual.binding import Binding

from netview.ui.app import NetviewApp
from netview.ui.screens.actions import actions
from netview.ui.screens.main import MainScreen
from netview.ui.widgets.footer import key_name
from netview.ui.widgets.live_table import LiveTable
from tests.ui.screen import LEAST, STANDARD, WIDE, running

_LEAVE = frozenset({"quit", "back-or-quit", "suspend"})
"""These are pressed in a real terminal."""


def bound() -> Iterator[tuple[str, str]]:
    """Each action's name and one of its keys, then the next."""
    for owner in (NetviewApp, MainScreen, LiveTable):
        for binding in owner.BINDINGS:
            if isinstance(binding, Binding) and binding.id and binding.id not in _LEAVE:
                yield from ((binding.id, key) for key in binding.key.split(","))


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD, LEAST], ids=["160x45", "100x30", "80x24", "60x16"])
async def test_every_key_is_borne_in_every_view(size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        for view in range(9):
            for name, key in bound():
                hand.app.action_view(view)
                hand.app.simulate_key(key)
                await hand._pilot.pause(0)
                assert hand.app._exception is None, (view, name, key)
        hand.app.clear_notifications()
        hand.app.action_view(0)
        await hand.settle()
        if hand.app.state.paused:
            await hand.press("p")
        await hand.step()
        assert hand.app.state.update is hand.app.state.newest


@pytest.mark.parametrize("view", "123456789")
async def test_help_names_every_key_and_the_palette_every_action(view: str) -> None:
    async with running(size=(160, 100)) as hand:
        await hand.press(view)
        listed = actions(hand.app.screen.active_bindings.values())
        expected = {name for name, _ in bound()}
        assert expected <= {action.key for action in listed}
        await hand.press("question_mark")
        words = {entry.row.fact[0] for entry in hand.table.entries}
        said = {word for cell in words for word in cell.split("  ")}
        assert {key_name(key) for _, key in bound()} <= said


_CHANGING: tuple[str, ...] = (
    "p",
    "m",
    "u",
    "plus",
    "question_mark",
    "colon",
    "slash",
    "s",
    "S",
    "space",
    "c",
    "C",
    "z",
    "M",
    "d",
    "ctrl+s",
    "comma",
)
_CHANGING += ("comma", "x", "o", "i", "n", "b", "f", "j", "G", "0", "3", "right_square_bracket", "T", "t", "v")


@pytest.mark.parametrize("key", _CHANGING)
async def test_a_key_changes_what_is_on_the_screen(key: str) -> None:
    async with running(size=WIDE, samples=3) as hand:
        await hand.press("2", "j", "j", "j")
        before = hand.text
        await hand.press(key)
        assert hand.text != before
