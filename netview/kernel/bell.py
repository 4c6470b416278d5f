"""What the kernel thread sleeps on: files that tell of changes, and anybody who wakes it."""

import os
import select
import threading
import time
from collections.abc import Mapping
from math import ceil


class Bell:
    """Rung from any thread, waited for by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rung: int | None = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def ring(self) -> None:
        """End the wait that is under way, else the next one."""
        with self._lock:
            if self._rung is not None:
                os.eventfd_write(self._rung, 1)

    def wait(self, until: float, files: Mapping[int, int]) -> frozenset[int] | None:
        """Which of these descriptors tell what they are waited for; none: it is that late (monotonic). None: rung, or closed."""
        if self._rung is None:
            return None
        poll = select.poll()
        poll.register(self._rung, select.POLLIN)
        for descriptor, mask in files.items():
            poll.register(descriptor, mask)
        told = dict(poll.poll(max(0, ceil((until - time.monotonic()) * 1000))))
        if self._rung not in told:
            return frozenset(told)
        with self._lock:
            os.eventfd_read(self._rung)
        return None

    def close(self) -> None:
        """Nobody waits any more."""
        with self._lock:
            if self._rung is not None:
                os.close(self._rung)
                self._rung = None
