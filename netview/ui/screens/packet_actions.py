"""What is asked about packets: the way they go, what they meet, what they are; the screen that lists rows is built on this."""

from functools import partial
from typing import TYPE_CHECKING

from netview.model import LinkKey, NamespaceId, Snapshot
from netview.ui.places import HOST_VIEWS
from netview.ui.screens.row_actions import RowActions
from netview.ui.traces import Traces
from netview.ui.views.path import PATH
from netview.ui.views.trace import TRACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from netview.derive.path.ends import Query
    from netview.model.path import Path

_RUNNING = frozenset({"LIVE", "DEMO"})


class PacketActions(RowActions):
    """Path, trace and capture from the row under the cursor."""

    def __init__(self, traces: Traces) -> None:
        super().__init__()
        self._traces = traces
        self._traced: Query | None = None
        """The path that is to be traced once it is known."""

    def action_path(self) -> None:
        """Ask for the way of a packet from the namespace of this row."""
        self._ask_path(self._follow)

    def _ask_path(self, answered: "Callable[[Query | None], None]") -> None:
        subject, snapshot = self._subject(), self._state.snapshot
        if snapshot is None:
            return
        start = subject.namespace if isinstance(subject, LinkKey) else subject or snapshot.home
        from netview.ui.screens.ask_path import AskPathScreen  # Later than the first frame.

        self.app.push_screen(AskPathScreen(self._state, start, self._state.query), answered)

    def action_trace(self) -> None:
        """Follow real packets of the path that is shown, or of one that is asked for first; stop the trace that runs."""
        state = self._state
        if state.trace is not None and state.trace.running:
            self._traces.stop()
        elif state.options.mode not in _RUNNING:
            self.notify("a recording holds no packets to trace", markup=False)
        elif self.places.place.view is PATH and state.query is not None:
            self._traced = state.query
            self.refresh_data()
        else:
            self._ask_path(self._trace)

    def action_capture(self) -> None:
        """Capture at the links of the path that is shown, else of the marked rows, else of this row."""
        snapshot, state = self._state.snapshot, self._state
        if snapshot is None:
            return
        if state.options.mode not in _RUNNING:
            self.notify("a recording holds no packets to capture", markup=False)
            return
        points = self._points(snapshot)
        if not points:
            self.notify("there is no link to capture at", markup=False)
            return
        from netview.derive.capture.filter import program
        from netview.live.capturing import begin, scene
        from netview.ui.screens.ask_capture import AskCaptureScreen
        from netview.ui.screens.capture import CaptureScreen

        where = scene(snapshot, points, self._path_shown())

        def answered(text: str | None) -> None:
            if text is not None:
                self.app.push_screen(CaptureScreen(state, partial(begin, snapshot, points, program(text)), where))

        self.app.push_screen(AskCaptureScreen(state, where.names), answered)

    def action_drops(self) -> None:
        """Look at what is dropped from now on, in every namespace."""
        snapshot, state = self._state.snapshot, self._state
        if snapshot is None:
            return
        if state.options.mode not in _RUNNING:
            self.notify("a recording holds no drops to look at", markup=False)
            return
        from netview.ui.screens.drops import DropsScreen  # Later than the first frame.

        self.app.push_screen(DropsScreen(state, snapshot))

    def _follow(self, query: "Query | None") -> None:
        """Show the path that was asked for."""
        if query is not None:
            self._state.query = query
            self.places.to_view(HOST_VIEWS.index(PATH))
        self.refresh_data()

    def _trace(self, query: "Query | None") -> None:
        """Trace the path that was asked for, once it is known."""
        self._traced = query
        self._follow(query)

    def _confirm_trace(self) -> None:
        """Ask before anything is added, as soon as there is a path to trace."""
        update = self._state.update
        found = None if update is None else update.path
        if update is None or found is None or found.query != self._traced or self.app.screen is not self:
            return
        self._traced = None
        path, snapshot = found.path, update.snapshot
        if path is None:
            return  # Why there is none stands there.
        from netview.derive.trace.plan import plan  # Later than the first frame.
        from netview.ui.screens.confirm_trace import ConfirmTraceScreen

        wanted = plan(path)

        def answered(sure: bool | None) -> None:
            if sure:
                self._traces.begin(snapshot, path, wanted)
                self.places.to_view(HOST_VIEWS.index(TRACE))
            self.refresh_data()

        self.app.push_screen(ConfirmTraceScreen(self._state, snapshot, wanted), answered)

    def _points(self, snapshot: Snapshot) -> tuple[LinkKey, ...]:
        from netview.derive.capture.points import links_of, points_of

        path = self._path_shown()
        if path is not None:
            return points_of(snapshot, path)
        found: dict[LinkKey, None] = {}
        for entry in self._chosen():
            link: LinkKey | None = getattr(entry.row, "wire", entry.row.link)
            if link is None and entry.row.namespace is not None:
                found |= dict.fromkeys(links_of(snapshot, entry.row.namespace))
            elif link is not None and snapshot.link(link) is not None:
                ref = snapshot.peer(link)
                far = None if ref is None or ref.key is None or snapshot.link(ref.key) is None else ref.key
                found |= dict.fromkeys((link,) if far is None else (link, far))
        return tuple(found)

    def _path_shown(self) -> "Path | None":
        update = self._state.update
        shown = self.places.place.view is PATH and update is not None and update.path is not None
        return update.path.path if shown and update is not None and update.path is not None else None

    def _subject(self) -> LinkKey | NamespaceId | None:
        """What the row under the cursor is about."""
        raise NotImplementedError
