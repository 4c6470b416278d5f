"""One sample a beat, made into a snapshot and handed over."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from netview.derive.build import build
from netview.derive.diff import diff
from netview.kernel.stranded import StrandedError
from netview.live.history import History
from netview.live.log import Entry, Log
from netview.live.source import Engine, Source, Want
from netview.model import Sample, Snapshot
from netview.model.event import Event

if TYPE_CHECKING:
    from netview.derive.path.choice import Choice
    from netview.derive.path.questions import Answer, Question
    from netview.live.followed import Followed
    from netview.live.rounds import Rounds
    from netview.model.finding import Diagnosis

FASTEST_S, SLOWEST_S = 0.5, 10.0
_STAGES = 2
"""Updates until all is there that was there at the start: links and addresses, then all the rest."""
HELD_S = 5.0
"""Between two samples while the picture is held, at least: history goes on, in longer steps."""


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """What a front end shows next."""

    snapshot: Snapshot
    history: History
    generation: int
    """Counts samples, from 1."""
    events: tuple[Event, ...] = ()
    """What happened since the update before."""
    log: tuple[Entry, ...] = ()
    """What happened lately, the newest first."""
    path: "Followed | None" = None
    """The path that was asked for."""
    choice: "Choice | None" = None
    """The routes to the address that was asked for."""
    diagnosis: "Diagnosis | None" = None
    """What is wrong, as of the doctor's last round."""


def with_engines(sample: Sample, engines: Sequence[Engine], *, until: float = 0.0) -> Sample:
    """The sample and what the engines say of it right now, or as soon as they answer before a moment of the monotonic clock."""
    if not engines:
        return sample
    for engine in engines:
        engine.sighted(sample)
    for engine in engines:
        engine.wait(max(0.0, until - time.monotonic()))
    answers = [engine.answer() for engine in engines]
    return replace(
        sample,
        containers=sample.containers + tuple(known for answer in answers for known in answer.containers),
        heard=sample.heard.union(*(answer.heard for answer in answers)),
        # Engines first: what the kernel refuses stays the same all day, and a line has room for one.
        notices=tuple(n for e in engines for n in e.notices()) + sample.notices,
    )


class Poller:
    """Steps a source: by hand in tests and for one snapshot, in the kernel thread while an app runs."""

    def __init__(
        self,
        source: Source,
        engines: Sequence[Engine] = (),
        *,
        interval: float = 1.0,
        answer: "Callable[[Question], Answer] | None" = None,
    ) -> None:
        """`answer`: what the source answers to the questions of a path."""
        self._source = source
        self._answer = answer
        self._rounds: Rounds | None = None
        self._engines = tuple(engines)
        self._interval = min(max(interval, FASTEST_S), SLOWEST_S)
        self._held = False
        self._want = Want()
        self._sample: Sample | None = None
        self._snapshot: Snapshot | None = None
        self._generation = 0
        self._history = History()
        self._log = Log()
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._at_once = False
        self._delivered = threading.Event()
        """Whether there is an update, or never will be one."""
        self._stranded = False
        self._thread: threading.Thread | None = None

    @property
    def interval(self) -> float:
        """Seconds between two samples."""
        return self._interval

    @property
    def beat_s(self) -> float:
        """The same as it is now, while the picture may be held."""
        return max(self._interval, HELD_S) if self._held else self._interval

    def set_interval(self, seconds: float) -> float:
        """Beat faster or slower, within 0.5 s … 10 s; returns what it is now."""
        self._interval = min(max(seconds, FASTEST_S), SLOWEST_S)
        self._rouse()
        return self._interval

    def hold(self, *, held: bool) -> None:
        """Nobody looks at samples for the time being, or somebody does again and has one at once."""
        self._held = held
        if not held:
            self._rouse()

    def want(self, want: Want) -> None:
        """Say what is on the screen."""
        changed = want._replace(visible=frozenset()) != self._want._replace(visible=frozenset())
        self._want = want
        if changed:
            self._rouse()

    def step(self) -> Update:
        """Take one sample now. Not for two threads at once."""
        before, snapshot = self._snapshot, self._resolved(self._source.sample(self._want))
        self._history.add(snapshot)
        return self._update(before, snapshot)

    def follow(self) -> Update:
        """Take what has changed since the last sample, which stays the newest of the history: no counter has moved."""
        before = self._snapshot
        return self._update(before, self._resolved(self._source.changes(self._want)))

    def start(self, deliver: Callable[[Update], None], *, at_once: bool = False) -> None:
        """Step in a thread of its own until stopped, handing each update to `deliver` there.

        `at_once`: the first update waits for nothing. What engines are asked with takes as long to load as a hundred namespaces
        to be read, and is loaded after it.
        """
        self._at_once = at_once
        self._thread = threading.Thread(target=self._supervise, args=(deliver,), name="netview-poller", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 0.2) -> None:
        """End the thread; waits at most `seconds` for a step under way."""
        self._stopped.set()
        self._rouse()
        for engine in self._engines:
            engine.stop()
        if self._thread is not None:
            self._thread.join(seconds)

    def ended(self, seconds: float) -> bool:
        """Wait at most so long; whether the thread has ended: a recording is over, or something went wrong."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _supervise(self, deliver: Callable[[Update], None]) -> None:
        """Replace a kernel thread that found no way home: a thread inherits its maker's namespace, and this one never leaves."""
        if not self._at_once:
            self._start_engines()
        self._stranded = True
        while self._stranded and not self._stopped.is_set():
            self._stranded = False
            kernel = threading.Thread(target=self._run, args=(deliver,), name="netview-kernel", daemon=True)
            kernel.start()
            if self._at_once:
                self._delivered.wait()
                self._at_once = False
                self._start_engines()
            kernel.join()

    def _start_engines(self) -> None:
        for engine in () if self._stopped.is_set() else self._engines:
            engine.start()

    def _run(self, deliver: Callable[[Update], None]) -> None:
        """Step until stopped, at the end of a recording, or stranded."""
        due = time.monotonic()
        try:
            while not self._stopped.is_set():
                self._wake.clear()
                deliver(self.step())
                self._delivered.set()
                due = max(due + self.beat_s, time.monotonic())
                self._wait(due, deliver)
                due = min(due, time.monotonic())
        except StopIteration:
            pass
        except StrandedError:
            self._stranded = True
        finally:
            self._delivered.set()
        self._source.close()

    def _wait(self, due: float, deliver: Callable[[Update], None]) -> None:
        """Until the next sample is due or asked for; meanwhile what changes is delivered."""
        while not self._wake.is_set() and (left := due - time.monotonic()) > 0:
            if self._source.wait(left):
                deliver(self.follow())

    def _rouse(self) -> None:
        self._wake.set()
        self._source.wake()

    def _resolved(self, facts: Sample) -> Snapshot:
        sample = with_engines(facts, self._engines)
        snapshot = build(sample, self._sample, self._snapshot)
        self._sample, self._snapshot = sample, snapshot
        return snapshot

    def _update(self, before: Snapshot | None, snapshot: Snapshot) -> Update:
        self._generation += 1
        events = () if before is None else diff(before, snapshot)
        self._log.add(events)
        asked = (self._path(snapshot), self._choice(snapshot), self._diagnosis(before, snapshot))
        return Update(snapshot, self._history, self._generation, events, self._log.entries, *asked)

    def _choice(self, snapshot: Snapshot) -> "Choice | None":
        route, answer = self._want.route, self._answer
        if route is None or answer is None:
            return None
        from netview.derive.path.choice import chosen  # noqa: PLC0415 - as for the path
        from netview.live.followed import followed  # noqa: PLC0415

        return followed(chosen(snapshot, *route), answer)

    def _diagnosis(self, before: Snapshot | None, snapshot: Snapshot) -> "Diagnosis | None":
        if self._answer is None or before is None or self._generation <= _STAGES:
            return None
        if self._rounds is None:
            from netview.live.rounds import Rounds  # noqa: PLC0415 - the first pictures wait for no doctor

            self._rounds = Rounds(self._answer)
            self._rounds.look(before)
        return self._rounds.look(snapshot)

    def _path(self, snapshot: Snapshot) -> "Followed | None":
        query, answer = self._want.path, self._answer
        if query is None or answer is None:
            return None
        from netview.live.followed import follow  # noqa: PLC0415 - the first frame waits for no path

        return follow(snapshot, query, answer)
