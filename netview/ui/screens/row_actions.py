"""What is done with rows: copied, marked, saved, compared; the screen that lists them is built on this."""

from collections.abc import Sequence
from time import localtime, strftime

from textual.screen import Screen

from netview.ui.listing import Entry
from netview.ui.navigator import Navigator
from netview.ui.state import State
from netview.ui.widgets.live_table import LiveTable


class RowActions(Screen[None]):
    """Actions on the rows of the list that is open."""

    places: Navigator
    _state: State

    def refresh_data(self) -> None:
        """Show the newest facts."""

    def action_mark_row(self) -> None:
        """Mark the row, or let it go, and go on to the next."""
        table, listing = self.query_one(LiveTable), self.places.listing
        if table.current is None:
            return
        listing.marked ^= {table.current.row.key}
        table.action_move(1)
        listing.selected = table.current.row.key
        self.refresh_data()

    def action_copy(self) -> None:
        """A list of what this row says, or the marked ones."""
        entries = self._chosen()
        if not entries:
            return
        from netview.ui.copying import values_of  # noqa: PLC0415  # later than the first frame
        from netview.ui.screens.values import ValuesScreen  # noqa: PLC0415

        self.app.push_screen(ValuesScreen(self._state, values_of(self.places.listing.view, entries)))

    def action_prove(self) -> None:
        """Copy the command that shows the same, one for each marked row."""
        entries = self._chosen()
        if not entries:
            return
        from netview.ui.copying import command  # noqa: PLC0415  # later than the first frame
        from netview.ui.screens.values import send  # noqa: PLC0415

        found = [line for line in map(command, entries) if line is not None]
        if found:
            send(self, "\n".join(dict.fromkeys(found)))
        else:
            self.notify("no command leads to this row", markup=False)

    def action_zero(self) -> None:
        """Totals count from now, or as the kernel counts them again."""
        state = self._state
        if state.snapshot is None:
            return
        state.zero = None if state.zero is not None else state.snapshot
        told = "totals are whole again" if state.zero is None else f"totals count from {_clock(state.zero.taken_at)}"
        self.notify(told, markup=False)
        self.refresh_data()

    def action_set_mark(self) -> None:
        """What changes from now on is shown by another key."""
        snapshot = self._state.snapshot
        if snapshot is not None:
            self._state.mark = snapshot
            self.notify(f"marked at {_clock(snapshot.taken_at)}; d shows what changed since", markup=False)

    def action_changes(self) -> None:
        """What changed since the mark."""
        if self._state.mark is None:
            self.notify("there is no mark yet; M sets one", markup=False)
            return
        from netview.ui.screens.changes import ChangesScreen  # noqa: PLC0415  # later than the first frame

        self.app.push_screen(ChangesScreen(self._state, self._state.mark))

    def action_export(self) -> None:
        """Save this view in a form that one chooses."""
        if self._state.options.save is None:
            self.notify("nothing is saved here", markup=False)
            return
        from netview.ui.screens.export import ExportScreen  # noqa: PLC0415  # later than the first frame

        self.app.push_screen(ExportScreen(self._state, self._save))

    def _save(self, form: str) -> None:
        save, table, view = self._state.options.save, self.query_one(LiveTable), self.places.listing.view
        if save is None or not table.entries:
            self.notify("there is nothing to save", markup=False)
            return
        from netview.ui.exporting import as_text  # noqa: PLC0415  # later than the first frame

        context = table.entries[0].context
        text = self.app.export_screenshot() if form == "svg" else as_text(view, table.entries, context, form)
        told, saved = save(f"netview-{view.id}-{strftime('%Y%m%d-%H%M%S', localtime(context.snapshot.taken_at))}", form, text)
        self.notify(told, severity="information" if saved else "error", markup=False)

    def _chosen(self) -> Sequence[Entry]:
        """The marked rows that are listed, else the selected one."""
        table, marked = self.query_one(LiveTable), self.places.listing.marked
        found = [entry for entry in table.entries if entry.row.key in marked]
        return found or ([] if table.current is None else [table.current])


def _clock(at: float) -> str:
    return strftime("%H:%M:%S", localtime(at))
