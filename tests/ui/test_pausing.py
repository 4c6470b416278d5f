"""What holds still: a paused picture, and one whose samples do not come."""

from netview.ui.options import Options
from tests.ui.screen import running


async def test_a_paused_picture_holds_its_sparklines_too() -> None:
    async with running(samples=5) as hand:
        await hand.press("j", "j", "p")
        before = hand.lines[1:]
        await hand.step(3)
        assert hand.lines[1:] == before
        await hand.press("p")
        assert hand.lines[1:] != before


async def test_a_picture_that_is_not_renewed_says_how_old_it_is() -> None:
    async with running() as hand:
        hand.app._updated_at -= 12
        hand.app._stale()
        await hand.settle()
        assert "STALE for 12 s" in hand.lines[0]
        assert hand.app.screen.has_class("-stale")
        await hand.step()
        assert "LIVE" in hand.lines[0]
        assert not hand.app.screen.has_class("-stale")


async def test_a_recording_that_is_at_its_end_is_not_stale() -> None:
    async with running(options=Options(mode="REPLAY")) as hand:
        assert hand.app._overdue is None
