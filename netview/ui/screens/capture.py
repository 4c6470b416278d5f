"""Packets as they are captured."""

from collections.abc import Callable
from contextlib import suppress
from time import localtime, strftime
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.message import Message

from netview.decode.packet import summary
from netview.derive.capture.journeys import PacketJourneys
from netview.derive.filter import Subject
from netview.derive.trace.agreement import Agreement
from netview.live.capturing import Budget, Capturer, CaptureState, Capturing, Scene, Waiting, sightings, translations
from netview.model import Snapshot
from netview.model.packet import Frame
from netview.text import duration, iec, safe
from netview.ui.columns import Cell, Column, Context, View
from netview.ui.listing import Listing
from netview.ui.screens.filtered import FilteredScreen
from netview.ui.screens.packet import PacketScreen
from netview.ui.state import State
from netview.ui.widgets.live_table import LiveTable

BUDGET = Budget()
_LEAVE_S = 0.3


class _Row(NamedTuple):
    """A packet at a point."""

    key: int
    frame: Frame
    journey: int | None
    after_ns: int
    """Since its first point."""
    packet: str
    changed: str
    agrees: Agreement | None = None
    """Of the last sighting, once the packet has ended its way: whether its path says so."""
    namespace: None = None
    link: None = None


class CaptureTold(Message):
    """There is more of the capture; only the newest matters."""

    def __init__(self, rows: tuple[_Row, ...], state: CaptureState) -> None:
        super().__init__()
        self.rows = rows
        self.state = state

    def can_replace(self, message: Message) -> bool:
        """Take the place of an older one that still waits."""
        return isinstance(message, CaptureTold)


class CaptureScreen(FilteredScreen):
    """The packets of some points, the newest first; one packet bears the same number at each of them.

    ┌ capture at nginx-1/eth0, host/veth9c02e56 ──── 4 of 1000 packets, 28 s left ┐
    │ 16:48:43.250124  #1  +0 µs  out of nginx-1/eth0    icmp 10.1.0.2 → …         │
    └──────────────────────────────────────────────────────────────────────────────┘
     Enter layers and bytes  v stop                                          Esc back
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "layers and bytes", id="open"),
        Binding("v", "stop", "stop", id="capture"),
        Binding("slash", "filter", "filter", id="filter"),
        Binding("escape,backspace", "back", "stop and back", id="back"),
    ]

    hint = "text  !text, of what is listed"

    def __init__(self, state: State, begin: Callable[[], Capturer], scene: Scene) -> None:
        super().__init__(state)
        self._scene = scene
        self._names = scene.names
        self._journeys = PacketJourneys()
        self._waiting = Waiting()
        self._last: dict[int, int] = {}
        """The rows that packets were seen last in, by journey."""
        self._taken: list[_Row] = []
        self._rows: tuple[_Row, ...] = ()
        self._captured = CaptureState(left_s=BUDGET.seconds)
        self._listing = Listing(View("capture", "Capture", self._columns(), lambda _: self._rows, self._subject, alive=_alive))
        self._capturing = Capturing(begin, BUDGET, self._take, self._begun, scene.depths)

    def on_mount(self) -> None:
        """Begin."""
        table = self.query_one(LiveTable)
        table.define(self._listing.view.columns)
        table.focus()
        self._capturing.start(self._deliver)
        self.app.app_suspend_signal.subscribe(self, lambda _: self._capturing.stop(_LEAVE_S))
        self.refresh_data()

    def on_unmount(self) -> None:
        """Let go of every namespace."""
        self.app.app_suspend_signal.unsubscribe(self)  # What is called holds the screen for good otherwise.
        self._capturing.stop(_LEAVE_S)

    def on_capture_told(self, message: CaptureTold) -> None:
        """There is more."""
        message.stop()
        self._rows, self._captured = message.rows, message.state
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show what was captured so far."""
        snapshot, table = self._state.snapshot, self.query_one(LiveTable)
        if snapshot is None:
            return
        context, current, captured = Context(snapshot, self._state.history), table.current, self._captured
        entries = self._listing.update(context)
        message = Cell(f"✗ {captured.over}", "warn") if captured.failed else Cell("no packet yet", "dim")
        table.show(entries, context, None if current is None else current.row.key, message=message)
        table.set_titles(f"capture at {safe(', '.join(self._names))}", self._told())

    def action_open(self) -> None:
        """The layers and bytes of one packet."""
        current = self.query_one(LiveTable).current
        if current is not None and self.app.screen is self:
            row: _Row = current.row
            where = f"{_way(row.frame)} {self._names[row.frame.point]}"
            title = f"packet {row.key + 1}, {row.frame.length} bytes {where}"
            self.app.push_screen(PacketScreen(self._state, title, row.frame, self._scene.ports))

    def on_live_table_opened(self) -> None:
        """The same by mouse."""
        self.action_open()

    def action_stop(self) -> None:
        """Capture no more; what was captured stays."""
        self._capturing.stop(_LEAVE_S)

    def _begun(self, capture: Capturer) -> None:
        """In the capture's thread."""
        self._journeys = PacketJourneys(translated=translations(capture))

    def _take(self, frames: list[Frame]) -> None:
        """In the capture's thread: what is shown of each frame."""
        for frame, seen in sightings(frames, self._scene.ports):
            number = len(self._taken)
            if seen is None:
                self._taken.append(_Row(number, frame, None, 0, summary(frame.data, frame.network), ""))
                continue
            journey = self._journeys.add(seen)
            self._waiting.add(journey)
            self._last[journey.number] = number
            told = seen.headers
            words = (told.protocol, told.flow, told.what, f"{told.length} bytes")
            alike = f"one of {journey.alike + 1} alike" if journey.alike else ""
            changed = ", ".join(filter(None, (journey.changes()[-1], alike)))
            after = seen.at_ns - journey.begun_ns
            self._taken.append(_Row(number, frame, journey.number, after, " ".join(filter(None, words)), changed))

    def _deliver(self, state: CaptureState) -> None:
        for journey in self._waiting.ended(state):
            agrees = self._scene.agreement(journey, state.open)
            if agrees is not None:
                at = self._last[journey.number]
                self._taken[at] = self._taken[at]._replace(agrees=agrees)
        with suppress(RuntimeError):  # The loop may be gone already.
            self.post_message(CaptureTold(tuple(reversed(self._taken)), state))

    def _told(self) -> str:
        """What is left of the budget; what was lost, and what is not captured."""
        captured = self._captured
        told = [f"{captured.packets} of {BUDGET.packets} packets, {iec(captured.bytes)} of {iec(BUDGET.bytes)}"]
        told.append(f"{captured.left_s:.0f} s left" if captured.over is None else f"ended: {captured.over}")
        told += [f"{captured.lost} lost"] if captured.lost else []
        told += ["kept alive meanwhile"] if captured.open and captured.over is None else []
        told += [f"{safe(self._names[index])}: {why}" for index, why in captured.refused.items() if captured.over is None]
        return ", ".join(told)

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("time", "TIME", _time, least=15, rank=0),
            Column("journey", "SAME", lambda row, _: "" if row.journey is None else f"#{row.journey}", least=4, rank=3),
            Column("after", "AFTER", _after, least=7, rank=7),
            Column(
                "point",
                "POINT",
                lambda row, _: Cell(f"{_way(row.frame)} {self._names[row.frame.point]}", "name"),
                least=10,
                most=40,
                rank=2,
            ),
            Column("packet", "PACKET", lambda row, _: row.packet, least=20, most=120, rank=2),
            *self._path_column(),
            Column("changed", "CHANGED", lambda row, _: Cell(row.changed, "warn"), least=7, most=60, rank=6),
        )

    def _path_column(self) -> tuple[Column, ...]:
        return () if self._scene.path is None else (Column("path", "PATH", _agreement, least=6, most=80, rank=5),)

    def _subject(self, row: _Row, _context: Context) -> Subject:
        path = "" if row.agrees is None else row.agrees.message
        return Subject(words=(self._names[row.frame.point], row.packet, row.changed, f"#{row.journey}", path))


def _time(row: _Row, _context: Context) -> str:
    seconds, nanos = divmod(row.frame.at_ns, 1_000_000_000)
    return f"{strftime('%H:%M:%S', localtime(seconds))}.{nanos // 1000:06d}"


def _after(row: _Row, _context: Context) -> Cell:
    return Cell("" if row.journey is None else f"+{duration(row.after_ns / 1e9)}", "dim")


def _agreement(row: _Row, _context: Context) -> Cell:
    agrees = row.agrees
    if agrees is None:
        return Cell("")
    sign, style = ("≡", "dim") if agrees.agrees else ("⚠", "bad") if agrees.agrees is False else ("?", "dim")
    return Cell(f"{sign} {agrees.message}", style)


def _way(frame: Frame) -> str:
    return "out of" if frame.outgoing else "into"


def _alive(_row: _Row, _snapshot: Snapshot) -> bool:
    return True
