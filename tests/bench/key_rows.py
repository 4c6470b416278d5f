"""How soon a key is answered: the app over an imagined host, in this process, without a terminal and without root.

What is measured is the CPU time of the app's one thread until the last frame is drawn: on a machine with nothing else to do it is
the time that passes, but for the wait for the screen's next frame, 17 ms at most, where lines alone have changed.
"""

import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

import netview.ui.app
from netview.live.history import LENGTH
from netview.model import Sample
from netview.ui.app import NetviewApp
from netview.ui.messages import Updated
from netview.ui.options import Options
from netview.ui.places import HOST_VIEWS
from netview.ui.screens.main import MainScreen
from netview.ui.screens.map import MapScreen
from netview.ui.screens.talkers import TalkersScreen
from netview.ui.widgets.live_table import LiveTable
from netview.ui.widgets.map_pane import MapPane
from tests.bench.machine import BenchError
from tests.bench.rows import Row
from tests.ui.crowd import crowd
from tests.ui.screen import WIDE, FakeSource, Hand, Patient

_MOST_MS = 50.0
_LEFT_OUT = frozenset({"quit", "back-or-quit", "suspend", "drops"})
"""They leave the app, or look in this machine's own kernel."""
_EXEMPT = frozenset({"escape"})
"""Terminals take longer than that to tell Esc from the beginning of another key."""
_FILTERS = ("box500", "ip:10.77.1.", "rate>1M", "!veth")

Taken = dict[str, list[float]]
"""Milliseconds by what was pressed, a figure a round."""


class DrawnApp(NetviewApp):
    """Draws each frame as for a terminal, and remembers when."""

    CSS_PATH = str(Path(netview.ui.app.__file__).with_name("app.tcss"))
    drawn_at = 0.0

    @property
    def is_headless(self) -> bool:
        """Not as far as drawing goes."""
        return False

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        self.drawn_at = time.thread_time()


class Desk:
    """The app, and the keys that are pressed in it."""

    def __init__(self, app: DrawnApp, hand: Hand) -> None:
        self._app = app
        self._hand = hand

    async def home(self, view: int, *keys: str) -> None:
        """A view of the host as it is at first, neither held nor filtered, and some keys further."""
        app = self._app
        app.action_view(view)
        app.clear_notifications()
        app._refresh_notifications()
        app.state.metric, app.state.wide = "rate", False
        if app.state.paused:
            app.action_pause()
        main = app.screen
        if isinstance(main, MainScreen):
            main.query("FilterInput").remove()
            main.places.listing.search("")
            main.query_one(LiveTable).focus()
            main.refresh_data()
        await self._hand.settle()
        await self._hand.press(*keys)

    async def answer_ms(self, key: str) -> float:
        """From the key to the last frame that it makes; 0 where it makes none."""
        began = time.thread_time()
        await self._hand.press(key)
        if self._app._exception is not None:
            raise BenchError(f"{key}: {self._app._exception}")
        return max(0.0, 1000 * (self._app.drawn_at - began))


def keys(size: int, rounds: int) -> Iterator[Row]:
    """The slowest key of each view, the filter's slowest letter, and the map's layout."""
    for where, figures in asyncio.run(_measured(size, rounds)).items():
        worst = max(figures, key=lambda key: median(figures[key]))
        what = where if len(figures) == 1 else f"{where}, the slowest of {len(figures)}"
        note = "" if len(figures) == 1 else worst
        yield Row(what, "ms", figures[worst], held="value", at_most=_MOST_MS, note=note)


async def _measured(size: int, rounds: int) -> dict[str, Taken]:
    taken: dict[str, Taken] = defaultdict(lambda: defaultdict(list))
    still = crowd(size, 0.0)

    @cache
    def make(at: float) -> Sample:
        now = crowd(size, at)
        return replace(still, taken_at=now.taken_at, counters=now.counters, read_at=now.read_at)

    poller = Patient(FakeSource(make))
    app = DrawnApp(poller, Options())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        hand = Hand(app, poller, pilot)
        await hand.settle()
        for _ in range(LENGTH):
            update = poller.step()
        app.post_message(Updated(update))
        await hand.settle()
        gc.collect()
        gc.freeze()
        for _ in range(rounds):
            await hand.step()
            await _round(Desk(app, hand), taken)
    return taken


async def _round(desk: Desk, taken: dict[str, Taken]) -> None:
    for view, listed in enumerate(HOST_VIEWS):
        await _pressed(desk, view, (), (MainScreen, LiveTable), taken[f"a key in {listed.title}"])
    await _pressed(desk, 0, ("j", "enter"), (MainScreen, LiveTable), taken["a key in a bridge's ports"])
    await _pressed(desk, 0, ("T",), (TalkersScreen, LiveTable), taken["a key in top talkers"])
    await _pressed(desk, 0, ("0",), (MapScreen, MapPane), taken["a key in the map"])
    for view in range(4):
        await _typed(desk, view, taken["a letter of a filter"])
    await desk.home(1)
    taken["the map, laid out and drawn"]["0"].append(await desk.answer_ms("0"))
    await desk.home(0, "j")
    taken["a bridge with all its ports, and its plots"]["i"].append(await desk.answer_ms("i"))


async def _pressed(desk: Desk, view: int, first: Sequence[str], owners: Sequence[type], taken: Taken) -> None:
    for key in _keys((NetviewApp, *owners)):
        await desk.home(view, *first)
        taken[key].append(await desk.answer_ms(key))


async def _typed(desk: Desk, view: int, taken: Taken) -> None:
    """Letter by letter."""
    for words in _FILTERS:
        await desk.home(view, "slash")
        for end, letter in enumerate(words, 1):
            taken[f"{words[:end]} in {HOST_VIEWS[view].title}"].append(await desk.answer_ms(letter))


def _keys(owners: Sequence[type]) -> Iterator[str]:
    """One key of every action that is bound there."""
    for owner in owners:
        for binding in getattr(owner, "BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id not in _LEFT_OUT:
                yield from [key for key in binding.key.split(",") if key not in _EXEMPT][:1]
