"""Whose a namespace is, filling the screen."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.derive.filter import Subject
from netview.derive.ownership import Detail, details
from netview.live import Want
from netview.model import NamespaceId, Snapshot
from netview.text import safe
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.listing import Listing
from netview.ui.navigator import CRUMB
from netview.ui.state import State
from netview.ui.widgets.bar import Bar
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.live_table import LiveTable
from netview.ui.widgets.pieces import Piece

_NOT_TOLD = "not told"


class OwnerScreen(Screen[None]):
    """Containers, what is claimed, the files that say what they believe of their host, processes.

    host > docker0 > nginx-1
    ┌ owner of nginx-1 ─────────────────────┐
    │ docker     nginx-1                    │
    │   image    nginx:1.27                 │
    └───────────────────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,o", "app.close", "back", id="close"),
    ]

    def __init__(self, state: State, want: Callable[[Want], None], namespace: NamespaceId, crumbs: tuple[str, ...]) -> None:
        super().__init__()
        self._tell_wanted = want
        self._state = state
        self._namespace = namespace
        self._crumbs = crumbs
        self._listing = Listing(_view(namespace))

    def compose(self) -> ComposeResult:
        """The breadcrumb, the list, the keys."""
        ascii_only = self._state.options.ascii
        yield Bar(ascii_only=ascii_only, id="crumbs")
        yield LiveTable(ascii_only=ascii_only)
        yield Footer(ascii_only=ascii_only)

    def on_mount(self) -> None:
        """Show what is known."""
        self.query_one("#crumbs", Bar).show(((Piece(" " + safe(CRUMB.join(self._crumbs)), "crumb"),), ()))
        table = self.query_one(LiveTable)
        table.define(self._listing.view.columns)
        table.focus()
        self._tell_wanted(Want(place=self._namespace, facts=self._namespace))
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show the newest facts."""
        snapshot, table = self._state.snapshot, self.query_one(LiveTable)
        if snapshot is None:
            return
        known = snapshot.namespaces.get(self._namespace)
        context = Context(snapshot, self._state.history)
        current = table.current
        entries = self._listing.update(context)
        gone = Cell("this namespace is gone", "warn")
        table.show(entries, context, None if current is None else current.row.key, message=gone if known is None else None)
        table.set_titles("owner" if known is None else f"owner of {known.label}", "")


def _view(namespace: NamespaceId) -> View:
    def rows(context: Context) -> tuple[Item, ...]:
        return tuple(Item(line.key, namespace, None, line) for line in details(context.snapshot, namespace))

    return View("owner", "Owner", _COLUMNS, rows, lambda _row, _context: Subject(), alive=_alive)


def _alive(_row: Item, _snapshot: Snapshot) -> bool:
    """Lines come and go without a sign of it."""
    return True


def _name(item: Item, _context: Context) -> Cell:
    line: Detail = item.fact
    return Cell(line.name if line.heading else f"  {line.name}", "section" if line.heading else "dim")


def _value(item: Item, _context: Context) -> Cell:
    line: Detail = item.fact
    if line.value is None:
        return Cell("unknown" if line.heading else _NOT_TOLD, "dim")
    return Cell(line.value, "warn" if line.name == "claimed" else "name" if line.heading else "")


_COLUMNS = (
    Column("name", "WHAT", _name, least=12, most=16, rank=0),
    Column("value", "VALUE", _value, least=20, most=300, rank=2),
)
