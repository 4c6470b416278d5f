"""A trace within its budget."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netview.live.tracing import Budget, TraceState, Tracing
from netview.model import NamespaceId
from netview.model.headers import Headers
from netview.model.trace import Traced, TraceHit

if TYPE_CHECKING:
    from netview.model.ruleset import Ruleset

HERE = NamespaceId("c1")
HEADERS = Headers("icmp", "10.0.0.1", "10.0.0.2", None, None, 84, 64, "echo request 1", ())


def first(packet: int) -> Traced:
    return Traced(1.0, HERE, TraceHit(packet, "ip", "raw", "PREROUTING", "rule", "continue", 3, headers=HEADERS))


class Tracer:
    """Tells what it is given, a part with each reading."""

    def __init__(self, *parts: Sequence[Traced]) -> None:
        self._parts = list(parts)
        self.armed = frozenset({HERE})
        self.refused: Mapping[NamespaceId, str] = {}
        self.rulesets: Mapping[NamespaceId, Ruleset] = {}
        self.lost = 0
        self.calls: list[str] = []

    def read(self, _seconds: float) -> list[Traced]:
        return list(self._parts.pop(0)) if self._parts else []

    def let_go(self) -> None:
        pass

    def disarm(self) -> None:
        self.armed = frozenset()
        self.calls.append("disarm")

    def close(self) -> None:
        self.calls.append("close")


def run(tracer: Tracer, budget: Budget) -> tuple[Tracing, list[TraceState]]:
    states: list[TraceState] = []
    tracing = Tracing(lambda: tracer, budget)
    tracing.run(states.append)
    return tracing, states


def test_it_ends_with_the_last_packet_and_tells_what_was_on_its_way() -> None:
    tracer = Tracer([first(1)], [first(2)], [first(3)])
    tracing, states = run(tracer, Budget(packets=2, seconds=60))
    assert (tracing.state.over, len(tracing.state.lines)) == ("2 packets were seen", 3)
    assert tracer.calls == ["disarm", "close"]
    assert states[0].over is None
    assert states[-1].armed == frozenset()


def test_it_ends_when_its_time_is_over() -> None:
    tracing, _ = run(Tracer(), Budget(seconds=0.01))
    assert tracing.state.over == "0.01 s are over"


def test_it_ends_when_told_to() -> None:
    tracer = Tracer()
    tracing = Tracing(lambda: tracer, Budget())
    tracing.start(lambda _state: None)
    tracing.stop(5.0)
    assert tracing.state.over == "stopped"
    assert tracer.calls == ["disarm", "close"]


def test_what_cannot_begin_says_why() -> None:
    def fail() -> Tracer:
        raise PermissionError(1, "tracing takes root")

    tracing = Tracing(fail, Budget())
    tracing.run(lambda _state: None)
    assert tracing.state.failed
    assert "tracing takes root" in str(tracing.state.over)


def test_what_breaks_on_the_way_leaves_nothing_armed() -> None:
    class Broken(Tracer):
        def read(self, _seconds: float) -> list[Traced]:
            raise OSError

    tracer = Broken()
    with contextlib.suppress(OSError):
        run(tracer, Budget())
    assert tracer.calls == ["close"]


def test_what_was_armed_counts_as_traced_in_the_end_too() -> None:
    tracing, _ = run(Tracer(), Budget(seconds=0.01))
    assert tracing.state.armed == frozenset()
    assert tracing.state.traced == {HERE}
