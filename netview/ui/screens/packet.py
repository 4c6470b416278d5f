"""One captured packet: its layers, and its bytes."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.decode.packet import layers
from netview.derive.filter import Subject
from netview.model import Snapshot
from netview.model.packet import Frame
from netview.text import safe
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.listing import Listing
from netview.ui.state import State
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.live_table import LiveTable

_WIDTH = 16


class PacketScreen(Screen[None]):
    """Every layer with its fields, and then the bytes in hexadecimal.

    ┌ packet 7 ─────────────────────────────────────────┐
    │ IPv4       10.1.0.2 → 10.1.0.3 ICMP 84 bytes      │
    │   ttl      64                                     │
    │ 0000       45 00 00 54 …             E..T         │
    └───────────────────────────────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "app.close", "back", id="close"),
    ]

    def __init__(self, state: State, title: str, frame: Frame, ports: frozenset[int]) -> None:
        super().__init__()
        self._state = state
        self._title = title
        lines = (*_layers(frame, ports), *_bytes(frame.data))
        rows = tuple(Item(number, None, None, line) for number, line in enumerate(lines))
        self._listing = Listing(View("packet", "Packet", _COLUMNS, lambda _: rows, lambda *_: Subject(), alive=_alive))

    def compose(self) -> ComposeResult:
        """The list and the keys."""
        yield LiveTable(ascii_only=self._state.options.ascii)
        yield Footer(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """A packet does not change."""
        table = self.query_one(LiveTable)
        table.define(_COLUMNS)
        table.set_titles(safe(self._title), "")
        table.focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show the lines."""
        snapshot, table = self._state.snapshot, self.query_one(LiveTable)
        if snapshot is not None:
            context = Context(snapshot, self._state.history)
            current = table.current
            table.show(self._listing.update(context), context, None if current is None else current.row.key)


def _layers(frame: Frame, ports: frozenset[int]) -> Iterator[tuple[Cell, Cell]]:
    for layer in layers(frame.data, frame.network, ports):
        yield Cell(layer.name, "name"), Cell(layer.summary, "name")
        for name, value in layer.fields:
            yield Cell(f"  {name}", "dim"), Cell(value)


def _bytes(data: bytes) -> Iterator[tuple[Cell, Cell]]:
    for at in range(0, len(data), _WIDTH):
        part = data[at : at + _WIDTH]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        yield Cell(f"{at:04x}", "dim"), Cell(f"{part.hex(' '):{3 * _WIDTH}} {shown}")


def _alive(_row: Item, _snapshot: Snapshot) -> bool:
    return True


_COLUMNS = (
    Column("name", "LAYER", lambda row, _: row.fact[0], least=12, most=24, rank=0),
    Column("value", "VALUE", lambda row, _: row.fact[1], least=20, most=200, rank=2),
)
