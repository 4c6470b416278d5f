"""`netview capture`: packets at many links at once; imported when that is asked for."""

import os
import sys
import time
from collections.abc import Callable, Sequence
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
from netview.derive.capture.points import PointError, point_name, points, points_of
from netview.derive.path.ends import EndError, Query
from netview.derive.path.questions import Answer, Question
from netview.derive.path.walk import asked as asked_path
from netview.export import pcapng
from netview.export.capture import encode, encode_frame, frame_line, lines
from netview.front import FrontError, Settings, sampling, say, stop_on_signals, tell, write
from netview.live.capturing import Budget, Capturer, CaptureState, Capturing, begin, sightings, vxlan_ports
from netview.live.followed import followed
from netview.model import LinkKey, Snapshot
from netview.model.packet import Frame
from netview.slowly import Meanwhile, is_gone, written

_SETTLED_NS = 300_000_000
"""A packet that was seen nowhere for so long has ended its way, or goes on where nobody captures."""
_SEEN, _NOTHING = 0, 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    points: tuple[str, ...]
    along: tuple[str, str] | None
    """The ends of a path whose links are captured at."""
    filter: str = ""
    budget: Budget = Budget()  # noqa: RUF009 - it is frozen
    file: str | None = None
    """Where pcapng goes; "-": stdout; None: packets are told as text."""
    output: str = "text"


def capture(settings: Settings, asked: Asked) -> int:
    """Capture; 0: something was, 3: nothing."""
    if settings.replay is not None:
        raise FrontError("a recording holds no packets: capture on a running host")
    try:
        instructions = program(asked.filter)
    except FilterError as error:
        raise FrontError(str(error)) from None
    with sampling(settings) as (sample, answer):
        now = build(sample())
        chosen = _points(now, asked, answer)
    names = [point_name(now, key) for key in chosen]
    stopped = stop_on_signals()
    ends = time.monotonic() + asked.budget.seconds

    def is_over() -> bool:
        # Whoever reads nothing keeps no namespace longer than was asked for.
        return stopped.is_set() or time.monotonic() > ends

    with ExitStack() as closed:
        taker: _Writer | _Teller
        if asked.file is None:
            taker = _Teller(names, vxlan_ports(now), asked.output, settings, is_over)
        else:
            taker = _Writer(_opening(asked.file, closed), names, asked.filter, vxlan_ports(now), is_over)
        return _run(taker, asked, partial(begin, now, chosen, instructions), stopped.is_set, names)


def _run(
    taker: "_Writer | _Teller", asked: Asked, begin: Callable[[], Capturer], stopped: Callable[[], bool], names: Sequence[str]
) -> int:
    refused: set[int] = set()

    def deliver(state: CaptureState) -> None:
        for index, why in state.refused.items():
            if index not in refused:
                refused.add(index)
                tell(f"{names[index]} is not captured: {why}")
        taker.tick(state)
        if stopped() or not taker.open:
            capturing.stop()

    capturing = Capturing(begin, asked.budget, taker.take, taker.begin)
    capturing.run(deliver)
    state = capturing.state
    if state.failed:
        raise FrontError(state.over or "nothing can be captured")
    say(f"netview: {state.over}; {state.packets} packets, {state.bytes} bytes, {state.lost} lost for want of room")
    if not taker.open:
        say("netview: not all of them were written: nobody read any more")
    return _SEEN if state.packets else _NOTHING


def _points(now: Snapshot, asked: Asked, answer: Callable[[Question], Answer]) -> tuple[LinkKey, ...]:
    try:
        chosen = points(now, asked.points)
        if asked.along is not None:
            path = followed(asked_path(now, Query(*asked.along)), answer)
            chosen = tuple(dict.fromkeys((*chosen, *points_of(now, path))))
    except (PointError, EndError) as error:
        raise FrontError(str(error)) from None
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

    def __init__(
        self, opened: Callable[[], BinaryIO], names: Sequence[str], text: str, ports: frozenset[int], stopped: Callable[[], bool]
    ) -> None:
        self._opened = opened
        self._names = names
        self._filter = text
        self._ports = ports
        self._stopped = stopped
        self._journeys = PacketJourneys() if len(names) > 1 else None
        self.open = True

    def begin(self, capture: Capturer) -> None:
        """Open the file, and write what it begins with."""
        self._file = self._opened()
        self._meanwhile = Meanwhile(capture.let_go, self._stopped)
        kinds = capture.hardware
        interfaces = [pcapng.Interface(name, kinds.get(index, 1), self._filter) for index, name in enumerate(self._names)]
        self._write(pcapng.header(f"netview {__version__}", interfaces))

    def take(self, frames: list[Frame]) -> None:
        """Write packets."""
        if self._journeys is None:
            self._write(b"".join(map(pcapng.packet, frames)))
            return
        add = self._journeys.add
        numbered = (
            (frame, "" if seen is None else f"journey {add(seen).number}") for frame, seen in sightings(frames, self._ports)
        )
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


class _Teller:
    """Tells each packet once its way is over."""

    def __init__(
        self, names: Sequence[str], ports: frozenset[int], output: str, settings: Settings, stopped: Callable[[], bool]
    ) -> None:
        self._names = names
        self._ports = ports
        self._json = output == "ndjson"
        self._stopped = stopped
        self._meanwhile: Meanwhile | None = None
        self._ascii = settings.ascii
        self._journeys = PacketJourneys()
        self._waiting: dict[int, PacketJourney] = {}
        self.open = True

    def begin(self, capture: Capturer) -> None:
        """Nothing is told before there is a packet."""
        self._meanwhile = Meanwhile(capture.let_go, self._stopped)

    def take(self, frames: list[Frame]) -> None:
        """Put packets together; what is no packet of IP is told at once."""
        for frame, seen in sightings(frames, self._ports):
            if seen is not None:
                journey = self._journeys.add(seen)
                self._waiting[journey.number] = journey
                continue
            told = summary(frame.data, frame.network)
            self._write((encode_frame if self._json else frame_line)(frame, told, self._names))

    def tick(self, state: CaptureState) -> None:
        """Tell whose way is over; a capture without packets, too, is over once its reader has gone."""
        self.open = self.open and not is_gone(sys.stdout)
        before = time.time_ns() - _SETTLED_NS
        for number, journey in list(self._waiting.items()):
            if state.over is not None or journey.seen[-1].at_ns < before:
                del self._waiting[number]
                told = encode(journey, self._names) if self._json else "\n".join((*lines(journey, self._names), ""))
                self._write(told)

    def _write(self, text: str) -> None:
        self.open = self.open and write(f"{text}\n", ascii_only=self._json or self._ascii, meanwhile=self._meanwhile)
