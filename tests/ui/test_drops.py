"""What is dropped, in the app, over what is told by hand."""

import gc
import time
import weakref
from collections.abc import Iterator
from typing import ClassVar

import pytest

from netview.derive.drops import Dropped, ReasonCount
from netview.live.dropping import DropState
from netview.model import LinkKey, Snapshot
from netview.model.drops import DropCounter, DropReason
from netview.ui.options import Options
from tests.ui.screen import LEAST, STANDARD, WIDE, running
from tests.ui.test_trace import until


class Watched:
    """Tells of three drops at once."""

    made: ClassVar[list["Watched"]] = []

    def __init__(self, snapshot: Snapshot) -> None:
        nginx = next(key for key in snapshot.peers if key.namespace != snapshot.home)
        self._link: LinkKey = nginx
        self._home = snapshot.home
        self.is_closed = False
        self.made.append(self)

    def wait(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.02))

    def read(self) -> DropState:
        counters = [
            Dropped(self._link.namespace, DropCounter("interface", "rx_dropped", self._link.ifindex), 7),
            Dropped(self._home, DropCounter("softnet", "backlog"), 2),
        ]
        reasons = [ReasonCount(DropReason("NETFILTER_DROP", "nf_hook_slow", 0x0800, None), None, 9)]
        return DropState(0.5, counters=counters, reasons=reasons, unknown=[(self._home, "it is gone"), ("reasons", "too many")])

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Watched]]:
    monkeypatch.setattr("netview.live.dropping.Watched", Watched)
    monkeypatch.setattr("netview.live.dropping._AGAIN_S", 0.0)
    Watched.made.clear()
    yield Watched.made
    assert all(one.is_closed for one in Watched.made)


@pytest.mark.parametrize("size", [WIDE, STANDARD, LEAST])
async def test_the_most_packets_stand_first_and_what_is_not_known_last(watched: list[Watched], size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        await hand.press("D")
        await until(hand, lambda: "NETFILTER_DROP in nf_hook_slow (ip)" in hand.text)
        rows = [
            line for line in hand.lines if any(word in line for word in ("NETFILTER", "rx_dropped", "backlog", "gone", "many"))
        ]
        words = ("NETFILTER", "rx_dropped", "backlog", "it is gone", "reasons: too many")
        assert [word in row for word, row in zip(words, rows, strict=True)] == [True] * 5
        assert "s left" in hand.text
        assert len(watched) == 1


async def test_the_screen_is_kept_by_nobody_once_it_is_closed(watched: list[Watched]) -> None:
    async with running() as hand:
        await hand.press("D")
        await until(hand, lambda: "rx_dropped" in hand.text)
        kept = weakref.ref(hand.app.screen)
        await hand.press("backspace")
        await until(hand, lambda: watched[0].is_closed and gc.collect() >= 0 and kept() is None)


async def test_stopping_keeps_what_was_found_and_lets_go(watched: list[Watched]) -> None:
    async with running(size=STANDARD) as hand:
        await hand.press("D")
        await until(hand, lambda: "rx_dropped" in hand.text)
        await hand.press("D")
        await until(hand, lambda: "ended: stopped" in hand.text)
        assert "rx_dropped" in hand.text
        assert watched[0].is_closed


async def test_enter_opens_the_wire_and_leaving_lets_go(watched: list[Watched]) -> None:
    async with running(size=STANDARD) as hand:
        await hand.press("D")
        await until(hand, lambda: "rx_dropped" in hand.text)
        await hand.press("slash", *"rx_dropped", "enter", "enter")
        assert "veth" in hand.text
        await hand.press("escape", "escape", "escape")
        assert "[1 Wiring]" in hand.text
        assert watched[0].is_closed


async def test_a_filter_that_matches_nothing_says_so(watched: list[Watched]) -> None:
    async with running(size=STANDARD) as hand:
        await hand.press("D")
        await until(hand, lambda: "rx_dropped" in hand.text)
        await hand.press("slash", *"zzz", "enter", "s", "S")
        assert "no row matches the filter" in hand.text
    assert watched


async def test_one_that_cannot_begin_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Snapshot) -> Watched:
        raise OSError(1, "not permitted")

    monkeypatch.setattr("netview.live.dropping.Watched", refused)
    async with running(size=STANDARD) as hand:
        await hand.press("D")
        await until(hand, lambda: "not permitted" in hand.text)


async def test_a_recording_holds_none() -> None:
    async with running(size=STANDARD, options=Options(mode="REPLAY")) as hand:
        await hand.press("D")
        assert "a recording holds no drops" in hand.text
