"""The app over a source that is stepped by hand, and its screen as text."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from netview.derive.path.questions import Answer, Question
from netview.live import Poller, Want
from netview.model import Sample
from netview.ui.app import NetviewApp
from netview.ui.messages import Updated
from netview.ui.options import Options
from netview.ui.widgets.live_table import LiveTable
from tests.factories import docker_sample
from tests.still import Still

WIDE, STANDARD, LEAST = (160, 45), (80, 24), (60, 16)


class FakeSource(Still):
    """Samples made by a function of the number of seconds."""

    def __init__(self, make: Callable[[float], Sample]) -> None:
        super().__init__()
        self._make = make
        self.at = 0.0
        self.wants: list[Want] = []

    def sample(self, want: Want) -> Sample:
        self.wants.append(want)
        sample = self._make(self.at)
        self.at += 1.0
        return sample

    def close(self) -> None:
        pass


class HandPoller(Poller):
    """Never starts a thread: the test steps."""

    started = stopped = False

    def start(self, deliver: object, *, at_once: bool = False) -> None:
        self.started = callable(deliver) and at_once

    def stop(self, seconds: float = 0.2) -> None:
        self.stopped = seconds <= 0.2


class Patient(HandPoller):
    """The same where nothing is ever overdue, however slow the machine."""

    beat_s = 86400.0


class Hand:
    """What a user does and sees."""

    def __init__(self, app: NetviewApp, poller: HandPoller, pilot: Pilot[int]) -> None:
        self.app = app
        self.poller = poller
        self._pilot = pilot

    async def step(self, times: int = 1) -> None:
        """Let seconds pass, a sample each."""
        for _ in range(times):
            self.app.post_message(Updated(self.poller.step()))
            await self.settle()

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.app.simulate_key(key)
            await self.settle()

    async def click(self, text: str) -> None:
        """Click on the first place where the text stands."""
        y, line = next((y, line) for y, line in enumerate(self.lines) if text in line)
        await self._pilot.click(offset=(line.index(text), y))
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        await self._pilot.resize_terminal(width, height)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(3):
            await self._pilot.pause(0)

    @property
    def text(self) -> str:
        """The whole screen."""
        return screen_text(self.app)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def table(self) -> LiveTable:
        return self.app.screen.query_one(LiveTable)

    @property
    def title(self) -> str:
        """The breadcrumb."""
        return self.lines[3].strip("╭╮─+- ").split(" ─")[0]

    @property
    def selected(self) -> str:
        """The line of the selected row."""
        return next(line for line in self.lines if line[1:2] in {"\u203a", ">"} and line[:1] in "│|")


def screen_text(app: NetviewApp) -> str:
    """What the compositor would draw."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


@asynccontextmanager
async def running(
    make: Callable[[float], Sample] = docker_sample,
    *,
    size: tuple[int, int] = WIDE,
    options: Options | None = None,
    samples: int = 2,
    answer: Callable[[Question], Answer] | None = None,
) -> AsyncIterator[Hand]:
    """The app with some samples taken."""
    poller = HandPoller(FakeSource(make), answer=answer)
    app = NetviewApp(poller, options or Options())
    async with app.run_test(size=size, notifications=True) as pilot:
        hand = Hand(app, poller, pilot)
        await hand.settle()
        await hand.step(samples)
        yield hand
