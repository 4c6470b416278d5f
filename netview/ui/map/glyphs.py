"""One glyph for a wire."""

from netview.derive.activity import Activity, activity
from netview.derive.wiring import Wire, WireKind
from netview.model import Snapshot
from netview.ui.views.words import is_down
from netview.ui.widgets.pieces import Piece

PORT = {Activity.UNKNOWN: "?", Activity.QUIET: "·", Activity.LITTLE: "▁", Activity.SOME: "▃", Activity.MUCH: "█"}
WIRE = {Activity.UNKNOWN: "?", Activity.QUIET: "┆", Activity.LITTLE: "│", Activity.SOME: "│", Activity.MUCH: "┃"}
DOWN, LOCKED, ALONE = "x", "✗", "∘"
LEGENDS = (
    "· quiet  ▁ below 100 kbit/s  ▃ below 10 Mbit/s  █ more  x down",
    "· quiet ▁ <100 kbit/s ▃ <10 M █ more",
    "▁<100k ▃<10M █ more",
)
"""In as many words as there is room for."""
_STYLES = {
    Activity.UNKNOWN: "label",
    Activity.QUIET: "label",
    Activity.LITTLE: "value",
    Activity.SOME: "good",
    Activity.MUCH: "good",
}


def port(snapshot: Snapshot, wire: Wire) -> Piece:
    """How busy it is; of one that carries nothing at all why."""
    return _glyph(snapshot, wire, PORT)


def strand(snapshot: Snapshot, wire: Wire) -> Piece:
    """The same as a piece of wire."""
    return _glyph(snapshot, wire, WIRE)


def _glyph(snapshot: Snapshot, wire: Wire, glyphs: dict[Activity, str]) -> Piece:
    if wire.kind is WireKind.LOCKED:
        return Piece(LOCKED, "warn")
    if wire.kind is WireKind.ALONE:
        return Piece(ALONE, "label")
    links = [snapshot.link(end) for end in wire.ends]
    if any(link is not None and is_down(link) for link in links):
        return Piece(DOWN, "bad")
    found = activity(snapshot, wire.ends)
    return Piece(glyphs[found], _STYLES[found])
