"""Who traces for the app, fetched when it is first wanted: the first frame waits for none of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from netview.derive.trace.plan import Plan
    from netview.model import Snapshot
    from netview.model.path import Path
    from netview.ui.trace_desk import TraceDesk


class Traces:
    """One trace at a time."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        """`post` takes messages from any thread."""
        self._post = post
        self._desk: TraceDesk | None = None

    def begin(self, snapshot: "Snapshot", path: "Path", wanted: "Plan") -> None:
        """Follow real packets; what was followed before ends."""
        from netview.ui.trace_desk import TraceDesk  # noqa: PLC0415  # later than the first frame

        if self._desk is None:
            self._desk = TraceDesk(self._post)
        self._desk.begin(snapshot, path, wanted)

    def stop(self) -> None:
        """End the trace that runs."""
        if self._desk is not None:
            self._desk.stop()
