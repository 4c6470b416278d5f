"""One captured packet: its layers, and its bytes."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Resize

from netview.decode.packet import layers
from netview.model.packet import Frame
from netview.text import safe
from netview.ui.columns import Cell, Column
from netview.ui.screens.still import StillScreen
from netview.ui.state import State

_ROOM = 80
"""Columns of a terminal in which sixteen bytes fit a line; eight do in the narrowest."""


class PacketScreen(StillScreen[None]):
    """Every layer with its fields, and then the bytes in hexadecimal.

    ┌ packet 7 ─────────────────────────────────────────┐
    │ IPv4       10.1.0.2 → 10.1.0.3 ICMP 84 bytes      │
    │   ttl      64                                     │
    │ 0000       4500 0054 …             E..T         │
    └───────────────────────────────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "app.close", "back", id="close"),
    ]

    def __init__(self, state: State, title: str, frame: Frame, ports: frozenset[int]) -> None:
        super().__init__(state, safe(title), (), _COLUMNS)
        self._layers = tuple(_layers(frame, ports))
        self._data = frame.data

    def on_resize(self, event: Resize) -> None:
        """As many bytes on a line as fit."""
        self.set_facts((*self._layers, *_bytes(self._data, 16 if event.size.width >= _ROOM else 8)))


def _layers(frame: Frame, ports: frozenset[int]) -> Iterator[tuple[Cell, Cell]]:
    for layer in layers(frame.data, frame.network, ports):
        yield Cell(layer.name, "name"), Cell(layer.summary, "name")
        for name, value in layer.fields:
            yield Cell(f"  {name}", "dim"), Cell(value)


def _bytes(data: bytes, count: int) -> Iterator[tuple[Cell, Cell]]:
    for at in range(0, len(data), count):
        part = data[at : at + count]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        yield Cell(f"{at:04x}", "dim"), Cell(f"{part.hex(' ', -2):{count * 5 // 2}} {shown}")


_COLUMNS = (
    Column("name", "LAYER", lambda row, _: row.fact[0], least=12, most=24, rank=0),
    Column("value", "VALUE", lambda row, _: row.fact[1], least=20, most=200, rank=2),
)
