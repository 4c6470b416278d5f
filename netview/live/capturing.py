"""A capture under way, within a budget of packets, bytes and seconds."""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from netview.decode.headers import packet_headers, tunnelled
from netview.derive.capture.agreement import agreement
from netview.derive.capture.journeys import PacketJourney, Seen
from netview.derive.capture.points import depth, point_name
from netview.derive.trace.agreement import Agreement
from netview.kernel.capture import Capture, Counted, Point
from netview.live.running import Running
from netview.model import Flow, LinkKey, Snapshot
from netview.model.connection import Ends
from netview.model.packet import Frame
from netview.model.path import Path

__all__ = [
    "Budget",
    "CaptureState",
    "Capturer",
    "Capturing",
    "Counted",
    "Scene",
    "Waiting",
    "begin",
    "in_order",
    "scene",
    "sightings",
    "translations",
]

_HELD_NS = 100_000_000
"""Five times as long as the kernel keeps a block of frames back."""
_LAST_S = 0.04
"""What was captured in the end is read for so long: twice as long as the kernel keeps it back."""
_SETTLED_NS = 300_000_000
_TELL_S = 0.1
_VXLAN_PORT = 4789


class Capturer(Protocol):
    """What captures in the kernel."""

    @property
    def open(self) -> frozenset[int]:
        """The points that are captured at now."""

    @property
    def refused(self) -> Mapping[int, str]:
        """Why nothing is captured at a point, or not any more."""

    @property
    def hardware(self) -> Mapping[int, int]:
        """By point, what its frames begin with (ARPHRD_*)."""

    def read(self, seconds: float) -> Iterator[Frame]:
        """What was captured, as soon as there is anything; nothing after so many seconds."""

    def let_go(self) -> None:
        """Let go of what has ended, where nothing is read for a while."""

    def counts(self) -> Mapping[int, Counted]:
        """What the kernel received and lost, by point."""

    def translated(self, point: int, flow: Flow) -> frozenset[Ends]:
        """What the namespace of a point makes of a flow."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class Budget:
    """When a capture ends by itself."""

    packets: int = 1_000
    """Each counts once at each point."""
    bytes: int = 64 << 20
    seconds: float = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class CaptureState:
    """How far a capture is."""

    packets: int = 0
    bytes: int = 0
    left_s: float = 0.0
    open: frozenset[int] = frozenset()
    refused: Mapping[int, str] = field(default_factory=dict)
    counts: Mapping[int, Counted] = field(default_factory=dict)
    over: str | None = None
    """Why it has ended; None: it goes on."""
    failed: bool = False
    """Whether it could not even begin."""

    @property
    def lost(self) -> int:
        """Packets for which the kernel had no room."""
        return sum(counted.lost for counted in self.counts.values())


class Scene(NamedTuple):
    """Where packets are captured, and what they are compared with."""

    now: Snapshot
    points: tuple[LinkKey, ...]
    names: tuple[str, ...]
    """Of the points."""
    ports: frozenset[int]
    """Of VXLANs."""
    depths: tuple[int, ...]
    """Of the points: those that a packet comes in by later are deeper."""
    path: Path | None = None

    def agreement(self, journey: PacketJourney, watched: frozenset[int]) -> Agreement | None:
        """Whether a packet did what its path says; None: there is no path, or it is of another flow."""
        return None if self.path is None else agreement(self.now, journey, self.points, self.path, watched=watched)


def scene(snapshot: Snapshot, points: tuple[LinkKey, ...], path: Path | None) -> Scene:
    """Some links, at which packets of a path are expected, or any."""
    return Scene(
        snapshot,
        points,
        tuple(point_name(snapshot, key) for key in points),
        _vxlan_ports(snapshot),
        tuple(depth(snapshot, key) for key in points),
        path,
    )


class Waiting:
    """Journeys that may go on still."""

    def __init__(self) -> None:
        self._open: dict[int, PacketJourney] = {}

    def add(self, journey: PacketJourney) -> None:
        """It was seen just now."""
        self._open[journey.number] = journey

    def ended(self, state: CaptureState) -> list[PacketJourney]:
        """Those that were seen nowhere for a while: they have ended their way, or go on where nobody captures."""
        before = time.time_ns() - _SETTLED_NS
        found = [one for one in self._open.values() if state.over is not None or one.seen[-1].at_ns < before]
        for journey in found:
            del self._open[journey.number]
        return found


def begin(snapshot: Snapshot, points: Sequence[LinkKey], program: bytes) -> Capturer:
    """Capture at some links; raises CaptureError."""
    inodes = (snapshot.namespaces[key.namespace].found.inode for key in points)
    return Capture([Point(key, inode or 0) for key, inode in zip(points, inodes, strict=True)], program)


def _vxlan_ports(snapshot: Snapshot) -> frozenset[int]:
    """The UDP ports that VXLANs here use."""
    links = (link for namespace in snapshot.namespaces.values() for link in namespace.links.values())
    known = (link.vxlan.port for link in links if link.vxlan is not None)
    return frozenset({_VXLAN_PORT, *(port for port in known if port)})


def in_order(frames: Iterable[Frame], depths: Sequence[int]) -> list[Frame]:
    """By time; at the same time, which a packet keeps on its way up, by how deep their points are."""
    if not any(depths):
        return sorted(frames, key=_time)

    def place(frame: Frame) -> tuple[int, int]:
        deep = depths[frame.point]
        return frame.at_ns, -deep if frame.outgoing else deep

    return sorted(frames, key=place)


def sightings(frames: Iterable[Frame], ports: frozenset[int]) -> Iterator[tuple[Frame, Seen | None]]:
    """Each frame with what journeys are made of; None: it holds no packet of IP."""
    for frame in frames:
        told = packet_headers(frame.data, frame.network)
        if told is None:
            yield frame, None
            continue
        inner = tunnelled(frame.data, frame.network, ports) if told.protocol == "udp" else None
        seen = (inner, told) if inner is not None else (told, None)
        yield frame, Seen(frame.point, frame.at_ns, frame.outgoing, *seen)


def translations(capture: Capturer) -> Callable[[Seen, Seen], bool]:
    """Whether the namespaces of two sightings make the one's flow that of the other."""

    def translated(before: Seen, now: Seen) -> bool:
        one, other = before.headers, now.headers
        flow = Flow(one.protocol, one.source, one.destination, one.source_port, one.port)
        ends = Ends(other.source, other.destination, other.source_port, other.port)
        return any(ends in capture.translated(point, flow) for point in {before.point, now.point})

    return translated


class Capturing(Running[Capturer, CaptureState]):
    """Runs a capture until its budget is spent or it is told to stop."""

    def __init__(
        self,
        begin: Callable[[], Capturer],
        budget: Budget,
        take: Callable[[list[Frame]], None],
        begun: Callable[[Capturer], None] = lambda _: None,
        depths: Sequence[int] = (),
    ) -> None:
        """`take` gets frames in their order, `begun` the capture before the first; both in the thread that runs.

        `depths`: of the points, see `in_order`.
        """
        super().__init__("netview-capture", begin, CaptureState(left_s=budget.seconds))
        self._budget = budget
        self._take = take
        self._begun = begun
        self._depths = depths
        self._packets = self._size = 0

    def _failed(self, reason: str) -> CaptureState:
        return CaptureState(over=reason, failed=True)

    def _follow(self, capture: Capturer, deliver: Callable[[CaptureState], None]) -> None:
        self._begun(capture)
        ends = time.monotonic() + self._budget.seconds
        waiting: list[Frame] = []
        over: str | None = None
        told_at = float("-inf")
        while over is None:
            left = ends - time.monotonic()
            if time.monotonic() >= told_at + _TELL_S:
                told_at = time.monotonic()
                self.state = self._state(capture, max(0.0, left), None)
                deliver(self.state)
            waiting.extend(capture.read(max(0.0, min(left, _HELD_NS / 1e9))))
            enough = len(waiting) >= self._budget.packets - self._packets
            # The kernel hands over the frames of one point before those of another: what is older than that is complete.
            until = time.time_ns() - _HELD_NS if len(capture.hardware) > 1 and not enough else time.time_ns() + _HELD_NS
            waiting = in_order(waiting, self._depths)
            ready = bisect_right(waiting, until, key=_time)
            self._pass_on(waiting[:ready])
            del waiting[:ready]
            over = self._over(capture, ends - time.monotonic())
        until_s = time.monotonic() + _LAST_S
        while not self._spent and capture.open and (left := until_s - time.monotonic()) > 0:
            waiting.extend(capture.read(left))
        self._pass_on(in_order(waiting, self._depths))
        self.state = self._state(capture, max(0.0, ends - time.monotonic()), over)
        deliver(self.state)

    def _pass_on(self, frames: list[Frame]) -> None:
        """What the budget has room for."""
        kept: list[Frame] = []
        for frame in frames:
            if self._spent:
                break
            self._packets += 1
            self._size += len(frame.data)
            kept.append(frame)
        if kept:
            self._take(kept)

    @property
    def _spent(self) -> bool:
        return self._packets >= self._budget.packets or self._size >= self._budget.bytes

    def _state(self, capture: Capturer, left: float, over: str | None) -> CaptureState:
        counts = dict(capture.counts())
        return CaptureState(self._packets, self._size, left, capture.open, dict(capture.refused), counts, over)

    def _over(self, capture: Capturer, left: float) -> str | None:
        if self._stopped.is_set():
            return "stopped"
        if self._packets >= self._budget.packets:
            return f"{self._budget.packets} packets were captured"
        if self._size >= self._budget.bytes:
            return f"{self._budget.bytes} bytes were captured"
        if not capture.open:
            return "every point has ended"
        return f"{self._budget.seconds:g} s are over" if left <= 0 else None


def _time(frame: Frame) -> int:
    return frame.at_ns
