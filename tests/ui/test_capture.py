"""Captures in the app, over what is told by hand."""

import gc
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence

import pytest

from netview.live.capturing import Counted
from netview.model import LinkKey, Snapshot
from netview.model.packet import Frame
from netview.ui.options import Options
from tests.decode.frames import FRAMES
from tests.ui.screen import STANDARD, WIDE, running
from tests.ui.test_owner import without
from tests.ui.test_trace import until


class Capturer:
    """Tells its frames once, and then waits to be stopped."""

    refused: Mapping[int, str] = {}

    def __init__(self, points: Sequence[LinkKey], program: bytes, frames: list[Frame]) -> None:
        self.points = points
        self.program = program
        self.open = frozenset(range(len(points)))
        self.hardware = dict.fromkeys(self.open, 1)
        self.closed = threading.Event()
        self._frames = frames

    def read(self, seconds: float) -> Iterator[Frame]:
        frames, self._frames = self._frames, []
        if not frames:
            self.closed.wait(min(seconds, 0.05))
        return iter(frames)

    def let_go(self) -> None:
        pass

    def counts(self) -> Mapping[int, Counted]:
        return {0: Counted(4, 3)}

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> list[Capturer]:
    made: list[Capturer] = []

    def begin(_: Snapshot, points: Sequence[LinkKey], program: bytes) -> Capturer:
        at = time.time_ns() - 1_000_000_000
        echo, arp = FRAMES["echo"], FRAMES["arp"]
        frames = [Frame(0, at, len(echo), 14, True, echo), Frame(1, at + 4000, len(echo), 14, False, echo)]
        frames.append(Frame(0, at + 9000, len(arp), 14, False, arp))
        made.append(Capturer(points, program, frames))
        return made[-1]

    monkeypatch.setattr("netview.live.capturing.begin", begin)
    return made


@pytest.mark.parametrize("size", [WIDE, STANDARD])
async def test_both_ends_of_a_wire_are_captured(captures: list[Capturer], size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        await hand.press("slash", *"nginx-1", "enter", "v")
        for word in ("capture at", "nginx-1/eth0", "host/veth9c02e56", "kept alive meanwhile"):
            assert word in hand.text
        await hand.press(*"icmp", "enter")
        await until(hand, lambda: "ARP who has" in hand.text)
        assert "icmp 10.1.0.2 → 10.1.0.3 echo" in hand.text
        assert len([line for line in hand.lines if "#1 " in line]) == 2
        assert "3 of 1000 packets" in hand.text
        assert "3 lost" in hand.text or size == STANDARD
        (capture,) = captures
        assert len(capture.points) == 2
        assert capture.program
        await hand.press("v")
        await until(hand, lambda: "ended: stopped" in hand.text)
        assert capture.closed.is_set()


async def test_the_screen_is_kept_by_nobody_once_it_is_closed(captures: list[Capturer]) -> None:
    async with running() as hand:
        await hand.press("slash", *"nginx-1", "enter", "v", "enter")
        await until(hand, lambda: "ARP who" in hand.text)
        kept = weakref.ref(hand.app.screen)
        await hand.press("backspace")
        await until(hand, lambda: captures[0].closed.is_set() and gc.collect() >= 0 and kept() is None)


@pytest.mark.parametrize("size", [(160, 60), (80, 60), (60, 60)])
async def test_a_packet_opens_as_its_layers_and_bytes(captures: list[Capturer], size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        await hand.press("slash", *"nginx-1", "enter", "v", "enter")
        await until(hand, lambda: "ARP who" in hand.text)
        await hand.press("j", "enter")
        for word in ("packet 2", "ICMP", "echo request 3", "sequence", "0000", "4500"):
            assert word in hand.text
        shown = [line for line in hand.lines if line[3:5] == "00"]
        assert len(shown) > 2
        assert not any("…" in line for line in shown)
        await hand.press("escape", "escape")
        assert "[1 Wiring]" in hand.text
        assert captures[0].closed.wait(2.0)


async def test_what_was_captured_is_filtered(captures: list[Capturer]) -> None:
    async with running() as hand:
        await hand.press("slash", *"nginx-1", "enter", "v", "enter")
        await until(hand, lambda: "ARP who has" in hand.text)
        await hand.press("slash", *"who", "enter")
        assert "echo request" not in hand.text
        await hand.press("escape")
        assert "echo request" in hand.text
    assert captures[0].closed.wait(2.0)


async def test_a_filter_that_is_not_understood_is_said(captures: list[Capturer]) -> None:
    async with running() as hand:
        await hand.press("slash", *"nginx-1", "enter", "v", *"port", "enter")
        assert "the filter ends where a number should follow" in hand.text
        await hand.press("escape")
        assert "[1 Wiring]" in hand.text
        assert captures == []


async def test_marked_rows_are_captured_together(captures: list[Capturer]) -> None:
    async with running() as hand:
        await hand.press("2", "space", "space", "v", "enter")
        await until(hand, lambda: bool(captures))
        assert len(captures[0].points) >= 2


async def test_what_cannot_begin_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Capturer:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr("netview.live.capturing.begin", refuse)
    async with running() as hand:
        await hand.press("slash", *"nginx-1", "enter", "v", "enter")
        await until(hand, lambda: "✗ Operation not permitted" in hand.text)


async def test_a_recording_is_not_captured() -> None:
    async with running(options=Options(mode="REPLAY")) as hand:
        await hand.press("v")
        assert "a recording holds no packets to capture" in hand.text


async def test_what_is_gone_is_not_captured(captures: list[Capturer]) -> None:
    async with running(without, samples=2) as hand:
        await hand.press("3", "slash", *"nginx-1", "enter")
        await hand.step()
        assert "nginx-1" in hand.text
        await hand.press("v")
        assert "there is no link to capture at" in hand.text
        assert captures == []
