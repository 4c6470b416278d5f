"""What is dropped while one looks."""

from contextlib import suppress
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from netview.live.dropping import Dropping, DropState
from netview.model import Snapshot
from netview.ui.columns import Cell, Context
from netview.ui.listing import Listing
from netview.ui.screens.sorted import SortedScreen
from netview.ui.state import State
from netview.ui.views.drops import drops_view
from netview.ui.widgets.live_table import LiveTable

BUDGET_S = 300.0
_LEAVE_S = 0.5


class DropsTold(Message):
    """More was dropped; only the newest matters."""

    def __init__(self, found: DropState) -> None:
        super().__init__()
        self.found = found

    def can_replace(self, message: Message) -> bool:
        """Take the place of an older one that still waits."""
        return isinstance(message, DropsTold)


class DropsScreen(SortedScreen):
    """Counters that moved since it was opened, and the kernel's reasons, the most packets first.

    ┌ drops ──────────────────────────────── looked for 12 s, 288 s left ┐
    │      3  nginx-1  eth0  rx_dropped                        interface  │
    │      3  machine        NETFILTER_DROP in nf_hook_slow (ip)  kernel  │
    └──────────────────────────────────────────────────────────────────────┘
     Enter both ends  / filter  D stop                          Esc back
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "both ends", id="open"),
        Binding("slash", "filter", "filter", id="filter"),
        Binding("s", "sort", "sort", id="sort"),
        Binding("S", "turn", "reverse the sort", show=False, id="reverse"),
        Binding("D", "stop", "stop", id="drops"),
        Binding("escape,backspace", "back", "stop and back", id="back"),
    ]

    called = "drops"
    hint = "text  !text, of what is listed"

    def __init__(self, state: State, snapshot: Snapshot) -> None:
        super().__init__(state)
        self._begun = snapshot
        self._found = DropState(left_s=BUDGET_S)
        self._listing = Listing(drops_view(lambda: self._found))
        self._dropping = Dropping(snapshot, BUDGET_S)

    def on_mount(self) -> None:
        """Begin."""
        table = self.query_one(LiveTable)
        table.define(self._listing.view.columns)
        table.focus()
        self._dropping.start(self._deliver)
        self.app.app_suspend_signal.subscribe(self, lambda _: self._dropping.stop(_LEAVE_S))
        self.refresh_data()

    def on_unmount(self) -> None:
        """Remove what tells reasons."""
        self.app.app_suspend_signal.unsubscribe(self)  # What is called holds the screen for good otherwise.
        self._dropping.stop(_LEAVE_S)

    def on_drops_told(self, message: DropsTold) -> None:
        """There is more."""
        message.stop()
        self._found = message.found
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show what was dropped so far."""
        snapshot, table, found, listing = self._state.snapshot, self.query_one(LiveTable), self._found, self._listing
        if snapshot is None:
            return
        context, current = Context(snapshot, self._state.history), table.current
        entries = listing.update(context)
        nothing = Cell("no row matches the filter" if listing.query else "nothing was dropped yet", "dim")
        message = Cell(f"✗ {found.over}", "warn") if found.failed else nothing
        selected = None if current is None else current.row.key
        table.show(entries, context, selected, sort=(listing.sort, listing.reverse), message=message)
        table.set_titles("drops", self._told(snapshot))

    def action_stop(self) -> None:
        """Look no more; what was found stays."""
        self._dropping.stop(_LEAVE_S)

    def _deliver(self, found: DropState) -> None:
        with suppress(RuntimeError):  # The loop may be gone already.
            self.post_message(DropsTold(found))

    def _told(self, snapshot: Snapshot) -> str:
        """How long is looked for; what came meanwhile is not looked at."""
        found = self._found
        told = [f"looked for {BUDGET_S - found.left_s:.0f} s"]
        told.append(f"{found.left_s:.0f} s left" if found.over is None else f"ended: {found.over}")
        newer = len(snapshot.namespaces.keys() - self._begun.namespaces.keys())
        return ", ".join([*told, *([f"{newer} newer namespaces are not looked at"] if newer else [])])
