"""The whole host: uplinks, and a block for each bridge with a glyph for each of its ports."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from rich.cells import cell_len

from netview.derive.wiring import Group, Wire, WireId, WireKind
from netview.ui.columns import Context
from netview.ui.map import glyphs, words
from netview.ui.map.drawing import Item
from netview.ui.map.slots import Slots
from netview.ui.widgets.pieces import Line, Piece, fit

_NARROWEST = 38
_GAP = 2
_TALLEST = 3
"""Rows of glyphs in a block that stands beside another; what needs more has the whole width."""

_NAMESPACES = frozenset({WireKind.ALONE, WireKind.LOCKED})
"""What stands for a namespace that no wire leads to."""


class _Block(NamedTuple):
    head: Wire
    places: tuple[Wire | None, ...]
    x: int
    y: int
    width: int
    notes: tuple[str, ...]

    @property
    def row(self) -> int:
        """Glyphs in one row."""
        return self.width - 4

    @property
    def rows(self) -> int:
        return ceil(len(self.places) / self.row)

    @property
    def height(self) -> int:
        return 2 + self.rows + len(self.notes)


class HostDrawing:
    """Drawn for one snapshot, in so many columns."""

    def __init__(self, context: Context, groups: Sequence[Group], slots: Slots, width: int) -> None:
        self._context = context
        self._glyph: dict[WireId, Piece] = {}
        """Of the ports that were drawn already: selecting another draws them again."""
        self._uplinks = [group for group in groups if group.head.kind is WireKind.UPLINK]
        self._blocks = self._laid_out([group for group in groups if group.head.kind is not WireKind.UPLINK], slots, width)
        slots.keep(block.head.key for block in self._blocks)
        self.width = width
        self.height = max((block.y + block.height for block in self._blocks), default=len(self._uplinks))
        self.items = self._found()

    def line(self, y: int, selected: WireId | None) -> Line:
        """One line, as wide as the drawing."""
        if y < len(self._uplinks):
            return self._uplink(self._uplinks[y].head, selected)
        pieces: list[Piece] = []
        at = 0
        for block in self._blocks:
            if block.y <= y < block.y + block.height:
                pieces.append(Piece(" " * (block.x - at)))
                pieces += self._of_block(block, y - block.y, selected)
                at = block.x + block.width
        pieces.append(Piece(" " * (self.width - at)))
        return tuple(piece for piece in pieces if piece.text)

    def _laid_out(self, groups: Sequence[Group], slots: Slots, width: int) -> list[_Block]:
        snapshot = self._context.snapshot
        columns = max(1, (width + _GAP) // (_NARROWEST + _GAP))
        narrow = (width - _GAP * (columns - 1)) // columns
        blocks: list[_Block] = []
        x, y, below = 0, len(self._uplinks), len(self._uplinks)
        for group in groups:
            places = slots.placed(group.head.key, group.members)
            notes = tuple(told for wire in group.members if (told := words.overlay(snapshot, wire)))
            wide = len(places) > _TALLEST * (narrow - 4)
            if x and (wide or x + narrow > width):
                x, y = 0, below
            block = _Block(group.head, places, x, y, width if wide else narrow, notes)
            blocks.append(block)
            below = max(below, y + block.height)
            x, y = (0, below) if wide else (x + narrow + _GAP, y)
        return blocks

    def _found(self) -> tuple[Item, ...]:
        items = [Item(group.head, group.head.key, 0, y) for y, group in enumerate(self._uplinks)]
        for block in self._blocks:
            if not any(block.places):
                items.append(Item(block.head, block.head.key, block.x, block.y))
            for slot, wire in enumerate(block.places):
                if wire is not None:
                    items.append(Item(wire, block.head.key, block.x + 2 + slot % block.row, block.y + 1 + slot // block.row))
        return tuple(items)

    def _uplink(self, wire: Wire, selected: WireId | None) -> Line:
        mark = "\u203a" if wire.key == selected else " "
        glyph = glyphs.port(self._context.snapshot, wire)
        text = fit(f" {words.fitted(self._context, wire, self.width - 4, ' · uplink')}", self.width - 3)
        return Piece(f"{mark} "), glyph, Piece(text, "active" if wire.key == selected else "value")

    def _of_block(self, block: _Block, y: int, selected: WireId | None) -> list[Piece]:
        inner = block.width - 2
        if y == 0:
            return self._top(block, inner, selected)
        if y == block.height - 1:
            text = self._total(block)
            fitted = text if cell_len(text) <= inner else fit(text, inner)
            return [Piece("╰", "label"), Piece(fitted, "label"), Piece("─" * (inner - cell_len(fitted)) + "╯", "label")]
        if y > block.rows:
            return [Piece("│", "label"), Piece(fit(f" {block.notes[y - block.rows - 1]}", inner), "label"), Piece("│", "label")]
        row = block.places[(y - 1) * block.row : y * block.row]
        return [Piece("│ ", "label"), *self._glyphs(row, selected), Piece(" " * (block.row - len(row)) + " │", "label")]

    def _top(self, block: _Block, inner: int, selected: WireId | None) -> list[Piece]:
        snapshot, head = self._context.snapshot, block.head
        parts = [words.name(snapshot, head), words.place(snapshot, head), words.address(snapshot, head.link)]
        mark = "\u203a" if selected in {head.key, *(wire.key for wire in block.places if wire is not None)} else " "
        text = f"{mark}{' '.join(part for part in parts if part)} "
        fitted = text if cell_len(text) <= inner else fit(text, inner)
        return [Piece("╭", "label"), Piece(fitted, "title"), Piece("─" * (inner - cell_len(fitted)) + "╮", "label")]

    def _glyphs(self, row: Sequence[Wire | None], selected: WireId | None) -> list[Piece]:
        """Those that look alike as one piece."""
        pieces: list[Piece] = []
        for wire in row:
            piece = Piece(" ", "label") if wire is None else self._port(wire)
            if wire is not None and wire.key == selected:
                piece = Piece(piece.text, "active")
            if pieces and pieces[-1].style == piece.style:
                piece = Piece(pieces.pop().text + piece.text, piece.style)
            pieces.append(piece)
        return pieces

    def _port(self, wire: Wire) -> Piece:
        glyph = self._glyph.get(wire.key)
        if glyph is None:
            glyph = self._glyph[wire.key] = glyphs.port(self._context.snapshot, wire)
        return glyph

    def _total(self, block: _Block) -> str:
        count = sum(wire is not None for wire in block.places)
        if block.head.kind is not WireKind.BRIDGE:
            word = "namespace" if _NAMESPACES & {wire.kind for wire in block.places if wire is not None} else "wire"
            return f" {count} {word}{'' if count == 1 else 's'} "
        ways = words.ways(self._context, block.head) if count else ""
        return f" {count} port{'' if count == 1 else 's'} {f'· {ways} ' if ways else ''}"
