"""What is dropped while one looks: counters of every namespace, and the kernel's own reasons."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from netview.derive.drops import Dropped, ReasonCount, Reckoning, moved
from netview.kernel.drops import DropWatch, Reasons, namespace_of
from netview.live.running import Running
from netview.model import NamespaceId, Snapshot

__all__ = ["DropState", "Dropping", "Watched"]

_BEAT_S = 0.2
_AGAIN_S = 2.0
_SHARE = 20
"""Counters are read again when so many times what it took has passed: those of 1,000 namespaces take a second and more."""


@dataclass(frozen=True, slots=True, eq=False)
class DropState:
    """What was dropped since the begin."""

    seconds: float = 0.0
    """For so long it was looked for."""
    left_s: float = 0.0
    counters: Sequence[Dropped] = ()
    """Those that moved: of home first, the most packets first."""
    reasons: Sequence[ReasonCount] | None = None
    """None: they are not told."""
    unknown: Sequence[tuple[NamespaceId | str, str]] = ()
    """What could not be looked at, a namespace or in words, and why."""
    over: str | None = None
    """Why it has ended; None: it goes on."""
    failed: bool = False
    """Whether it could not even begin."""


class Watched:
    """The counters at the begin, and what has come of them since; for one thread."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._home = snapshot.home
        targets = {name: one.found.inode for name, one in snapshot.namespaces.items() if one.found.inode is not None}
        self._places = {inode: name for name, inode in targets.items()}
        self._watch = DropWatch(targets)
        self._reasons, self._why_not = _reasons()
        self._reckoning = Reckoning()
        try:
            self._before = self._watch.counters(self._home)
        except OSError:
            self.close()
            raise
        self._began = time.monotonic()

    def wait(self, seconds: float) -> None:
        """Take what reasons are told meanwhile."""
        if self._reasons is None:
            time.sleep(seconds)
            return
        for one in self._reasons.pipe.read(seconds):
            inode = None if one.pid is None else namespace_of(one.pid)
            self._reckoning.add(one, None if inode is None else self._places.get(inode))

    def read(self) -> DropState:
        """What was dropped until now."""
        after, took = self._watch.counters(self._home), time.monotonic() - self._began
        found = sorted(moved(self._before, after), key=lambda one: (one.namespace != self._home, one.namespace, -one.packets))
        reasons = None if self._reasons is None else self._reckoning.counts
        return DropState(took, counters=found, reasons=reasons, unknown=[*self._watch.unread.items(), *self._unknown()])

    def close(self) -> None:
        """Let go of home, and remove the tracing instance."""
        if self._reasons is not None:
            self._reasons.close()
        self._watch.close()

    def _unknown(self) -> list[tuple[str, str]]:
        if self._reasons is None:
            return [("the kernel's reasons", self._why_not or "not told")]
        pipe = self._reasons.pipe
        lost = [("reasons", f"{pipe.lost} more than the kernel had room for")] if pipe.lost else []
        return lost + ([("reasons", "more came than could be read in time")] if pipe.is_behind else [])


class Dropping(Running[Watched, DropState]):
    """Looks until its time is over or it is told to stop."""

    def __init__(self, snapshot: Snapshot, seconds: float, begun: Callable[[], None] = lambda: None) -> None:
        """`begun` is called once everything is watched."""
        super().__init__("netview-drops", lambda: Watched(snapshot), DropState(left_s=seconds))
        self._seconds = seconds
        self._begun = begun

    def _failed(self, reason: str) -> DropState:
        return DropState(over=reason, failed=True)

    def _follow(self, watched: Watched, deliver: Callable[[DropState], None]) -> None:
        self._begun()
        ends = time.monotonic() + self._seconds
        again = time.monotonic() + _AGAIN_S
        over: str | None = None
        while over is None:
            watched.wait(max(0.0, min(ends - time.monotonic(), _BEAT_S)))
            asked = time.monotonic()
            over = "stopped" if self._stopped.is_set() else f"{self._seconds:g} s are over" if asked >= ends else None
            if over is not None or asked >= again:
                self.state = watched.read()
                again = time.monotonic() + max(_AGAIN_S, _SHARE * (time.monotonic() - asked))
            self.state = replace(self.state, left_s=max(0.0, ends - time.monotonic()), over=over)
            deliver(self.state)


def _reasons() -> tuple[Reasons | None, str | None]:
    try:
        return Reasons(), None
    except OSError as error:
        return None, error.strerror or str(error)
