"""What a look for namespaces costs: `sudo .venv/bin/python -m tests.bench.sweep --size 1000`.

Processes in a namespace each, with ten files and three sockets; every figure beside a bare listdir and readlink in the same run.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from netview.decode.procfs import namespace_inode
from netview.kernel.costly import Costly
from netview.kernel.discover import Discovery, Sweep
from netview.kernel.live_source import LiveSource
from netview.live import Want
from tests.bench.machine import BenchError, compiled, is_inside, start_inside
from tests.bench.rows import Row, table

_FREQUENT = 2.0
_COSTLY = 20.0


def rows(size: int, rounds: int) -> Iterator[Row]:
    """Each kind of look, and the samples that they are part of."""
    with subprocess.Popen([compiled("holders"), str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as held:
        if held.stdout is None or held.stdout.readline() != b"ready\n":
            raise BenchError("the processes did not start")
        _wait_for(size)
        frequent = _frequent()
        yield _beside("frequent sources", frequent, rounds, _FREQUENT)
        pids = _pids()
        yield _beside("costly sources, all at once", lambda: Costly().look(pids, everything=True), rounds, _COSTLY)
        known = Costly()
        known.look(pids, everything=True)
        asked = known._sockets.asked
        yield _beside("costly sources, once more", lambda: known.look(pids, everything=True), rounds, _COSTLY)
        if asked < 3 * size or known._sockets.asked - asked > 3 * rounds:
            raise BenchError(f"{asked} sockets were asked, and then {known._sockets.asked - asked} once more")
        yield _first_sample(rounds)


def _frequent() -> Callable[[], Sweep]:
    """A sweep whose slice of the costly ones is empty."""
    discovery = Discovery()
    discovery._costly.look = lambda *_, **__: None  # type: ignore[method-assign]
    return discovery.sweep


def _beside(what: str, work: Callable[[], object], rounds: int, at_most: float) -> Row:
    work()
    pairs = [(_ms(work), _ms(_bare)) for _ in range(rounds)]
    return Row(what, "ms", [one for one, _ in pairs], "listdir and readlink", [other for _, other in pairs], at_most=at_most)


def _first_sample(rounds: int) -> Row:
    pairs = [(_sample_ms(thorough=True), _sample_ms(thorough=False)) for _ in range(max(3, rounds // 3))]
    return Row("first sample of a one-shot command", "ms", [one for one, _ in pairs], "the app's", [other for _, other in pairs])


def _sample_ms(*, thorough: bool) -> float:
    source = LiveSource(thorough=thorough)
    try:
        return _ms(lambda: source.sample(Want()))
    finally:
        source.close()


def _bare() -> int:
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        found = {namespace_inode(os.readlink(f"{name}/ns/net", dir_fd=proc)) for name in os.listdir(proc) if name.isdecimal()}  # noqa: PTH208  # bare
    finally:
        os.close(proc)
    return len(found)


def _ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _wait_for(size: int) -> None:
    deadline = time.monotonic() + 60
    while _bare() < size:
        if time.monotonic() > deadline:
            raise BenchError(f"{_bare()} of {size} processes are in a namespace of their own")
        time.sleep(0.1)


def main() -> int:
    """Measure, in a machine of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sweep", description=__doc__)
    parser.add_argument("--size", type=int, default=1000, help="processes (1000)")
    parser.add_argument("--rounds", type=int, default=15, help="runs of each figure (15)")
    given = parser.parse_args()
    if not is_inside():
        return start_inside(["tests.bench.sweep", *sys.argv[1:]]).wait()
    measured = list(rows(given.size, given.rounds))
    sys.stdout.write(table(measured) + "\n")
    return 0 if all(row.holds is not False for row in measured) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"bench: {error}")
