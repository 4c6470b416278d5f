"""What runs in a thread of its own until it ends or is told to."""

import threading
from abc import abstractmethod
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Closing(Protocol):
    """What is let go of in the end."""

    def close(self) -> None:
        """Let go of everything."""


Held = TypeVar("Held", bound=Closing)
State = TypeVar("State")


class Running(Generic[Held, State]):
    """Runs once, in the caller's thread or in one of its own; what it holds is let go of however it ends."""

    def __init__(self, name: str, begin: Callable[[], Held], state: State) -> None:
        """`name`: the thread's; `begin` raises whatever keeps it from beginning."""
        self._name = name
        self._begin = begin
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.state = state
        """The newest."""

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
        try:
            held = self._begin()
        except Exception as error:  # noqa: BLE001 - whatever it is: it is told in one line, and nothing is held
            self.state = self._failed(str(error))
            deliver(self.state)
            return
        try:
            self._follow(held, deliver)
        finally:
            held.close()

    @abstractmethod
    def _failed(self, reason: str) -> State:
        """That it could not begin."""

    @abstractmethod
    def _follow(self, held: Held, deliver: Callable[[State], None]) -> None:
        """From the begin to the end."""
