"""Every view as plain text, over the demo's recording, at four sizes.

`.venv/bin/python -m tests.ui.golden` makes all files of `tests/ui/goldens` anew: run it after a change of what is drawn, and
read what `git diff` says of them before it is committed. Nothing in them moves: the recording is stepped by hand, its own times
are shown in UTC, and neither a thread nor a timer draws anything.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

from netview.archive import ReplaySource
from netview.lab.demo import recorded_demo
from netview.ui.app import NetviewApp
from netview.ui.messages import Updated
from netview.ui.options import Options
from tests.ui.screen import Hand, Patient

FOLDER = Path(__file__).parent / "goldens"
SIZES = ((160, 45), (100, 30), (80, 24), (60, 16))
_SAMPLES = 80
"""Of the recording: more than a minute, so that the plot of an hour has its first bar."""


class Golden(NamedTuple):
    """One screen: what is pressed for it at the root, and whether it waits for the kernel's answer."""

    name: str
    keys: tuple[str, ...]
    asks: bool = False


def _named(word: str, *keys: str) -> tuple[str, ...]:
    """Select a container in Wiring by its name, then press keys."""
    return ("1", "slash", *word, "enter", *keys)


GOLDENS = (
    Golden("0-map", ("1", "g", "0")),
    Golden("0-map-bridge", ("1", "j", "0", "enter")),
    Golden("1-wiring", ("1", "g")),
    Golden("1-wiring-container", _named("nginx-1", "escape")),
    Golden("2-interfaces", ("2",)),
    Golden("3-namespaces", ("3",)),
    Golden("4-routes", ("4",)),
    Golden("5-bridges", ("5",)),
    Golden("6-events", ("6",)),
    Golden("7-path-empty", ("7",)),
    Golden("7-path", _named("nginx-1", "n", *"web.1", "enter"), asks=True),
    Golden("8-doctor", ("8",)),
    Golden("9-trace-empty", ("9",)),
    Golden("namespace", _named("nginx-1", "enter")),
    Golden("owner", _named("nginx-1", "o")),
    Golden("pair", _named("nginx-1", "i")),
    Golden("talkers", ("1", "T")),
    Golden("help", ("1", "question_mark")),
)


def path_of(size: tuple[int, int], name: str) -> Path:
    """Where a golden is kept."""
    return FOLDER / f"{size[0]}x{size[1]}" / f"{name}.txt"


async def drawn(golden: Golden, size: tuple[int, int]) -> str:
    """What is on the screen, with no blank at a line's end."""
    async with _demo(size) as hand:
        await hand.press(*golden.keys)
        if golden.asks:
            await hand.step()
        return "".join(f"{line}\n" for line in hand.lines)


@contextmanager
def utc() -> Iterator[None]:
    """Times of day in UTC, wherever this runs."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


@asynccontextmanager
async def _demo(size: tuple[int, int]) -> AsyncIterator[Hand]:
    source = ReplaySource(recorded_demo())
    poller = Patient(source, answer=source.answer)
    app = NetviewApp(poller, Options(mode="DEMO"))
    async with app.run_test(size=size, notifications=True) as pilot:
        hand = Hand(app, poller, pilot)
        await hand.settle()
        updates = [poller.step() for _ in range(_SAMPLES)]
        app.post_message(Updated(updates[-1]))
        await hand.settle()
        yield hand
    source.close()


async def _remake() -> None:
    for size in SIZES:
        for golden in GOLDENS:
            path = path_of(size, golden.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(await drawn(golden, size), encoding="utf-8")


def main() -> int:
    """Make them all anew."""
    for path in FOLDER.glob("*/*.txt"):
        path.unlink()
    with utc():
        asyncio.run(_remake())
    return 0


if __name__ == "__main__":
    sys.exit(main())
