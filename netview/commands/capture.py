"""`netview capture`: packets at many links at once; imported when that is asked for."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from netview import __version__
from netview.archive import RecordingError, create
from netview.decode.packet import summary
from netview.derive.build import build
from netview.derive.capture.filter import FilterError, program
from netview.derive.capture.journeys import PacketJourney, PacketJourneys
from netview.derive.capture.points import PointError, points, points_of
from netview.derive.path.ends import EndError, Query
from netview.derive.path.questions import Answer, Question
from netview.derive.path.walk import asked as asked_path
from netview.export import pcapng
from netview.export.capture import encode, encode_frame, frame_line, lines
from netview.front import FrontError, Settings, sampling, say, stop_on_signals, tell, write
from netview.live.capturing import (
    Budget,
    Capturer,
    CaptureState,
    Capturing,
    Scene,
    Waiting,
    begin,
    scene,
    sightings,
    translations,
)
from netview.live.followed import followed
from netview.model import LinkKey, Snapshot
from netview.model.packet import Frame
from netview.model.path import Path as Way
from netview.slowly import Meanwhile, is_gone, written

_SEEN, _OTHERWISE, _NOTHING = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    points: tuple[str, ...]
    along: Query | None
    """The path whose links are captured at, and that packets are compared with."""
    filter: str = ""
    budget: Budget = Budget()  # noqa: RUF009 - it is frozen
    file: str | None = None
    """Where pcapng goes; "-": stdout; None: packets are told as text."""
    output: str = "text"


def capture(settings: Settings, asked: Asked) -> int:
    """Capture; 0: something was, 1: a packet did other than its path says, 3: nothing."""
    if settings.replay is not None:
        raise FrontError("a recording holds no packets: capture on a running host")
    try:
        instructions = program(asked.filter)
    except FilterError as error:
        raise FrontError(str(error)) from None
    with sampling(settings) as (sample, answer):
        now = build(sample())
        path = _path(now, asked, answer)
        chosen = _points(now, asked, path)
    where = scene(now, chosen, path)
    stopped = stop_on_signals()
    ends = time.monotonic() + asked.budget.seconds

    def is_over() -> bool:
        # Whoever reads nothing keeps no namespace longer than was asked for.
        return stopped.is_set() or time.monotonic() > ends

    with ExitStack() as closed:
        taker: _Writer | _Teller
        if asked.file is None:
            taker = _Teller(where, asked.output, settings, is_over)
        else:
            taker = _Writer(_opening(asked.file, closed), where, asked.filter, is_over)
        return _run(taker, asked, partial(begin, now, chosen, instructions), stopped.is_set, where)


def _run(
    taker: "_Writer | _Teller", asked: Asked, begin: Callable[[], Capturer], stopped: Callable[[], bool], where: Scene
) -> int:
    refused: set[int] = set()

    def deliver(state: CaptureState) -> None:
        for index, why in state.refused.items():
            if index not in refused:
                refused.add(index)
                tell(f"{where.names[index]} is not captured: {why}")
        taker.tick(state)
        if stopped() or not taker.open:
            capturing.stop()

    capturing = Capturing(begin, asked.budget, taker.take, taker.begin, where.depths)
    capturing.run(deliver)
    state = capturing.state
    if state.failed:
        raise FrontError(state.over or "nothing can be captured")
    say(f"netview: {state.over}; {state.packets} packets, {state.bytes} bytes, {state.lost} lost for want of room")
    if not taker.open:
        say("netview: not all of them were written: nobody read any more")
    if taker.disagreed:
        return _OTHERWISE
    return _SEEN if state.packets else _NOTHING


def _path(now: Snapshot, asked: Asked, answer: Callable[[Question], Answer]) -> Way | None:
    try:
        return None if asked.along is None else followed(asked_path(now, asked.along), answer)
    except EndError as error:
        raise FrontError(str(error)) from None


def _points(now: Snapshot, asked: Asked, path: Way | None) -> tuple[LinkKey, ...]:
    try:
        chosen = points(now, asked.points)
    except PointError as error:
        raise FrontError(str(error)) from None
    chosen = tuple(dict.fromkeys((*chosen, *(() if path is None else points_of(now, path)))))
    if not chosen:
        raise FrontError("there is no link to capture at")
    return chosen


def _opening(file: str, closed: ExitStack) -> Callable[[], BinaryIO]:
    """What opens the file once the capture has begun: one that cannot begin leaves none."""
    if file == "-" and (sys.stdout is None or sys.stdout.isatty()):
        raise FrontError("a terminal shows no pcapng: netview capture … -w - | wireshark -k -i -")

    def opened() -> BinaryIO:
        if file == "-":
            return closed.enter_context(os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0))
        try:
            return closed.enter_context(create(Path(file)))
        except RecordingError as error:
            raise FrontError(str(error)) from None

    return opened


class _Writer:
    """Writes pcapng; packets that several points saw bear the number of their journey as a comment."""

    def __init__(self, opened: Callable[[], BinaryIO], where: Scene, text: str, stopped: Callable[[], bool]) -> None:
        self._opened = opened
        self._scene = where
        self._filter = text
        self._stopped = stopped
        self._journeys: PacketJourneys | None = None
        self.open = True
        self.disagreed = False

    def begin(self, capture: Capturer) -> None:
        """Open the file, and write what it begins with."""
        self._journeys = PacketJourneys(translated=translations(capture)) if len(self._scene.names) > 1 else None
        self._file = self._opened()
        self._meanwhile = Meanwhile(capture.let_go, self._stopped)
        kinds = capture.hardware
        interfaces = [pcapng.Interface(name, kinds.get(index, 1), self._filter) for index, name in enumerate(self._scene.names)]
        self._write(pcapng.header(f"netview {__version__}", interfaces))

    def take(self, frames: list[Frame]) -> None:
        """Write packets."""
        if self._journeys is None:
            self._write(b"".join(map(pcapng.packet, frames)))
            return
        add = self._journeys.add
        numbered = ((frame, "" if seen is None else _numbered(add(seen))) for frame, seen in sightings(frames, self._scene.ports))
        self._write(b"".join(pcapng.packet(frame, comment) for frame, comment in numbered))

    def tick(self, state: CaptureState) -> None:
        """Write what the kernel counted, in the end; a capture without packets, too, is over once its reader has gone."""
        self.open = self.open and (state.failed or not is_gone(self._file))
        if state.over is not None and not state.failed:
            now = time.time_ns()
            told = (pcapng.statistics(index, now, count.received, count.lost) for index, count in state.counts.items())
            self._write(b"".join(told))

    def _write(self, data: bytes) -> None:
        try:
            self.open = self.open and written(self._file.fileno(), data, self._meanwhile)
        except BrokenPipeError:
            self.open = False
        except OSError as error:
            raise FrontError(f"cannot write: {error.strerror}") from None


def _numbered(journey: PacketJourney) -> str:
    return f"journey {journey.number}{f', one of {journey.alike + 1} alike' if journey.alike else ''}"


class _Teller:
    """Tells each packet once its way is over."""

    def __init__(self, where: Scene, output: str, settings: Settings, stopped: Callable[[], bool]) -> None:
        self._scene = where
        self._json = output == "ndjson"
        self._stopped = stopped
        self._meanwhile: Meanwhile | None = None
        self._ascii = settings.ascii
        self._journeys = PacketJourneys()
        self._waiting = Waiting()
        self.open = True
        self.disagreed = False
        """Whether a packet did other than its path says."""

    def begin(self, capture: Capturer) -> None:
        """Nothing is told before there is a packet."""
        self._journeys = PacketJourneys(translated=translations(capture))
        self._meanwhile = Meanwhile(capture.let_go, self._stopped)

    def take(self, frames: list[Frame]) -> None:
        """Put packets together; what is no packet of IP is told at once."""
        for frame, seen in sightings(frames, self._scene.ports):
            if seen is not None:
                self._waiting.add(self._journeys.add(seen))
                continue
            told = summary(frame.data, frame.network)
            self._write((encode_frame if self._json else frame_line)(frame, told, self._scene.names))

    def tick(self, state: CaptureState) -> None:
        """Tell whose way is over; a capture without packets, too, is over once its reader has gone."""
        self.open = self.open and not is_gone(sys.stdout)
        for journey in self._waiting.ended(state):
            agrees = self._scene.agreement(journey, state.open)
            self.disagreed = self.disagreed or (agrees is not None and agrees.agrees is False)
            text = (journey, self._scene.names, agrees)
            self._write(encode(*text) if self._json else "\n".join((*lines(*text), "")))

    def _write(self, text: str) -> None:
        self.open = self.open and write(f"{text}\n", ascii_only=self._json or self._ascii, meanwhile=self._meanwhile)
