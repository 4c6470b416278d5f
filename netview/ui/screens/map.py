"""View 0: the map of the host, of one bridge, and from there both ends of a wire."""

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from netview.derive.wiring import Group, Wire, WireId, WireKind
from netview.live import Want
from netview.model import LinkKey, NamespaceId
from netview.ui.columns import Context
from netview.ui.map import words
from netview.ui.map.bridge import BridgeDrawing
from netview.ui.map.drawing import Drawing
from netview.ui.map.glyphs import LEGENDS
from netview.ui.map.host import HostDrawing
from netview.ui.map.slots import Slots
from netview.ui.screens.owner import OwnerScreen
from netview.ui.screens.pair import PairScreen
from netview.ui.state import State
from netview.ui.widgets.bar import Bar
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.header import Header
from netview.ui.widgets.map_pane import MapPane
from netview.ui.widgets.pieces import Piece
from netview.ui.widgets.tabs import Tabs

_MOST_WANTED = 200


class MapScreen(Screen[None]):
    """One glyph for a port; a box for a container; both ends of a wire.

    netview  lab-vm · root · 7 namespaces            ● LIVE 1 s  bit/s
    [0 Map] 1 Wiring  2 Interfaces  3 Namespaces
      ▃ eth0 203.0.113.7/24 ↓ 1.2 M ↑ 80 k · uplink
    ╭ docker0 172.17.0.1/16 ────╮  ╭ br0 in ov1 ───────╮
    │ ▃·█                       │  │ ··                │
    ╰ 3 ports ↓ 8.1 M ↑ 21 k ───╯  ╰ 2 ports ──────────╯
     nginx-1 eth0 172.17.0.2/16 ⇄ veth9c02e56 · ↓ 8.1 Mbit/s
     Enter open                                   ? help  q quit
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="map-open"),
        Binding("escape,backspace", "out", "out", id="map-out"),
        Binding("i", "details", "details", id="map-details"),
        Binding("o", "owner", "owner", id="map-owner"),
    ]

    def __init__(
        self,
        state: State,
        want: Callable[[Want], None],
        choose: Callable[[Wire], None],
        begin: LinkKey | NamespaceId | None,
    ) -> None:
        super().__init__()
        self._state = state
        self._tell_wanted = want
        self._choose = choose
        self._begin = begin
        self._slots = Slots()
        self._block: WireId | None = None
        """The bridge that is open."""
        self._selected: WireId | None = None
        self._drawn: tuple[tuple[object, ...], Drawing] | None = None
        """What it was drawn from, and the drawing: to select another item draws nothing anew."""

    def compose(self) -> ComposeResult:
        """The header, the tabs, the drawing, what is selected, the keys."""
        ascii_only = self._state.options.ascii
        yield Header(ascii_only=ascii_only)
        yield Tabs(ascii_only=ascii_only)
        yield MapPane(ascii_only=ascii_only)
        yield Bar(ascii_only=ascii_only, id="told")
        yield Footer(ascii_only=ascii_only)

    def on_mount(self) -> None:
        """It is drawn once there is room for it."""
        self.query_one(MapPane).focus()

    def on_resize(self) -> None:
        """Draw what is known, as wide as there is room."""
        self.call_after_refresh(self.refresh_data)

    def refresh_data(self) -> None:
        """Draw the newest facts."""
        self.query_one(Header).tell(self._state)
        self.query_one(Tabs).tell_map()
        pane, context = self.query_one(MapPane), self._seen()
        if context is None:
            pane.show(None, None, "reading the namespaces…")
            return
        groups = context.forest(context.snapshot)
        self._start(groups)
        group = next((group for group in groups if group.head.key == self._block), None)
        if group is None:
            self._block = None
        asked = (context.snapshot, context.units, context.metric, context.zero, self._block, pane.size.width)
        if self._drawn is None or asked != self._drawn[0]:
            self._drawn = asked, self._drawing(context, groups, group, pane.size.width)
        pane.show(self._drawn[1], self._selected, "nothing is wired here" if group is None else "no port")
        self._tell(context)

    def on_map_pane_moved(self) -> None:
        """Another item is selected or visible."""
        pane = self.query_one(MapPane)
        here = pane.current
        if here is not None and here.wire.key != self._selected:
            self._selected = here.wire.key
            self._choose(here.wire)
        self.refresh_data()

    def on_map_pane_opened(self) -> None:
        """A click on the selected item."""
        self.action_open()

    def on_tabs_picked(self, event: Tabs.Picked) -> None:
        """A click on a tab."""
        if event.index >= 0:
            self.app.post_message(event)

    def action_open(self) -> None:
        """Go down: into the bridge, then to both ends of the wire."""
        here = self.query_one(MapPane).current
        if here is None:
            return
        self._selected = here.wire.key
        if self._block is None and here.wire.kind not in {WireKind.UPLINK, WireKind.ALONE, WireKind.LOCKED}:
            self._block = here.block
            self.refresh_data()
        else:
            self.action_details()

    def action_out(self) -> None:
        """Up one level; from the host back to the lists."""
        if self._block is None:
            self.app.pop_screen()
            show = getattr(self.app.screen, "refresh_data", None)
            if show is not None:
                show()
        else:
            self._block = None
            self.refresh_data()

    def action_details(self) -> None:
        """Both ends of the wire."""
        here = self.query_one(MapPane).current
        if here is None:
            return
        self.app.push_screen(PairScreen(self._state, here.wire.wire or here.wire.namespace, self._crumbs(here.wire)))

    def action_owner(self) -> None:
        """Whose the namespace at the other end is."""
        here = self.query_one(MapPane).current
        if here is None or here.wire.namespace is None:
            self.notify("this belongs to no namespace", markup=False)
            return
        self.app.push_screen(OwnerScreen(self._state, self._tell_wanted, here.wire.namespace, self._crumbs(here.wire)))

    def _seen(self) -> Context | None:
        update = self._state.update
        return None if update is None else self._state.context(update, namespace=None, bridge=None, rows=1, whole=True)

    def _drawing(self, context: Context, groups: tuple[Group, ...], group: Group | None, width: int) -> Drawing:
        if group is None:
            return HostDrawing(context, groups, self._slots, width)
        return BridgeDrawing(context, group.head, self._slots.placed(group.head.key, group.members), width)

    def _start(self, groups: tuple[Group, ...]) -> None:
        """At first what was selected in the lists is selected here."""
        begin, self._begin = self._begin, None
        if begin is not None:
            wires = (wire for group in groups for wire in (group.head, *group.members))
            found = next((wire for wire in wires if begin in wire.ends or begin == wire.namespace), None)
            # A bridge is where its ports are: its block has no other place.
            ports = next((group.members for group in groups if found is not None and group.head.key == found.key), ())
            found = ports[0] if ports else found
            self._selected = None if found is None else found.key

    def _tell(self, context: Context) -> None:
        pane = self.query_one(MapPane)
        here = pane.current
        told = "" if here is None else words.fitted(context, here.wire, self.size.width - 2)
        room = self.size.width - cell_len(told) - 3
        fitting = (legend for legend in LEGENDS if cell_len(legend) <= room)
        legend = None if self._block is not None else next(fitting, None)
        self.query_one("#told", Bar).show(((Piece(f" {told}"),), () if legend is None else (Piece(f"{legend} ", "label"),)))
        links = (end for item in pane.shown() for end in item.wire.ends[:1])
        elsewhere = [link for link in links if link.namespace != context.snapshot.home]
        self._tell_wanted(Want(frozenset(elsewhere[:_MOST_WANTED]), None, ""))

    def _crumbs(self, wire: Wire) -> tuple[str, ...]:
        snapshot = self._state.snapshot
        return ("map",) if snapshot is None else ("map", words.name(snapshot, wire))
