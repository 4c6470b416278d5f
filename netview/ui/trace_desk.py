"""The trace that the app runs, one at a time, in a thread of its own that makes rows of it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from time import localtime, strftime

from textual.message import Message

from netview.derive.trace.agreement import Agreement, agreement
from netview.derive.trace.journeys import End, Journey, Passage, journeys
from netview.derive.trace.plan import Plan
from netview.derive.trace.words import chain_text, changed, ending, headline, label, met_text, through, untold, verdict_text
from netview.live.tracing import Budget, TraceState, Tracing, begin, is_own
from netview.model import LinkKey, Snapshot
from netview.model.path import Path
from netview.text import duration
from netview.ui.columns import Cell
from netview.ui.trace_shown import TraceRow, TraceShown, TraceTold

BUDGET = Budget()
_LEAVE_S = 0.3
_ROLES = {End.SENT: "good", End.DELIVERED: "good", End.DROPPED: "bad", End.LOST: "bad", End.UNSEEN: "dim"}
_ENDING = frozenset({"drop", "stolen", "queue"})


class TraceDesk:
    """Begins and ends traces."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._tracing: Tracing | None = None

    def begin(self, snapshot: Snapshot, path: Path, wanted: Plan) -> None:
        """Trace what a path says, once the last trace has ended."""
        self.stop()
        self._tracing = Tracing(partial(begin, snapshot, wanted.namespaces, wanted.matches), BUDGET)
        self._tell(snapshot, path, self._tracing.state)
        self._tracing.start(partial(self._tell, snapshot, path))

    def stop(self) -> None:
        """End the trace that runs; the kernel keeps nothing of it."""
        if self._tracing is not None:
            self._tracing.stop(_LEAVE_S)

    def _tell(self, snapshot: Snapshot, path: Path, state: TraceState) -> None:
        with suppress(RuntimeError):  # The loop may be gone already.
            self._post(TraceTold(shown(snapshot, path, state)))


def shown(snapshot: Snapshot, path: Path, state: TraceState) -> TraceShown:
    """A trace's rows, the newest packet first; what is armed, and what is left of the budget, above all."""
    budget = f"{state.packets} of {BUDGET.packets} packets, {state.left_s:.0f} s left"
    if state.failed:
        return TraceShown((), running=False, budget=budget, failed=state.over)
    rows = [TraceRow(("status", index), None, None, what=cell) for index, cell in enumerate(_status(snapshot, state, budget))]
    for number, journey in reversed(list(enumerate(journeys(state.lines, is_own)))):
        agrees = agreement(snapshot, journey, path, state.traced)
        told = _packet(snapshot, state, journey, agrees)
        rows += [row._replace(key=(number, index)) for index, row in enumerate(told)]
    return TraceShown(tuple(rows), state.over is None, budget)


def _packet(snapshot: Snapshot, state: TraceState, journey: Journey, agrees: Agreement | None) -> Iterator[TraceRow]:
    first, last = journey.passages[0], journey.last
    at = journey.begun_at
    clock = Cell(f"{strftime('%H:%M:%S', localtime(at))}.{int(at % 1 * 1000):03d}", "name")
    end = Cell(last.end.value, _ROLES[last.end])
    yield TraceRow(None, first.namespace, None, clock, Cell(""), Cell(headline(journey), "name"), end)
    for passage in journey.passages:
        where = Cell(label(snapshot, passage.namespace), "name")
        yield TraceRow(
            None,
            passage.namespace,
            _link(passage),
            _after(journey, passage.begun_at),
            where,
            Cell(through(snapshot, passage), "dim"),
        )
        for met in passage.met:
            rule = f"{chain_text(met.hit)}: {met_text(state.rulesets, passage.namespace, met.hit)}"
            verdict = Cell(verdict_text(met.hit), "bad" if met.hit.verdict in _ENDING else "")
            yield TraceRow(None, passage.namespace, None, _after(journey, met.at), Cell(""), Cell(rule), verdict)
        note = changed(passage)
        if note is not None:
            yield TraceRow(None, passage.namespace, None, what=Cell(note, "warn"))
    words = Cell(ending(snapshot, journey), _ROLES[last.end])
    yield TraceRow(None, last.namespace, _link(last), _after(journey, last.ended_at), Cell(""), words, end)
    if agrees is not None:
        yield TraceRow(None, last.namespace, _link(last), what=_compared(agrees))


def _link(passage: Passage) -> LinkKey | None:
    ifindex = passage.iif or passage.oif
    return None if ifindex is None else LinkKey(passage.namespace, ifindex)


def _after(journey: Journey, at: float) -> Cell:
    return Cell(f"+{duration(at - journey.begun_at)}", "dim")


def _compared(agrees: Agreement) -> Cell:
    if agrees.agrees is None:
        return Cell(f"? {agrees.message}", "dim")
    return Cell(f"≡ {agrees.message}", "good") if agrees.agrees else Cell(f"⚠ {agrees.message}", "bad")


def _status(snapshot: Snapshot, state: TraceState, budget: str) -> Iterator[Cell]:
    """What is armed, and what is left of the budget."""
    if state.over is not None:
        yield Cell(f"ended: {state.over} · nothing of it is left in the kernel", "dim")
    elif state.refused is None:
        yield Cell("arming…", "dim")
    else:
        yield Cell(f"● {budget} · t stops it", "warn")
        where = ", ".join(sorted(label(snapshot, name) for name in state.armed))
        yield Cell(f"traced, and kept alive meanwhile: {where}", "dim")
    for name in untold(state.rulesets):
        yield Cell(f"{label(snapshot, name)} has rules of iptables-legacy, of which the kernel tells nothing here", "warn")
    for name, why in (state.refused or {}).items():
        yield Cell(f"not traced: {label(snapshot, name)}: {why}", "warn")
    if state.lost:
        yield Cell(f"more was told than could be kept, {state.lost} times", "bad")
