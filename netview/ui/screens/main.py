"""The screen: a list, and beside it the wire that is selected."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size

from netview.derive.wiring import Quiet
from netview.live import Want
from netview.model import LinkKey, NamespaceId
from netview.ui.columns import Context
from netview.ui.listing import Entry, Listing
from netview.ui.navigator import CRUMB, Navigator
from netview.ui.screens.packet_actions import PacketActions
from netview.ui.state import State
from netview.ui.traces import Traces
from netview.ui.views.path import PATH
from netview.ui.views.sockets import SOCKETS
from netview.ui.widgets.caption import CAPTIONS, Caption
from netview.ui.widgets.footer import Footer
from netview.ui.widgets.header import Header
from netview.ui.widgets.live_table import LiveTable
from netview.ui.widgets.pair_pane import PairPane
from netview.ui.widgets.tabs import MAP, Tabs
from netview.ui.wording import filter_chip, sought, why_empty

if TYPE_CHECKING:
    from textual.widgets import Input

    from netview.derive.find import Match

SIDE_BY_SIDE = 100
"""From so many columns the pane stands beside the list."""

ROOMY = 140


class MainScreen(PacketActions):
    """Every list of the app, one at a time.

    netview  lab-vm · root · 7 namespaces            ● LIVE 1 s  bit/s
    8.1 Mbit/s now · 94 % is nginx-1 ↓             filter: eth0 (3 of 14)
    [1 Wiring] 2 Interfaces  3 Namespaces  4 Routes  5 Bridges and FDB  6 Events
    ┌ host > docker0 ────────────────────┐┌ nginx-1 eth0 ⇄ veth9c02e56 ─┐
    │▾ docker0                           ││                             │
    └────────────────────────────────────┘└─────────────────────────────┘
     Enter open  x other end  / filter                     ? help  q quit
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="open"),
        Binding("x", "across", "other end", id="other-end"),
        Binding("slash", "filter", "filter", id="filter"),
        Binding("s", "sort", "sort", id="sort"),
        Binding("S", "turn", "reverse the sort", show=False, id="reverse"),
        Binding("i", "details", "details", id="details"),
        Binding("o", "owner", "owner", id="owner"),
        Binding("n", "path", "path from here", show=False, id="path"),
        Binding("J", "caption", "the demo's next journey", show=False, id="journey"),
        Binding("T", "talkers", "top talkers", show=False, id="talkers"),
        Binding("t", "trace", "trace real packets", show=False, id="trace"),
        Binding("v", "capture", "capture packets", show=False, id="capture"),
        Binding("D", "drops", "what is dropped", show=False, id="drops"),
        Binding("space", "mark_row", "mark the row", show=False, id="mark-row"),
        Binding("c", "copy", "copy a value", show=False, id="copy"),
        Binding("C", "prove", "copy the command that proves it", show=False, id="prove"),
        Binding("z", "zero", "totals from now", show=False, id="zero"),
        Binding("M", "set_mark", "set a mark", show=False, id="set-mark"),
        Binding("d", "changes", "changed since the mark", show=False, id="changes"),
        Binding("ctrl+s", "export", "save this view", show=False, id="export"),
        Binding("a", "quiet", "hide quiet", id="quiet"),
        Binding("b", "group", "group by engine, pod, bridge", show=False, id="group"),
        Binding("w", "wide", "wide rows", show=False, id="wide"),
        Binding("f", "maximise", "maximise the pane", show=False, id="maximise"),
        Binding("escape,backspace", "back", "close, clear the filter, up", show=False, id="back"),
        Binding("l,right", "expand", "expand", show=False, id="expand"),
        Binding("h,left", "collapse", "collapse", show=False, id="collapse"),
        Binding("left_square_bracket", "tab(-1)", "previous tab", show=False, id="previous-tab"),
        Binding("right_square_bracket", "tab(1)", "next tab", show=False, id="next-tab"),
        Binding("tab", "pane", "next pane", show=False, id="next-pane"),
    ]

    def __init__(self, state: State, want: Callable[[Want], None], traces: Traces) -> None:
        super().__init__(traces)
        self._state = state
        self._tell_wanted = want
        self.places = Navigator()
        self._defined: Listing | None = None
        self._maximised = False
        self._journey: int | None = None
        """The demo's caption; None: there is none."""

    def compose(self) -> ComposeResult:
        """Five widgets and no more: the first frame is quick."""
        ascii_only = self._state.options.ascii
        yield Header(ascii_only=ascii_only)
        yield Tabs(ascii_only=ascii_only)
        yield LiveTable(ascii_only=ascii_only)
        yield PairPane()
        if self._state.options.mode == "DEMO":
            yield Caption(ascii_only=ascii_only)
        yield Footer(ascii_only=ascii_only)

    def on_mount(self) -> None:
        """Nothing is known yet; the frame stands already."""
        self.query_one(PairPane).set_class(self._state.options.ascii, "-ascii")
        self.query_one(LiveTable).focus()
        self._caption(0)
        self.refresh_data()

    def on_resize(self, event: events.Resize) -> None:
        """Another layout, with what that has room for."""
        self.fit(event.size)
        if self._state.update is not None:
            self.call_after_refresh(self.refresh_data)

    def fit(self, size: Size, *, update: bool = True) -> None:
        """Under 100 columns the pane is a screen of its own; `update`: what is styled already is styled anew."""
        self.set_class(size.width < SIDE_BY_SIDE or self._maximised, "-alone", update=update)
        self.set_class(size.width >= ROOMY, "-roomy", update=update)

    def refresh_data(self) -> None:
        """Show the newest facts, and the newest wishes."""
        self.set_class(self._state.stale_s is not None, "-stale")
        self.query_one(Tabs).tell(self.places.place)
        self._list()
        self.query_one(Header).tell(self._state, chip=filter_chip(self.places.listing, self._state.update))
        self._confirm_trace()

    def reveal(self, match: "Match") -> None:
        """Select what was looked for: its wire, else its link, else its namespace."""
        snapshot = self._state.snapshot
        if snapshot is None:
            return
        head = self.places.reveal(snapshot, match)
        if head is not None:
            self._state.collapsed.discard(head)
            self._state.unfolded.add(head)
        self.refresh_data()

    def on_live_table_moved(self, event: LiveTable.Moved) -> None:
        """Another row is selected or visible."""
        if event.by_user:
            self._touched()
            self._remember()
            self._title()
            self._pane()
        self._want()

    def on_live_table_opened(self) -> None:
        """A click on the selected row."""
        self.action_open()

    def on_live_table_sorted(self, event: LiveTable.Sorted) -> None:
        """A click on a title; by now another list may stand there."""
        self._touched()
        if any(column.id == event.column for column in self.places.listing.view.columns):
            self.places.listing.sort_by(event.column)
        self.refresh_data()

    def on_tabs_picked(self, event: Tabs.Picked) -> None:
        """A click on a tab."""
        if event.index == MAP:
            self.action_map()
            return
        self.places.place.tab = event.index
        self.refresh_data()

    def on_input_changed(self, event: "Input.Changed") -> None:
        """Filter as it is typed; what cannot be understood is red and changes nothing."""
        listing = self.places.listing
        changed = event.value != listing.query
        listing.search(event.value)
        event.input.set_class(listing.invalid is not None, "-invalid")
        self.refresh_data()
        match = listing.first_match() if changed else None
        if match is not None:
            listing.selected = match
            self.query_one(LiveTable).select(match)

    def on_input_submitted(self) -> None:
        """Keep the filter."""
        self._end_filter()

    def action_open(self) -> None:
        """Go down into what is selected."""
        entry, snapshot = self.query_one(LiveTable).current, self._state.snapshot
        if entry is None or snapshot is None or entry.mark == "gone":
            return
        target = self.places.listing.view.target(entry.row, entry.context)
        if target is None and self.places.listing.view.gone is not None:
            self.notify(self.places.listing.view.gone, markup=False)
        elif target is None:
            self.action_fold()
        elif target.link is not None:
            self._show_pair(target.link)
        else:
            self.places.open(snapshot, target)
            self.refresh_data()

    def action_fold(self) -> None:
        """Open or close a branch of the tree."""
        entry = self.query_one(LiveTable).current
        if entry is None or not self.places.listing.view.tree:
            return
        if entry.row.folded:
            self._state.unfolded.add(entry.row.key[1:])
        elif entry.row.expandable:
            self._state.collapsed ^= {entry.row.key}
        self.refresh_data()

    def action_expand(self) -> None:
        """Open a branch of the tree."""
        entry = self._branch()
        if entry is not None and (entry.row.folded or (entry.row.expandable and not entry.row.expanded)):
            self.action_fold()

    def action_collapse(self) -> None:
        """Close a branch, or go to the row above it."""
        entry, table = self._branch(), self.query_one(LiveTable)
        if entry is None:
            return
        if entry.row.expandable and entry.row.expanded:
            self.action_fold()
            return
        above = (other.row for other in reversed(table.entries[: table.cursor]) if other.row.depth < entry.row.depth)
        parent = next(above, None)
        if parent is not None:
            table.select(parent.key)

    def action_back(self) -> None:
        """Clear the filter, then go up; never quit."""
        listing = self.places.listing
        if self.query("FilterInput"):
            listing.search("")
            self._end_filter()
        elif listing.query:
            listing.search("")
        elif self._maximised:
            self.action_maximise()
        else:
            self.places.up()
        self.refresh_data()

    def action_across(self) -> None:
        """To the other end of this veth, and back."""
        entry, snapshot = self.query_one(LiveTable).current, self._state.snapshot
        link = None if entry is None else getattr(entry.row, "wire", entry.row.link)
        if snapshot is None or link is None:
            return
        if self.places.across(snapshot, link):
            self.refresh_data()
        else:
            self.notify("this row has no other end that can be seen", markup=False)

    def action_tab(self, step: int) -> None:
        """The tab beside."""
        self.places.place.next_tab(step)
        self.refresh_data()

    async def action_filter(self) -> None:
        """Type a filter; what is typed at once after the key belongs to it already."""
        from netview.ui.widgets.filter_input import FILTER_HINT, FilterInput  # Later than the first frame.

        if not self.query("FilterInput"):
            line = FilterInput(self.places.listing.query, FILTER_HINT)
            await self.mount(line)
            self.set_focus(line)

    def action_sort(self) -> None:
        """By the next column."""
        self.places.listing.next_sort()
        self.refresh_data()

    def action_turn(self) -> None:
        """The other way round."""
        self.places.listing.turn()
        self.refresh_data()

    def action_quiet(self) -> None:
        """Show everything, or only what has traffic."""
        if not self.places.listing.view.hides_quiet:
            self.notify("this list has no traffic to hide or show", markup=False)
            return
        folded = any(getattr(entry.row, "folded", False) for entry in self.query_one(LiveTable).entries)
        hidden = self._state.quiet is Quiet.HIDDEN
        self._state.quiet = Quiet.SHOWN if hidden or folded else Quiet.HIDDEN
        self.notify("everything is shown" if hidden or folded else "rows without traffic are hidden", markup=False)
        self.refresh_data()

    def action_group(self) -> None:
        """List namespaces by engine, by pod, by bridge, one after the other."""
        if not self.places.listing.view.groups:
            self.notify("namespaces are grouped, in view 3", markup=False)
            return
        by = self._state.next_grouping()
        self.notify("not grouped" if by == "none" else f"grouped by {by}", markup=False)
        self.refresh_data()

    def action_wide(self) -> None:
        """Every column, to be scrolled."""
        self._state.wide = not self._state.wide
        self._defined = None
        self.refresh_data()

    def action_details(self) -> None:
        """The wire on a screen of its own."""
        self._show_pair(self._subject())

    def action_map(self) -> None:
        """The whole host at a glance, with what is selected here selected there."""
        from netview.ui.screens.map import MapScreen  # Later than the first frame.

        self.app.push_screen(MapScreen(self._state, self._tell_wanted, self.places.choose, self._subject()))

    def action_talkers(self) -> None:
        """Every wire once, the busiest first."""
        from netview.ui.screens.talkers import TalkersScreen  # Later than the first frame.

        self.app.push_screen(TalkersScreen(self._state, self._tell_wanted))

    def action_caption(self) -> None:
        """The demo's next journey; none after the last, and then the first again."""
        if self._state.options.mode != "DEMO":
            self.notify("journeys to walk are what the demo has: netview --demo", markup=False)
            return
        self._caption(0 if self._journey is None else self._journey + 1)

    def action_owner(self) -> None:
        """Whose the namespace of this row is."""
        subject = self._subject()
        namespace = subject.namespace if isinstance(subject, LinkKey) else subject
        if namespace is None:
            self.notify("this row belongs to no namespace", markup=False)
            return
        from netview.ui.screens.owner import OwnerScreen  # Later than the first frame.

        self.app.push_screen(OwnerScreen(self._state, self._tell_wanted, namespace, self._crumbs()))

    def action_maximise(self) -> None:
        """The focused pane alone: the list, or the wire."""
        if self.query_one(PairPane).has_focus:
            self.action_details()
            return
        if self.size.width < SIDE_BY_SIDE:
            self.notify("the list has the whole screen already; i shows the wire", markup=False)
            return
        self._maximised = not self._maximised
        self.set_class(self._maximised or self.size.width < SIDE_BY_SIDE, "-alone")

    def action_pane(self) -> None:
        """The list or the wire."""
        table, pane = self.query_one(LiveTable), self.query_one(PairPane)
        (pane if table.has_focus and pane.display else table).focus()

    def _list(self) -> None:
        listing, table = self.places.listing, self.query_one(LiveTable)
        if self._defined is not listing:
            if self._defined is not None:
                self._defined.first_column = table.first_column
            self._defined = listing
            table.define(listing.view.columns, first=listing.first_column, wide=self._state.wide)
        context = self._seen(listing)
        if context is None:
            return
        entries = listing.update(context)
        table.show(
            entries,
            context,
            listing.selected,
            sort=(listing.sort, listing.reverse),
            marked=listing.marked,
            message=why_empty(self.places.place, context),
        )
        self._remember()
        self._title()
        self._pane()
        self._want()

    def _caption(self, number: int) -> None:
        """Show a caption, where this is the demo and there is one of that number."""
        found = self.query(Caption)
        self._journey = number if found and number < len(CAPTIONS) else None
        self.set_class(self._journey is not None, "-captioned")
        for caption in found:
            caption.display = self._journey is not None
            if self._journey is not None:
                caption.tell(self._journey)

    def _show_pair(self, key: LinkKey | NamespaceId | None) -> None:
        from netview.ui.screens.pair import PairScreen  # Later than the first frame.

        self.app.push_screen(PairScreen(self._state, key, self._crumbs(), self._note()))

    def _seen(self, listing: Listing) -> Context | None:
        update, place = self._state.update, self.places.place
        if update is None:
            return None
        rows = max(1, self.query_one(LiveTable).size.height - 1)
        return self._state.context(update, namespace=place.namespace, bridge=place.bridge, rows=rows, whole=listing.filtered)

    def _remember(self) -> None:
        current = self.query_one(LiveTable).current
        if current is not None:
            self.places.listing.selected = current.row.key

    def _touched(self) -> None:
        self._state.touch()
        self.places.listing.touch()

    def _subject(self) -> LinkKey | NamespaceId | None:
        entry = self.query_one(LiveTable).current
        if entry is None:
            return self.places.place.namespace
        link: LinkKey | None = getattr(entry.row, "wire", entry.row.link)
        namespace: NamespaceId | None = entry.row.namespace
        return link if link is not None else namespace

    def _pane(self) -> None:
        state = self._state
        self.query_one(PairPane).show(
            state.snapshot,
            self._subject(),
            state.history,
            units=state.units,
            metric=state.metric,
            ascii=state.options.ascii,
            note=self._note(),
        )

    def _note(self) -> tuple[tuple[str, str], ...]:
        entry, listing = self.query_one(LiveTable).current, self.places.listing
        if entry is not None:
            return listing.view.note(entry.row, entry.context)
        return () if listing.query or not listing.view.about else (("", listing.view.about),)

    def _crumbs(self) -> tuple[str, ...]:
        entry = self.query_one(LiveTable).current
        listed = () if entry is None else self.places.listing.view.crumbs(entry.row, entry.context)
        return (*self.places.crumbs(), *listed)

    def _title(self) -> None:
        table = self.query_one(LiveTable)
        table.set_titles(CRUMB.join(self._crumbs()), f"{table.cursor + 1} of {len(table.entries)}" if table.entries else "")

    def _want(self) -> None:
        links = self.query_one(LiveTable).visible_links()
        place = self.places.place
        path = self._state.query if place.view is PATH else None
        self._tell_wanted(
            Want(
                links,
                place.namespace,
                "place" if place.view is SOCKETS else "",
                path,
                sought(place, self.query_one(LiveTable).visible_namespaces()),
            )
        )

    def _branch(self) -> Entry | None:
        entry = self.query_one(LiveTable).current
        return entry if entry is not None and self.places.listing.view.tree else None

    def _end_filter(self) -> None:
        self.query("FilterInput").remove()
        self.query_one(LiveTable).focus()
