"""One bridge: its wires, down to a box for what is at the other end of each."""

from collections.abc import Sequence

from netview.derive.wiring import Wire, WireId
from netview.text import safe
from netview.ui.columns import Context
from netview.ui.map import glyphs, words
from netview.ui.map.drawing import Item
from netview.ui.widgets.pieces import Line, Piece, fit

_BOX, _GAP, _TALL = 26, 1, 7
_DROP = 2
"""Where in its box a wire comes down: what it is called stands beside it."""


class BridgeDrawing:
    """Drawn for one snapshot, in so many columns; of a thousand boxes only those on the screen are written."""

    def __init__(self, context: Context, head: Wire, places: Sequence[Wire | None], width: int) -> None:
        self._context = context
        self._head = head
        self._places = places
        self.width = width
        self._row = max(1, (width + _GAP) // (_BOX + _GAP))
        self._box = min(_BOX, width)
        self.height = 1 + _TALL * -(-len(places) // self._row)
        self.items = tuple(
            Item(wire, head.key, slot % self._row * (self._box + _GAP), 1 + slot // self._row * _TALL, _TALL)
            for slot, wire in enumerate(places)
            if wire is not None
        )

    def line(self, y: int, selected: WireId | None) -> Line:
        """One line, as wide as the drawing."""
        if y == 0:
            ports = f" · {sum(wire is not None for wire in self._places)} ports"
            text = words.fitted(self._context, self._head, self.width - 2, ports)
            return (Piece(fit(f"  {text}", self.width), "title"),)
        row, part = divmod(y - 1, _TALL)
        wires = self._places[row * self._row : (row + 1) * self._row]
        pieces: list[Piece] = []
        for wire in wires:
            pieces += self._part(wire, part, selected=wire is not None and wire.key == selected)
            # The bridge itself goes on between its wires.
            pieces.append(Piece(("━" if part == 0 else " ") * _GAP, "label"))
        used = len(wires) * (self._box + _GAP)
        if used > self.width:
            pieces.pop()
            used -= _GAP
        return (*pieces, Piece(" " * (self.width - used)))

    def _part(self, wire: Wire | None, part: int, *, selected: bool) -> list[Piece]:
        width = self._box
        if wire is None:
            return [Piece(("━" if part == 0 else " ") * width, "label")]
        inner = width - 2
        frame = "active" if selected else "label"
        if part == 0:
            return [Piece("━" * _DROP + "┯" + "━" * (width - _DROP - 1), "label")]
        if part == 1:
            return self._strand(wire)
        if part == 2:
            return [Piece("╭" + "─" * (_DROP - 1) + "┴" + "─" * (width - _DROP - 2) + "╮", frame)]
        if part == _TALL - 1:
            return [Piece("╰" + "─" * inner + "╯", frame)]
        mark = "\u203a" if selected and part == 3 else " "
        text = fit(f"{mark}{self._text(wire, part)}", inner)
        return [Piece("│", frame), Piece(text, ("title", "value", "value")[part - 3]), Piece("│", frame)]

    def _strand(self, wire: Wire) -> list[Piece]:
        snapshot = self._context.snapshot
        far = "" if wire.far is None else safe(wire.far.name or "") or words.link_name(snapshot, wire.far.key)
        link = None if wire.far is None or wire.far.key is None else snapshot.link(wire.far.key)
        link = link or (None if wire.link is None else snapshot.link(wire.link))
        port = "" if link is None or link.port is None else f" {link.port.state.word}"
        room = self._box - _DROP - 1
        return [Piece(" " * _DROP), glyphs.strand(snapshot, wire), Piece(fit(f" {far}{port}", room), "label")]

    def _text(self, wire: Wire, part: int) -> str:
        snapshot = self._context.snapshot
        if part == 3:
            return f"{words.name(snapshot, wire)} {words.link_name(snapshot, wire.link)}".strip()
        if part == 4:
            return words.overlay(snapshot, wire) or words.address(snapshot, wire.link)
        return words.ways(self._context, wire)
