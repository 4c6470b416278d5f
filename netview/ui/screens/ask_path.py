"""Where a path is to lead."""

from ipaddress import ip_address
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from netview.derive.filter import Subject
from netview.derive.find import find
from netview.derive.path.ends import Protocol, Query
from netview.model import NamespaceId, Snapshot
from netview.text import safe
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.listing import Listing
from netview.ui.state import State
from netview.ui.subjects import item_subject
from netview.ui.views.words import NAMESPACE, main_address
from netview.ui.widgets.filter_input import FilterInput
from netview.ui.widgets.live_table import LiveTable

_HINT = "a name or an address, and then perhaps: tcp 80"
_PROTOCOLS = frozenset({"tcp", "udp", "icmp"})


class AskPathScreen(Screen[Query | None]):
    """Type where to, or choose it; Enter follows the packet.

    web-2 tcp 80_
    ┌ from web-1 to ──────────┐
    │ web-2    10.1.0.3/24    │
    └─────────────────────────┘
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close", id="close"),
        Binding("down", "move(1)", "down", show=False, id="palette-down"),
        Binding("up", "move(-1)", "up", show=False, id="palette-up"),
    ]

    def __init__(self, state: State, start: NamespaceId, before: Query | None) -> None:
        super().__init__()
        self._state = state
        self._start = start
        self._before = before
        self._listing = Listing(_ENDS)
        self._left = False

    def compose(self) -> ComposeResult:
        """The input and the list."""
        yield FilterInput("" if self._before is None else _written(self._before), _HINT)
        yield LiveTable(ascii_only=self._state.options.ascii)

    def on_mount(self) -> None:
        """Everything is listed until something is typed."""
        table = self.query_one(LiveTable)
        table.can_focus = False
        table.define(self._listing.view.columns)
        self.query_one(FilterInput).focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """List what fits the first word."""
        snapshot = self._state.snapshot
        if snapshot is None:
            return
        context, table = Context(snapshot, self._state.history), self.query_one(LiveTable)
        table.set_titles(f"from {safe(_name(snapshot, self._start))} to", "")
        current = table.current
        entries = self._listing.update(context)
        table.show(entries, context, None if current is None else current.row.key, message=Cell(self._listing.view.empty, "dim"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        self._listing.search(next(iter(event.value.split()), ""))
        event.input.remove_class("-invalid")
        self.refresh_data()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Follow it, or show that it cannot be understood."""
        query = self._query(event.value)
        if query is None:
            event.input.add_class("-invalid")
        else:
            self._leave(query)

    def on_live_table_opened(self) -> None:
        """The same by mouse."""
        query = self._query(self.query_one(FilterInput).value)
        if query is not None:
            self._leave(query)

    def action_leave(self) -> None:
        """Ask for nothing."""
        self._leave(None)

    def action_move(self, step: int) -> None:
        """Choose the one above or below."""
        self.query_one(LiveTable).action_move(step)

    def _query(self, text: str) -> Query | None:
        snapshot, current = self._state.snapshot, self.query_one(LiveTable).current
        if snapshot is None:
            return None
        first, *rest = text.split() or [""]
        chosen = None if current is None else _name(snapshot, current.row.namespace)
        to = first if _is_said(snapshot, first) or chosen is None else chosen
        protocol = cast("Protocol", rest.pop(0)) if rest and rest[0] in _PROTOCOLS else None
        port = int(rest.pop(0)) if rest and rest[0].isdecimal() and 0 < int(rest[0]) < 65536 else None
        wrong = bool(rest) or not to or (protocol == "icmp" and port is not None)
        return None if wrong else Query(_name(snapshot, self._start), to, protocol, port)

    def _leave(self, query: Query | None) -> None:
        """Close with an answer, once."""
        if self.app.screen is self and not self._left:
            self._left = True
            self.dismiss(query)


def _is_said(snapshot: Snapshot, word: str) -> bool:
    """Whether a word alone says where to."""
    try:
        return bool(ip_address(word.partition("%")[0]))
    except ValueError:
        return len({match.namespace for match in find(snapshot, word)}) == 1


def _name(snapshot: Snapshot, namespace: NamespaceId) -> str:
    """What a namespace can be found by: its label, or its identity where others are called the same."""
    known = snapshot.namespaces.get(namespace)
    if known is None:
        return namespace
    named = {match.namespace for match in find(snapshot, known.label) if match.link is None}
    return known.label if named == {namespace} else namespace


def _written(query: Query) -> str:
    words = (query.destination, query.protocol, query.port)
    return " ".join(str(word) for word in words if word is not None)


def _rows(context: Context) -> tuple[Item, ...]:
    return tuple(Item(key, key, None, namespace) for key, namespace in context.snapshot.namespaces.items())


def _addresses(item: Item, _context: Context) -> str:
    return main_address([address for address in item.fact.tables.addresses if address.scope == "global"])


def _subject(item: Item, context: Context) -> Subject:
    return item_subject(item, context, ips=[one.address for one in item.fact.tables.addresses])


_ENDS = View(
    "ends",
    "To",
    (NAMESPACE, Column("address", "ADDRESS", _addresses, least=12, most=44)),
    _rows,
    _subject,
    empty="nothing here is called that: an address goes anywhere",
)
