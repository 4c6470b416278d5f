"""The two lines above everything: where this is, how it is read, and the traffic in one sentence."""

from rich.cells import cell_len

from netview.derive.traffic import sentence
from netview.model import Snapshot
from netview.text import safe
from netview.ui.grid import fit
from netview.ui.state import State
from netview.ui.traffic import unit_of
from netview.ui.widgets.bar import Bar, BarLine
from netview.ui.widgets.pieces import Line, Piece

_LEAST_NOTICE = 20


class Header(Bar):
    """The header.

    netview  lab-vm · root · 7 namespaces · 3 bridges · 6 pairs      ● LIVE 1 s  bit/s  ⚠ 2
    8.1 Mbit/s now · 94 % is nginx-1 ↓ via docker0                    filter: eth0 (3 of 14)
    """

    def tell(self, state: State, *, chip: Line = ()) -> None:
        """Show the newest facts, with the filter's chip on the right of the second line."""
        self.show(_first(state), _second(state, chip, self.size.width))


def _first(state: State) -> BarLine:
    snapshot = state.snapshot
    title = (Piece(" netview  ", "title"),)
    if snapshot is None:
        return (*title, Piece("reading…", "label")), _mode(state)
    words = [safe(snapshot.hostname), safe(snapshot.user), *_counts(snapshot)]
    return (*title, Piece(" · ".join(words))), _mode(state)


def _mode(state: State) -> Line:
    name, sign, style = ("PAUSED", "‖", "warn") if state.paused else (state.options.mode, "●", "good")
    mode = Piece(f"{sign} {safe(name)} {state.interval:g} s ", style)
    pieces = [mode, Piece(f"  {unit_of(state.units, state.metric)} ", "label")]
    notices = () if state.snapshot is None else state.snapshot.notices
    if notices:
        pieces.append(Piece(f"  ⚠ {len(notices)} ", "warn"))
    return tuple(pieces)


def _second(state: State, chip: Line, width: int) -> BarLine:
    snapshot = state.snapshot
    if snapshot is None:
        return (Piece(" "),), chip
    told = f" {sentence(snapshot, state.units)}"
    room = width - cell_len(told) - 3
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
