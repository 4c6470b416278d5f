"""The two lines above everything: where this is, how it is read, and the traffic in one sentence."""

from time import localtime, strftime
from typing import TYPE_CHECKING

from rich.cells import cell_len

from netview.derive.traffic import Courses, courses, sentence
from netview.model import LinkKey, LinkRates, Snapshot
from netview.text import Units, age, safe
from netview.ui.grid import fit
from netview.ui.lasting import Lasting
from netview.ui.state import State
from netview.ui.traffic import unit_of
from netview.ui.widgets.bar import Bar, BarLine
from netview.ui.widgets.pieces import Line, Piece

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEAST_NOTICE = 20


class Header(Bar):
    """The header.

    netview  lab-vm · root · 7 namespaces · 3 bridges · 6 pairs      ● LIVE 1 s  bit/s  ⚠ 2
    8.1 Mbit/s now · 94 % is nginx-1 ↓ via docker0                    filter: eth0 (3 of 14)
    """

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._counts = Lasting(_counts)
        self._courses = Lasting(courses)
        self._told: tuple[Mapping[LinkKey, LinkRates], Courses, Units] | None = None
        self._sentence = ""

    def tell(self, state: State, *, chip: Line = ()) -> None:
        """Show the newest facts, with the filter's chip on the right of the second line."""
        if state.snapshot is not None:
            self._sum_up(state.snapshot, state.units)
        counts = () if state.snapshot is None else self._counts(state.snapshot)
        self.show(_first(state, counts), _second(state, f" {self._sentence}", chip, self.size.width))

    def _sum_up(self, snapshot: Snapshot, units: Units) -> None:
        """Where it may be another than before; a key is not kept waiting for it."""
        along, told = self._courses(snapshot), self._told
        if told is None or told[0] is not snapshot.rates or told[1] is not along or told[2] != units:
            self._sentence = sentence(snapshot, units, along)
            self._told = (snapshot.rates, along, units)


def _first(state: State, counts: tuple[str, ...]) -> BarLine:
    snapshot = state.snapshot
    title = (Piece(" netview  ", "title"),)
    if snapshot is None:
        return (*title, Piece("reading…", "label")), _mode(state)
    words = [safe(snapshot.hostname), safe(snapshot.user), *counts]
    return (*title, Piece(" · ".join(words))), _mode(state)


def _mode(state: State) -> Line:
    tracing = state.trace is not None and state.trace.running
    armed = [Piece(f"● TRACE {state.trace.budget}  ", "warn")] if state.trace is not None and tracing else []
    pieces = [*armed, _beat(state), Piece(f"  {unit_of(state.units, state.metric)}{_since(state)} ", "label")]
    notices = () if state.snapshot is None else state.snapshot.notices
    if notices:
        pieces.append(Piece(f"  ⚠ {len(notices)} ", "warn"))
    findings = () if state.update is None or state.update.diagnosis is None else state.update.diagnosis.findings
    if findings:
        gravest = "bad" if findings[0].severity == "error" else "warn"
        pieces.append(Piece(f"  ✗ {len(findings)} found ", gravest))
    return tuple(pieces)


def _since(state: State) -> str:
    """From when totals count, where the user set them to zero."""
    if state.zero is None or state.metric not in {"total", "drops"}:
        return ""
    return f" since {_clock(state.zero.taken_at)}"


def _clock(at: float) -> str:
    return strftime("%H:%M:%S", localtime(at))


def _beat(state: State) -> Piece:
    if state.stale_s is not None:
        return Piece(f"⚠ STALE for {age(state.stale_s)} ", "bad")
    if state.back and state.snapshot is not None and state.held is not None:
        reach = f"{state.back} of {state.held.history.reach} back"
        return Piece(f"‖ {reach}, {_clock(state.snapshot.taken_at)} ", "warn")
    name, sign, style = ("PAUSED", "‖", "warn") if state.paused else (state.options.mode, "●", "good")
    return Piece(f"{sign} {safe(name)} {state.interval:g} s ", style)


def _second(state: State, told: str, chip: Line, width: int) -> BarLine:
    snapshot = state.snapshot
    if snapshot is None:
        return (Piece(" "),), chip
    room = width - cell_len(told) - 3
    if not chip and state.back and state.held is not None and room > _LEAST_NOTICE:
        words = f"rates and events of then; totals not kept, the rest as of {_clock(state.held.snapshot.taken_at)}"
        return (Piece(told),), (Piece(fit(words, room, right=True, ellipsis="…").lstrip() + " ", "warn"),)
    if not chip and snapshot.notices and room > _LEAST_NOTICE:
        notice = snapshot.notices[0]
        text = fit(f"⚠ {safe(notice.source)}: {safe(notice.text)}", room, right=True, ellipsis="…")
        chip = (Piece(text.lstrip() + " ", "warn"),)
    return (Piece(told),), chip


def _counts(snapshot: Snapshot) -> tuple[str, ...]:
    bridges = sum(link.kind == "bridge" for namespace in snapshot.namespaces.values() for link in namespace.links.values())
    pairs = len({frozenset((key, ref.key or ref)) for key, ref in snapshot.peers.items()})
    named = (("namespace", len(snapshot.namespaces)), ("bridge", bridges), ("pair", pairs))
    return tuple(f"{count} {word}" if count == 1 else f"{count} {word}s" for word, count in named)
