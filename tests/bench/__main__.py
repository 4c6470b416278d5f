"""`sudo .venv/bin/python -m tests.bench --size 1000`: build the lab, measure, print the table, write the figures."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench import capture_rows, kernel_rows, key_rows, screen_rows
from tests.bench.lab import Lab
from tests.bench.machine import BenchError, is_inside, start_inside
from tests.bench.rows import Row, table

_CHURNED = 300
_GROUPS = "growth churn kernel path snapshot capture start latency cpu soak"
_JUDGED = 1000
"""What the figures may reach is meant for so many containers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How much is measured."""

    size: int
    rounds: int
    seconds: float
    soak_s: float


def measured(asked: Asked, only: str) -> Iterator[Row]:
    """Every row, the lab growing as it goes; keys alone need none."""
    if only.split() == ["keys"]:
        yield from key_rows.keys(asked.size, min(asked.rounds, 3))
        return
    with Lab() as lab:
        beats: dict[int, float] = {}
        frames: dict[int, float] = {}
        sizes = sorted({min(10, asked.size), min(100, asked.size), min(_CHURNED, asked.size), asked.size})
        # Growth lies between two sizes: the least lab has but one.
        grows = "growth" in only and len(sizes) > 1
        for size in sizes:
            lab.grow(size)
            if grows:
                beats[size] = kernel_rows.poll_ms(asked.rounds)
                frames[size] = screen_rows.frame_ms(lab, asked.seconds / 3)
            if "churn" in only and size == min(_CHURNED, asked.size):
                yield from screen_rows.churn(lab, 2 * asked.seconds)
        if grows:
            yield kernel_rows.growth(beats)
            yield screen_rows.growth(frames)
        yield from _at_full_size(lab, asked, only)


def _at_full_size(lab: Lab, asked: Asked, only: str) -> Iterator[Row]:
    rounds = asked.rounds
    if "kernel" in only:
        yield kernel_rows.counters(rounds)
        yield kernel_rows.topology(lab, rounds)
        yield kernel_rows.beat(rounds)
        yield from kernel_rows.pyroute2(min(rounds, 3))
    if "path" in only:
        yield from kernel_rows.paths(rounds)
    if "snapshot" in only:
        yield from kernel_rows.snapshot(rounds)
    if "capture" in only:
        yield from capture_rows.captures(lab, max(1, rounds // 2), asked.seconds / 3)
        yield capture_rows.let_go(lab, rounds)
    if "start" in only:
        yield from screen_rows.start(lab, rounds)
    if "latency" in only:
        yield from screen_rows.latency(lab, int(10 * rounds))
    if "cpu" in only:
        yield from screen_rows.shares(lab, max(1, rounds // 2), asked.seconds)
    if "keys" in only:
        yield from key_rows.keys(asked.size, min(rounds, 3))
    if "soak" in only:
        yield from screen_rows.soak(lab, asked.soak_s)


def main() -> int:
    """Measure, in a machine of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--size", type=int, default=1000, help="containers (1000)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each figure (5)")
    parser.add_argument("--seconds", type=float, default=30.0, help="over which a share of a core is taken (30)")
    parser.add_argument("--soak", type=float, default=600.0, metavar="SECONDS", help="how long the soak lasts (600)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go (bench.json)")
    groups = "growth churn kernel path snapshot capture start latency cpu keys soak"
    parser.add_argument("--only", default=groups, help="which groups (all)")
    given = parser.parse_args()
    out: Path = given.json or Path("bench.json")
    if given.only.split() != ["keys"] and not is_inside():
        return start_inside(["tests.bench", *sys.argv[1:], "--json", str(out.absolute())]).wait()
    rows = []
    began = time.monotonic()
    try:
        for measure in measured(Asked(given.size, given.rounds, given.seconds, given.soak), given.only):
            row = measure if given.size >= _JUDGED else replace(measure, at_most=None)
            rows.append(row)
            print(table([row]).splitlines()[1], file=sys.stderr, flush=True)  # noqa: T201  # a command's output
    finally:
        if rows:
            print(f"\n{_machine(given.size, time.monotonic() - began)}\n\n{table(rows)}")  # noqa: T201
            _write(out, rows, given.size)
    return 0


def _machine(size: int, seconds: float) -> str:
    return (
        f"{size} containers · {platform.release()} · Python {platform.python_version()} · {os.cpu_count()} CPUs · {seconds:.0f} s"
    )


def _write(out: Path, rows: list[Row], size: int) -> None:
    told = {"size": size, "kernel": platform.release(), "python": platform.python_version(), "cpus": os.cpu_count()}
    out.write_text(json.dumps(told | {"rows": [row.as_json() for row in rows]}, indent=1) + "\n")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"bench: {error}")
