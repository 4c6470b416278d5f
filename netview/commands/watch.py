"""`netview watch`: what changes, as it changes."""

import queue
import sys
import threading
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from netview.front import FrontError, Settings, opened, stop_on_signals, write
from netview.slowly import is_gone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netview.live import Update

_HEED_S = 0.1
"""So long it may take until a signal, or that nobody reads any more, is noticed."""


def watch(settings: Settings) -> int:
    """What changes, as it changes, until a signal asks to stop, nobody reads any more or a recording is over."""
    from netview.export.events import lines

    if sys.stdout is None:
        raise FrontError("stdout is closed")
    before = None
    for update in _updates(settings, stop_on_signals()):
        if before is not None and update.events:
            told = "".join(f"{line}\n" for line in lines(update.events, before, update.snapshot))
            if not write(told, ascii_only=True):
                break
        before = update.snapshot
    return 0


def _updates(settings: Settings, stopped: threading.Event) -> "Iterator[Update]":
    """One after the other until a signal asks to stop or nobody reads stdout; of a recording all at once, its moments passed."""
    from netview.live import Poller

    # A recording that stands for a demo is over, too, when it ends: what happens in it happens once.
    source, engines = opened(replace(settings, thorough=True, mode="REPLAY" if settings.replay else settings.mode))
    poller = Poller(source, engines, interval=settings.interval)
    if settings.replay is not None:
        with suppress(StopIteration), closing(source):
            while not (stopped.is_set() or is_gone(sys.stdout)):
                yield poller.step()
        return
    updates: queue.SimpleQueue[Update] = queue.SimpleQueue()
    poller.start(updates.put)
    try:
        while not (stopped.is_set() or is_gone(sys.stdout) or poller.ended(0)):
            with suppress(queue.Empty):
                yield updates.get(timeout=_HEED_S)
    finally:
        poller.stop()
