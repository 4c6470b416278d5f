"""The two lines above everything: where this is, how it is read, and the traffic in one sentence."""

from time import localtime, strftime

from rich.cells import cell_len

from netview.text import age, safe
from netview.ui.grid import fit
from netview.ui.state import State
from netview.ui.traffic import unit_of
from netview.ui.widgets.bar import Bar, BarLine
from netview.ui.widgets.pieces import Line, Piece

_LEAST_NOTICE = 20
_SEPARATOR = " · "


class Header(Bar):
    """The header.

    netview  lab-vm · root · 7 namespaces · 3 bridges · 6 pairs      ● LIVE 1 s  bit/s  ⚠ 2
    8.1 Mbit/s now · 94 % is nginx-1 ↓ via docker0                    filter: eth0 (3 of 14)
    """

    def tell(self, state: State, *, chip: Line = ()) -> None:
        """Show the newest facts, with the filter's chip on the right of the second line."""
        snapshot = state.snapshot
        told = "" if snapshot is None else state.headline.sentence(snapshot, state.units)
        self.show(_first(state, self.size.width), _second(state, f" {told}", chip, self.size.width))


def _first(state: State, width: int) -> BarLine:
    """Of what this host is and has as many words as there is room for."""
    snapshot, mode = state.snapshot, _mode(state)
    title = (Piece(" netview  ", "title"),)
    if snapshot is None:
        return (*title, Piece("reading…", "label")), mode
    words = [safe(snapshot.hostname), safe(snapshot.user), *state.headline.counts(snapshot)]
    room = width - 1 - sum(cell_len(piece.text) for piece in (*title, *mode))
    while len(words) > 1 and cell_len(_SEPARATOR.join(words)) > room:
        words.pop()
    return (*title, Piece(_SEPARATOR.join(words))), mode


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
