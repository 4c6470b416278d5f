"""`netview trace`: packets of a flow through the rules, as the kernel tells them; imported when that is asked for."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from netview.decode.trace_table import table_lines
from netview.derive.build import build
from netview.derive.path.ends import EndError, Query
from netview.derive.path.walk import asked as asked_path
from netview.derive.trace.agreement import agreement
from netview.derive.trace.journeys import Journey, journeys
from netview.derive.trace.plan import Plan, plan
from netview.derive.trace.words import label, untold
from netview.export.trace import Told, encode, lines
from netview.front import FrontError, Settings, sampling, say, stop_on_signals, tell, write
from netview.live.followed import followed
from netview.live.tracing import Budget, Tracer, TraceState, Tracing, begin, is_own, table_name
from netview.model import Snapshot
from netview.model.path import Path
from netview.slowly import Meanwhile, is_gone
from netview.text import safe

_SETTLED_S = 0.3
"""A packet that was silent for so long has ended its way, or waits where nobody sees it."""
_SEEN, _DIFFERS, _NOTHING = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    query: Query | None
    """None: only what others have armed is read."""
    packets: int = 100
    seconds: float = 30.0
    sure: bool = False
    """Whether it was confirmed already."""
    output: str = "text"


class UnsureError(Exception):
    """What is not confirmed is not done; the message is one line."""


def trace(settings: Settings, asked: Asked) -> int:
    """Trace; 0: packets were seen, 1: and one did other than its path says, 3: none was seen."""
    if settings.replay is not None:
        raise FrontError("a recording holds no packets: trace a running host")
    with sampling(settings) as (sample, answer):
        now = build(sample())
        try:
            path = None if asked.query is None else followed(asked_path(now, asked.query), answer)
        except EndError as error:
            raise FrontError(str(error)) from None
        wanted = _plan(now, path)
    if wanted.matches:
        _confirm(now, wanted, sure=asked.sure)
    stopped = stop_on_signals()
    told = _Telling(now, path, asked.output, settings)
    return told.run(partial(begin, now, wanted.namespaces, wanted.matches), asked, stopped.is_set)


def _plan(now: Snapshot, path: Path | None) -> Plan:
    return Plan(tuple(now.namespaces), ()) if path is None else plan(path)


def _confirm(now: Snapshot, wanted: Plan, *, sure: bool) -> None:
    """Say what will be added, and have it confirmed; raises UnsureError."""
    where = ", ".join(safe(label(now, name)) for name in wanted.namespaces)
    say(f"netview: this table will be added in {where}, and goes with this process, however that ends:")
    for line in table_lines(table_name(), wanted.matches):
        say(line)
    if sure:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UnsureError("nobody is there to confirm it: give --yes")
    sys.stderr.write("add it? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise UnsureError("nothing was added")


class _Telling:
    """Writes each packet once its way is over."""

    def __init__(self, now: Snapshot, path: Path | None, output: str, settings: Settings) -> None:
        self._now = now
        self._path = path
        self._json = output == "ndjson"
        self._ascii = settings.ascii
        self._written: set[tuple[str, int, float]] = set()
        self._differs = False
        self._refused: set[str] = set()
        self._untold: set[str] = set()
        self._open = True
        self._meanwhile: Meanwhile | None = None

    def run(self, begin: Callable[[], Tracer], asked: Asked, stopped: Callable[[], bool]) -> int:
        """Until the budget is spent, or nobody wants more."""
        ends = time.monotonic() + asked.seconds

        def begun() -> Tracer:
            tracer = begin()

            def look() -> None:
                tracer.let_go()
                if time.monotonic() > ends:
                    tracer.disarm()

            self._meanwhile = Meanwhile(look, stopped)
            return tracer

        tracing = Tracing(begun, Budget(asked.packets, asked.seconds))

        def deliver(state: TraceState) -> None:
            self._show(state)
            if stopped() or not self._open:
                tracing.stop()

        tracing.run(deliver)
        state = tracing.state
        if state.failed:
            raise FrontError(state.over or "nothing can be traced")
        say(f"netview: {state.over}; nothing of it is left in the kernel")
        if state.lost:
            say(f"netview: {state.lost} times there was more to tell than could be kept")
        return _DIFFERS if self._differs else _SEEN if self._written else _NOTHING

    def _show(self, state: TraceState) -> None:
        self._open = self._open and not is_gone(sys.stdout)
        for name in untold(state.rulesets) if self._path is not None else ():
            if name not in self._untold:
                self._untold.add(name)
                tell(f"{label(self._now, name)} has rules of iptables-legacy, of which the kernel tells nothing here")
        for name, why in (state.refused or {}).items():
            if name not in self._refused and self._path is not None:
                self._refused.add(name)
                tell(f"{label(self._now, name)} is not traced: {why}")
        for one in journeys(state.lines, is_own):
            key = one.passages[0].namespace, one.passages[0].packet, one.begun_at
            if key not in self._written and (state.over or time.time() > one.last.ended_at + _SETTLED_S):
                self._written.add(key)
                self._open = self._write(one, state) and self._open

    def _write(self, journey: Journey, state: TraceState) -> bool:
        found = None
        if self._path is not None:
            found = agreement(self._now, journey, self._path, state.traced)
            self._differs = self._differs or (found is not None and found.agrees is False)
        told = Told(self._now, state.rulesets)
        if self._json:
            return write(encode(told, journey, found) + "\n", ascii_only=True, meanwhile=self._meanwhile)
        return write("\n".join((*lines(told, journey, found), "")) + "\n", ascii_only=self._ascii, meanwhile=self._meanwhile)
