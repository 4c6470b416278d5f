"""View 9, over a tracer that tells what it is given."""

import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address

import pytest

from netview.decode.headers import headers
from netview.live.tracing import table_name
from netview.model import NamespaceId, Snapshot
from netview.model.ruleset import Ruleset
from netview.model.trace import Traced, TraceHit, TraceMatch
from netview.ui.options import Options
from tests.derive.path.worlds import address
from tests.ui.screen import STANDARD, WIDE, running
from tests.ui.test_path import asked

REQUEST = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
AT = 1_800_000_000.0


def header(source: str, destination: str) -> bytes:
    ends = (ip_address(source).packed, ip_address(destination).packed)
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 84, 7, 0, 64, 1, 0, *ends)


class Tracer:
    """Tells its lines once, and then waits to be stopped."""

    rulesets: Mapping[NamespaceId, Ruleset] = {}
    lost = 0

    def __init__(self, armed: Iterable[NamespaceId], lines: list[Traced]) -> None:
        self.armed = frozenset(armed)
        self.refused: dict[NamespaceId, str] = {}
        self.closed = threading.Event()
        self._lines = lines

    def read(self, seconds: float) -> list[Traced]:
        told, self._lines = self._lines, []
        if not told:
            self.closed.wait(min(seconds, 0.05))
        return told

    def let_go(self) -> None:
        pass

    def disarm(self) -> None:
        self.armed = frozenset()

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def tracers(monkeypatch: pytest.MonkeyPatch) -> list[Tracer]:
    made: list[Tracer] = []

    def begin(now: Snapshot, names: Iterable[NamespaceId], matches: tuple[TraceMatch, ...]) -> Tracer:
        assert matches[0].destination == address(2)
        places = {one.label: one.id for one in now.namespaces.values()}
        told = header(address(1), address(2))

        def line(after: float, name: str, chain: str, verdict: str, *, kind: str = "rule", table: str = "") -> Traced:
            own = not table
            hit = TraceHit(
                1,
                "inet",
                table or table_name(),
                chain,
                kind,  # type: ignore[arg-type]
                verdict,
                4,
                oif=2 if chain.startswith("post") else None,
                headers=headers(told, REQUEST) if own else None,
            )
            return Traced(AT + after, places[name], hit)

        made.append(
            Tracer(
                names,
                [
                    line(0.0, "web-1", "output_begin", "continue"),
                    line(0.0001, "web-1", "postrouting_end", "accept", kind="policy"),
                    line(0.0002, "web-2", "prerouting_begin", "continue"),
                    line(0.0003, "web-2", "in", "drop", table="mine"),
                ],
            )
        )
        return made[-1]

    monkeypatch.setattr("netview.ui.trace_desk.begin", begin)
    return made


async def until(hand: object, condition: Callable[[], bool]) -> None:
    for _ in range(200):
        await hand.settle()  # type: ignore[attr-defined]
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it never came")


async def test_before_a_trace_the_view_says_how() -> None:
    async with running(size=STANDARD) as hand:
        await hand.press("9")
        assert "no trace yet: t on a row, or on a path" in hand.text


@pytest.mark.parametrize("size", [WIDE, STANDARD])
async def test_a_path_is_traced_once_it_was_confirmed(tracers: list[Tracer], size: tuple[int, int]) -> None:
    async with asked(*"web-2", size=size) as hand:
        await hand.press("t")
        assert "add this table in" in hand.text
        assert "flags owner" in hand.text
        assert tracers == []
        await hand.press("y")
        await until(hand, lambda: "dropped in web-2" in hand.text)
        for word in ("● TRACE 2 of 100 packets", "t stops it", "out eth0", "+0 µs", "⚠ the path says delivered in web-2"):
            assert word in hand.text
        assert "inet mine in: rule handle 4" in hand.text
        await hand.press("t")
        await until(hand, lambda: "ended: stopped" in hand.text)
        assert tracers[0].closed.is_set()
        assert "TRACE 2" not in hand.text


@pytest.mark.parametrize("size", [WIDE, (100, 60), (80, 60), (60, 60)])
async def test_all_that_will_be_added_is_shown_however_narrow_the_terminal(tracers: list[Tracer], size: tuple[int, int]) -> None:
    async with asked(*"web-2", size=size) as hand:
        await hand.press("t")
        words = " ".join(hand.text.replace("│", " ").split())
        assert "…" not in words
        assert words.count("policy accept;") == 7
        assert words.count("meta nftrace set 1") == 4
        assert tracers == []


async def test_what_is_not_confirmed_is_not_done(tracers: list[Tracer]) -> None:
    async with asked(*"web-2") as hand:
        await hand.press("t", "escape")
        assert "delivered" in hand.text
        assert tracers == []


async def test_from_a_row_the_path_is_asked_for_first(tracers: list[Tracer]) -> None:
    async with asked(*"web-2") as hand:
        await hand.press("3", "t")
        assert "from web-1 to" in hand.text
        await hand.press("enter")
        await hand.step()
        assert "add this table in" in hand.text
        await hand.press("y")
        await until(hand, lambda: "[9 Trace]" in hand.text and "dropped in web-2" in hand.text)
        hand.app.exit(0)
    assert tracers[0].closed.wait(2.0)


async def test_what_cannot_begin_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Tracer:
        raise PermissionError("tracing takes root")

    monkeypatch.setattr("netview.ui.trace_desk.begin", refuse)
    async with asked(*"web-2") as hand:
        await hand.press("t", "y")
        await until(hand, lambda: "✗ tracing takes root" in hand.text)


async def test_a_recording_is_not_traced() -> None:
    async with running(options=Options(mode="REPLAY")) as hand:
        await hand.press("t")
        assert "a recording holds no packets to trace" in hand.text
