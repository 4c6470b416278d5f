"""Writing to somebody who may read slowly, or not at all, without standing still meanwhile."""

import os
import time
from collections.abc import Callable
from select import PIPE_BUF, POLLERR, POLLHUP, POLLOUT, poll
from typing import IO, Any

_LOOK_MS = 50
_GRACE_S = 1.0
"""So long a slow reader still gets what there is when everything else is to end."""


class Meanwhile:
    """What is done while nobody reads."""

    def __init__(self, look: Callable[[], None], stopped: Callable[[], bool]) -> None:
        """`look` is called every 50 ms."""
        self._look = look
        self._stopped = stopped
        self._gives_up_at: float | None = None

    def goes_on(self) -> bool:
        """Look; whether it is worth while to wait any longer."""
        self._look()
        if not self._stopped():
            return True
        if self._gives_up_at is None:
            self._gives_up_at = time.monotonic() + _GRACE_S
        return time.monotonic() < self._gives_up_at


def is_gone(stream: IO[Any] | None) -> bool:
    """Whether nobody reads at the other end of it any more, nor ever will; None: it was closed before the start."""
    if stream is None:
        return False
    asked = poll()
    asked.register(stream, 0)
    return any(told & (POLLERR | POLLHUP) for _, told in asked.poll(0))


def written(descriptor: int, data: bytes, meanwhile: Meanwhile) -> bool:
    """Write all of it; False: it was given up. Raises OSError."""
    ready = poll()
    ready.register(descriptor, POLLOUT)
    view = memoryview(data)
    while view:
        if ready.poll(_LOOK_MS):
            # A pipe that is ready takes so much at once without blocking.
            view = view[os.write(descriptor, view[:PIPE_BUF]) :]
        elif not meanwhile.goes_on():
            return False
    return True
