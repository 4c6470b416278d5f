"""A trace under way: what it has seen so far, within a budget, in a thread of its own where a screen looks on."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from netview.kernel.trace import Target, Trace, table_name
from netview.live.running import Running
from netview.model import NamespaceId, Snapshot
from netview.model.ruleset import Ruleset
from netview.model.trace import Traced, TraceMatch

__all__ = ["Budget", "TraceState", "Tracer", "Tracing", "begin", "is_own", "table_name"]

_BEGINS = frozenset({"prerouting_begin", "output_begin"})
_BEAT_S = 0.25
_TELL_S = 0.1
"""States are told no oftener."""
_LINES = 20_000
"""Lines that are kept: some hundred packets."""
_AFTER_S = 0.2
"""What is on its way when the budget is spent is still read."""


class Tracer(Protocol):
    """What traces in the kernel."""

    @property
    def armed(self) -> frozenset[NamespaceId]:
        """The namespaces that something was added to, and is there now."""

    @property
    def refused(self) -> Mapping[NamespaceId, str]:
        """Why a namespace is not traced, or not any more."""

    @property
    def rulesets(self) -> Mapping[NamespaceId, Ruleset]:
        """The rules as they were at the begin."""

    @property
    def lost(self) -> int:
        """How often more was told than could be kept."""

    def read(self, seconds: float) -> list[Traced]:
        """What was traced, as soon as anything was; empty: nothing within so many seconds."""

    def let_go(self) -> None:
        """Let go of what has ended, where nothing is read for a while."""

    def disarm(self) -> None:
        """Remove what was added."""

    def close(self) -> None:
        """The same, and let go of everything."""


@dataclass(frozen=True, slots=True)
class Budget:
    """When a trace ends by itself."""

    packets: int = 100
    """Each counts once in each namespace."""
    seconds: float = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class TraceState:
    """What a trace knows."""

    lines: tuple[Traced, ...] = ()
    armed: frozenset[NamespaceId] = frozenset()
    """The namespaces that hold a table now."""
    traced: frozenset[NamespaceId] = frozenset()
    """Those that told, or would have told, of packets: armed once, or not armed and heard."""
    refused: Mapping[NamespaceId, str] | None = None
    """None: it is not begun yet."""
    rulesets: Mapping[NamespaceId, Ruleset] = field(default_factory=dict)
    lost: int = 0
    packets: int = 0
    left_s: float = 0.0
    over: str | None = None
    """Why it has ended; None: it goes on."""
    failed: bool = False
    """Whether it could not even begin."""


def begin(snapshot: Snapshot, namespaces: Iterable[NamespaceId], matches: tuple[TraceMatch, ...]) -> Tracer:
    """Arm what is to be traced in some namespaces, or read there what others have armed; raises TraceError."""
    known = {name: snapshot.namespaces[name].found.inode for name in namespaces if name in snapshot.namespaces}
    return Trace({name: Target(inode, matches) for name, inode in known.items() if inode is not None})


def is_own(table: str) -> bool:
    """Whether a table is this process's."""
    return table == table_name()


class Tracing(Running[Tracer, TraceState]):
    """Runs a tracer until its budget is spent or it is told to stop; then nothing of it is left in the kernel."""

    def __init__(self, begin: Callable[[], Tracer], budget: Budget) -> None:
        """`begin` raises OSError, or an error whose message is one line."""
        super().__init__("netview-trace", begin, TraceState(left_s=budget.seconds))
        self._budget = budget

    def _failed(self, reason: str) -> TraceState:
        return TraceState(over=reason, failed=True)

    def _follow(self, tracer: Tracer, deliver: Callable[[TraceState], None]) -> None:
        ends = time.monotonic() + self._budget.seconds
        lines: list[Traced] = []
        packets = 0
        over: str | None = None
        told_at = float("-inf")
        while over is None:
            left = ends - time.monotonic()
            if time.monotonic() >= told_at + _TELL_S:
                told_at = time.monotonic()
                self.state = self._told(tracer, lines, packets, max(0.0, left), None)
                deliver(self.state)
            read = tracer.read(max(0.0, min(left, _BEAT_S)))
            lines += read
            packets += sum(map(_is_first, read))
            over = self._over(packets, len(lines), ends - time.monotonic())
        tracer.disarm()
        until = time.monotonic() + _AFTER_S
        while (left := until - time.monotonic()) > 0 and (read := tracer.read(left)):
            lines += read[: max(0, 2 * _LINES - len(lines))]
        self.state = self._told(tracer, lines, packets, max(0.0, ends - time.monotonic()), over)
        deliver(self.state)

    def _told(self, tracer: Tracer, lines: list[Traced], packets: int, left: float, over: str | None) -> TraceState:
        refused, rulesets = dict(tracer.refused), dict(tracer.rulesets)
        traced = self.state.traced | tracer.armed | {line.namespace for line in lines}
        return TraceState(tuple(lines), tracer.armed, traced, refused, rulesets, tracer.lost, packets, left, over)

    def _over(self, packets: int, lines: int, left: float) -> str | None:
        if self._stopped.is_set():
            return "stopped"
        if packets >= self._budget.packets:
            return f"{self._budget.packets} packets were seen"
        if lines >= _LINES:
            return f"{_LINES} lines were told"
        return f"{self._budget.seconds:g} s are over" if left <= 0 else None


def _is_first(line: Traced) -> bool:
    """Whether a line is the first of a packet in a namespace."""
    return line.hit.headers is not None and (not is_own(line.hit.table) or line.hit.chain in _BEGINS)
