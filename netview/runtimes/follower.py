"""A thread that looks at samples as they come."""

import threading
from collections.abc import Callable

from netview.model import Sample


class Follower:
    """Hands the newest sample to a function that may take its time; those that came meanwhile are passed over."""

    def __init__(self, name: str, look: Callable[[Sample], None]) -> None:
        self._look = look
        self._sample: Sample | None = None
        self._came = threading.Event()
        self._first = threading.Event()
        self._stopped = False
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def sighted(self, sample: Sample) -> None:
        """Look at this one next."""
        self._sample = sample
        self._came.set()

    def wait(self, seconds: float) -> None:
        """Return once one was looked at, at most `seconds` later."""
        self._first.wait(seconds)

    def stop(self) -> None:
        """Look at no other; never waits."""
        self._stopped = True
        self._came.set()

    def _run(self) -> None:
        while self._came.wait() and not self._stopped:
            self._came.clear()
            if self._sample is not None:
                self._look(self._sample)
            self._first.set()
