"""A capture within its budget."""

from collections.abc import Iterator, Mapping, Sequence

import pytest

from netview.kernel.capture import Counted
from netview.live.capturing import Budget, CaptureState, Capturing
from netview.model import Flow
from netview.model.connection import Ends
from netview.model.packet import Frame


class Capturer:
    """Tells what it is given, a part with each reading."""

    refused: Mapping[int, str] = {}
    open = frozenset({0})
    hardware: Mapping[int, int] = {0: 1}

    def __init__(self, *parts: Sequence[Frame]) -> None:
        self._parts = list(parts)
        self.is_closed = False

    def read(self, seconds: float) -> Iterator[Frame]:
        del seconds
        return iter(self._parts.pop(0) if self._parts else ())

    def let_go(self) -> None:
        pass

    def counts(self) -> Mapping[int, Counted]:
        return {0: Counted(3, 0)}

    def translated(self, point: int, flow: Flow) -> frozenset[Ends]:
        del point, flow
        return frozenset()

    def close(self) -> None:
        self.is_closed = True


def frames(*ats: int) -> list[Frame]:
    return [Frame(0, at, 100, 14, False, bytes(100)) for at in ats]


def captured(budget: Budget, *parts: Sequence[Frame]) -> tuple[CaptureState, list[Frame]]:
    taken: list[Frame] = []
    capturer = Capturer(*parts)
    capturing = Capturing(lambda: capturer, budget, taken.extend)
    capturing.run(lambda _: None)
    assert capturer.is_closed
    return capturing.state, taken


@pytest.mark.parametrize(
    ("budget", "count"),
    [(Budget(packets=2), 2), (Budget(bytes=250), 3), (Budget(bytes=300), 3), (Budget(bytes=1), 1), (Budget(seconds=0.05), 9)],
)
def test_no_more_is_taken_and_all_that_is_taken_is_told(budget: Budget, count: int) -> None:
    state, taken = captured(budget, frames(*range(9)))
    assert len(taken) == count
    assert (state.packets, state.bytes) == (count, 100 * count)


def test_what_was_captured_in_the_end_is_taken() -> None:
    state, taken = captured(Budget(seconds=0), (), frames(2, 1))
    assert [frame.at_ns for frame in taken] == [1, 2]
    assert state.over == "0 s are over"
