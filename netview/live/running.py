"""What runs in a thread of its own until it ends or is told to."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

State = TypeVar("State")


class Running(Generic[State]):
    """Runs once, in the caller's thread or in one of its own."""

    def __init__(self, name: str) -> None:
        """`name`: the thread's."""
        self._name = name
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, deliver: Callable[[State], None]) -> None:
        """Run in a thread; `deliver` is called there with each state."""
        self._thread = threading.Thread(target=self.run, args=(deliver,), name=self._name, daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 1.0) -> None:
        """End it, from any thread; waits so long."""
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def run(self, deliver: Callable[[State], None]) -> None:
        """Run until the end, in this thread."""
        raise NotImplementedError
