"""When garbage is collected."""

import gc
import weakref

import pytest

from netview.ui.collector import Collector
from tests.ui.screen import running


def test_what_is_old_waits_for_a_pause_in_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("netview.ui.collector.time.monotonic", lambda: now)
    monkeypatch.setattr("netview.ui.collector.gc.get_count", lambda: (0, 0, 10))
    collector = Collector()
    assert collector.is_due()
    collector.pressed()
    assert not collector.is_due()
    now += 3.0
    assert collector.is_due()
    monkeypatch.setattr("netview.ui.collector.gc.get_count", lambda: (700, 9, 9))
    assert not collector.is_due()


async def test_the_process_has_its_own_thresholds_again_when_the_app_has_ended() -> None:
    before = gc.get_threshold()
    async with running():
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before


async def test_a_screen_that_was_closed_is_kept_by_nobody() -> None:
    async with running() as hand:
        kept: list[weakref.ref[object]] = []
        for key in ("question_mark", "T", "0", "i", "o", "c", "n", "colon"):
            await hand.press(key)
            kept.append(weakref.ref(hand.app.screen))
            hand.app.action_view(0)
            await hand.settle()
        await hand.step()
        await hand.settle()
        gc.collect()
        assert [type(screen).__name__ for one in kept if (screen := one()) is not None and screen is not hand.app.screen] == []
