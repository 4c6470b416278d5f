"""A capture of a stream, beside tcpdump of the same; and how soon it lets go."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.lab import Lab, ip, plug
from tests.bench.machine import BenchError, compiled
from tests.bench.rows import Row

_PORT, _RATE = "9", 100_000
_ADDRESS = "10.77.0.2"
_FILTER = f"udp port {_PORT}"
_ROOM = 10_000_000
_FILE = Path("/run/captured")
_NETVIEW = (sys.executable, "-m", "netview")
_READY_S, _SETTLED_S, _LET_GO_S = 60.0, 0.3, 5.0
_OURS = re.compile(r"(\d+) packets, \d+ bytes, (\d+) lost")
_THEIRS = re.compile(r"(\d+) packets captured.*?(\d+) packets dropped by kernel", re.DOTALL)


class Stream(NamedTuple):
    """What was sent, and what became of it."""

    sent: int
    seconds: float
    kept: int
    lost: int
    """By the capturer's own count."""
    resident_mib: float


def captures(lab: Lab, rounds: int, seconds: float) -> Iterator[Row]:
    """A paced stream, and one that is as fast as it can be."""
    paced = [_captured(lab, _RATE, seconds) for _ in range(rounds)]
    yield Row("captured at 100,000 packets/s", "% kept", [100 * one.kept / one.sent for one in paced], held="value")
    untold = [float(one.sent - one.kept - one.lost) for one in paced]
    yield Row("  neither kept nor counted as lost", "packets", untold, held="value", at_most=0)
    yield Row("  resident", "MiB", [one.resident_mib for one in paced], held="value", at_most=100)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_captured(lab, 0, seconds))
        theirs.append(_dumped(lab, 0, seconds))
    costs = ([1e9 * one.seconds / one.sent for one in of] for of in (ours, theirs))
    # A rate that falls by 15 % is a packet that takes 1/0.85 of the time.
    yield Row("a captured stream, unpaced", "ns a packet", *_beside(costs, "tcpdump"), at_most=1.18)
    untold = [float(one.sent - one.kept - one.lost) for one in ours]
    yield Row("  neither kept nor counted as lost", "packets", untold, held="value", at_most=0)
    yield Row("  kept", "%", *_beside(([100 * one.kept / one.sent for one in of] for of in (ours, theirs)), "tcpdump"))


def let_go(lab: Lab, rounds: int) -> Row:
    """From the end of a container to that of its namespace, which takes its wire along."""
    ours = [_gone_after(lab, captured=True) for _ in range(rounds)]
    theirs = [_gone_after(lab, captured=False) for _ in range(rounds)]
    return Row("a captured container's end, until its namespace is gone", "ms", ours, "not captured", theirs, "difference", 200)


def _beside(figures: Iterator[list[float]], name: str) -> tuple[list[float], str, list[float]]:
    ours, theirs = figures
    return ours, name, theirs


def _captured(lab: Lab, rate: int, seconds: float) -> Stream:
    budget = ("--count", str(_ROOM), "--bytes", str(1 << 40), "--seconds", str(_READY_S + 10 * seconds))
    argv = ("capture", f"v{lab.containers[0]}", "--filter", _FILTER, "-w", str(_FILE), *budget)
    return _measured([*_NETVIEW, *argv], _OURS, rate, seconds)


def _dumped(lab: Lab, rate: int, seconds: float) -> Stream:
    return _measured(["tcpdump", "-U", "-i", f"v{lab.containers[0]}", "-w", str(_FILE), _FILTER], _THEIRS, rate, seconds)


def _measured(argv: Sequence[str], told: re.Pattern[str], rate: int, seconds: float) -> Stream:
    """Send while a capturer runs, which begins its file once it captures."""
    _FILE.unlink(missing_ok=True)
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as capturer:
        _wait(lambda: _FILE.exists() and _FILE.stat().st_size > 0, _READY_S, capturer)
        time.sleep(_SETTLED_S)
        done = subprocess.run(
            [compiled("blast"), _ADDRESS, _PORT, str(rate), str(seconds)], capture_output=True, text=True, check=True
        )
        time.sleep(_SETTLED_S)
        peak = re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{capturer.pid}/status").read_text(encoding="ascii"))
        capturer.send_signal(signal.SIGINT)
        _, said = capturer.communicate(timeout=_READY_S)
    found = told.search(said)
    if found is None:
        raise BenchError(f"{argv[0]} says nothing of what it captured: {said.strip()}")
    sent, took = done.stdout.split()
    _FILE.unlink()
    return Stream(int(sent), float(took), int(found[1]), int(found[2]), int(peak[1]) / 1024 if peak else 0.0)


def _gone_after(lab: Lab, *, captured: bool) -> float:
    """Milliseconds from the end of a new container until its wire has gone from home."""
    name = "bz"
    ip(plug(name, lab.new(name)))
    wire = Path(f"/sys/class/net/v{name}")
    capturer = None
    try:
        if captured:
            _FILE.unlink(missing_ok=True)
            capturer = subprocess.Popen(
                [*_NETVIEW, "capture", name, "-w", str(_FILE), "--seconds", str(_READY_S)], stderr=subprocess.PIPE
            )
            _wait(_FILE.exists, _READY_S, capturer)
            time.sleep(_SETTLED_S)
        lab.end(name)
        began = time.monotonic()
        _wait(lambda: not wire.exists(), _LET_GO_S)
        return 1000 * (time.monotonic() - began)
    finally:
        if capturer is not None:
            capturer.terminate()
            capturer.communicate(timeout=_READY_S)


def _wait(until: Callable[[], bool], seconds: float, process: "subprocess.Popen[Any] | None" = None) -> None:
    ends = time.monotonic() + seconds
    while not until():
        if time.monotonic() > ends or (process is not None and process.poll() is not None):
            raise BenchError("a capture did not begin, or did not let go, in time")
        time.sleep(0.001)
