"""Both ends of one wire, filling the screen."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.derive.pair import pair
from netview.model import LinkKey, NamespaceId
from netview.text import safe
from netview.ui.navigator import CRUMB
from netview.ui.state import State
from netview.ui.widgets.bar import Bar
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.pair_pane import PairPane
from netview.ui.widgets.pieces import Item, Piece
from netview.ui.widgets.plot import Plot


class PairScreen(Screen[None]):
    """A wire.

    host > docker0 > nginx-1 > eth0
    ┌ nginx-1 eth0 ⇄ veth9c02e56 ───────────┐
    │                                       │
    └───────────────────────────────────────┘
    ↓ 60 s  min 0 · mean 2.1 M · p95 8.0 M · peak 9.4 Mbit/s   ↓ 60 min  …
            ▂▅█▇▅▂
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,i", "app.close", "back", id="close"),
        Binding("left_square_bracket,right_square_bracket", "app.close", "back", show=False, id="close-tab"),
    ]

    def __init__(
        self, state: State, key: LinkKey | NamespaceId | None, crumbs: tuple[str, ...], note: tuple[Item, ...] = ()
    ) -> None:
        """`note`: what is told above the wire."""
        super().__init__()
        self._note = note
        self._state = state
        self._key = key
        self._crumbs = crumbs

    def compose(self) -> ComposeResult:
        """The breadcrumb, the pane, the keys."""
        ascii_only = self._state.options.ascii
        yield Bar(ascii_only=ascii_only, id="crumbs")
        yield PairPane()
        yield Plot(ascii_only=ascii_only, id="plot")
        yield Footer(ascii_only=ascii_only)

    def on_mount(self) -> None:
        """Show what is known."""
        self.query_one("#crumbs", Bar).show(((Piece(" " + safe(CRUMB.join(self._crumbs)), "crumb"),), ()))
        self.query_one(PairPane).focus()
        self.refresh_data()

    def on_resize(self, event: events.Resize) -> None:
        """Where it is low the plots give way to what is said in words."""
        self.query_one(Plot).styles.height = Plot.height_in(event.size)
        self.call_after_refresh(self.refresh_data)

    def refresh_data(self) -> None:
        """Show the newest facts."""
        state = self._state
        pane = self.query_one(PairPane)
        snapshot = state.snapshot
        facts = None if snapshot is None or self._key is None else pair(snapshot, self._key)
        self.query_one(Plot).tell(None if facts is None else facts.flow, state.history, units=state.units)
        pane.show(
            state.snapshot,
            self._key,
            state.history,
            units=state.units,
            metric=state.metric,
            ascii=state.options.ascii,
            note=self._note,
        )
