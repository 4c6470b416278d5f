"""How netview reads the kernel, beside a C program that does the same."""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from math import log10
from pathlib import Path
from statistics import median

from tests.bench import path_parts
from tests.bench.lab import Lab
from tests.bench.machine import BenchError, compiled
from tests.bench.rows import Row

_IP = ("ip", "-all", "netns", "exec", "ip", "-s", "-j", "link")
_SNAPSHOT = (sys.executable, "-m", "netview", "snapshot", "-o", "json")


def counters(rounds: int) -> Row:
    """The counters of home's links."""
    ours, theirs = _in_turn(rounds, _part("stats", 30), [compiled("floor"), "stats", "30"])
    return Row("counter tick, home", "ms", ours, "C, the same dump", theirs, at_most=2.5)


def topology(lab: Lab, rounds: int) -> Row:
    """The links and peers of every namespace."""
    ours, theirs = _in_turn(rounds, _part("links", 4), [compiled("floor"), "links", "4", *lab.paths])
    return Row("topology with peers", "ms", ours, "C, the same dumps", theirs, at_most=3)


def pyroute2(rounds: int) -> list[Row]:
    """What the library would cost."""
    rows = []
    for part, what in (("stats", "counter tick, home"), ("home", "links of home")):
        ours, theirs = _in_turn(rounds, _part(part, 5), _part(f"pyroute2-{part}", 3))
        rows.append(Row(what, "ms", ours, "pyroute2", theirs))
    return rows


def beat(rounds: int) -> Row:
    """A whole quiet beat, beside the first one, which reads everything."""
    ours, theirs = _in_turn(rounds, _part("poll", 6), _part("first", 2))
    return Row("a quiet beat, no screen", "ms", ours, "the first beat", theirs)


def snapshot(rounds: int) -> list[Row]:
    """The whole process against iproute2's, which tells links alone."""
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    _process(_SNAPSHOT)
    for _ in range(rounds):
        ours.append(_process(_SNAPSHOT))
        theirs.append(_process(_IP))
    return [
        Row(
            f"netview snapshot -o json, {kind}",
            "ms",
            [one[at] for one in ours],
            "ip -all netns exec ip -s -j link",
            other,
            at_most=1 / 6,
        )
        for at, kind in enumerate(("CPU", "wall"))
        for other in [[one[at] for one in theirs]]
    ]


def paths(rounds: int) -> Iterator[Row]:
    """The rules of home as an engine writes them, and a path past them once they were read."""
    subprocess.run(["iptables-nft-restore"], input=path_parts.commands(), text=True, check=True, timeout=300)
    try:
        ours, theirs = _in_turn(rounds, _part("rules", 4), _part("rules-received", 4))
        what = f"the first reading of {path_parts.RULES} rules"
        yield Row(what, "ms", ours, "the same dumps, received", theirs, at_most=8)
        path = [median(_runs(_part("path", 4))) for _ in range(rounds)]
        yield Row("a path there and back past them", "ms", path, held="value", at_most=50)
    finally:
        subprocess.run(["nft", "flush", "ruleset"], check=True, timeout=300)


def poll_ms(rounds: int) -> float:
    """A quiet beat."""
    return median(_runs(_part("poll", rounds + 2)))


def growth(beats: dict[int, float]) -> Row:
    """The exponent between the smallest and the largest lab."""
    least, most = min(beats), max(beats)
    exponent = log10(beats[most] / beats[least]) / log10(most / least)
    told = ", ".join(f"{size}: {ms:.2f} ms" for size, ms in sorted(beats.items()))
    return Row(f"a beat's growth, {least} to {most}", "", [exponent], held="value", at_most=1.1, note=told)


def _part(name: str, times: int) -> list[str]:
    return [sys.executable, "-m", "tests.bench.parts", name, str(times)]


def _in_turn(rounds: int, ours: Sequence[str], theirs: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of CPU of the two, a median a round, one after the other each time."""
    pairs = [(median(_runs(ours)), median(_runs(theirs))) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _runs(argv: Sequence[str]) -> list[float]:
    """Milliseconds that each run took but the first, which warms up."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise BenchError(f"{' '.join(argv[:5])}: {done.stderr[-2000:]}")
    taken = [1000 * float(line.split()[0]) for line in done.stdout.splitlines()]
    return taken[1:] or taken


def _process(argv: Sequence[str]) -> tuple[float, float]:
    """Milliseconds of CPU and of wall time of a whole process and its children."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with Path("/run/out").open("wb") as out:
        subprocess.run(argv, stdout=out, stderr=subprocess.DEVNULL, check=True, timeout=300)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), 1000 * wall
