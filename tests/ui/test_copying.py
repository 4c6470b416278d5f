"""`c` and `C`."""

import pytest

from tests.factories import docker_sample
from tests.ui.screen import LEAST, STANDARD, WIDE, Hand, running


def _copied(hand: Hand) -> str:
    return hand.app.clipboard


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD, LEAST])
async def test_c_lists_what_the_row_says_and_enter_copies_its_address(size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        await hand.press("2", "slash", *"if:docker0", "enter", "c")
        assert "172.17.0.1" in hand.text
        await hand.press("enter")
        assert _copied(hand) == "172.17.0.1"
        assert "sent to the terminal" in hand.text
        assert "╭─ copy" not in hand.text


async def test_every_view_gives_values_and_a_command() -> None:
    async with running(size=WIDE) as hand:
        for view in "12345":
            await hand.press(view, "j", "c", "escape", "C")
            assert _copied(hand).startswith(("ip ", "nsenter --net="))
        await hand.press("6", "c", "C")
        assert _copied(hand).startswith(("ip ", "nsenter --net="))


async def test_the_command_of_a_containers_route_enters_it() -> None:
    async with running(size=WIDE) as hand:
        await hand.press("4", "slash", *"ns:nginx-1", "enter")
        assert "default" in hand.selected, hand.text
        await hand.press("C")
        assert _copied(hand).startswith("nsenter --net=")
        assert _copied(hand).endswith("route show table main exact default")


async def test_nothing_that_is_copied_can_act_on_a_terminal() -> None:
    async with running(lambda at: docker_sample(at, hostile=True), size=WIDE) as hand:
        for view in "12345":
            for _ in range(8):
                await hand.press("j", "C")
                assert _copied(hand).isprintable()
                await hand.press("c", "j", "enter")
                assert _copied(hand).isprintable()
            await hand.press(view)
