"""The app on a terminal: what it costs, when it shows something, and beside what."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from math import ceil
from statistics import median

from tests.bench.bare import FOOTER, TITLE
from tests.bench.lab import Churn, Lab, ip
from tests.bench.links import Flipper
from tests.bench.machine import BenchError
from tests.bench.rows import Row
from tests.bench.terminal import BARE, BMON, NETVIEW, STANDARD, Size, Terminal

_SETTLED_S = 4.0
_AT_REST_S = 25.0
"""So long after the start a thousand namespaces were all read twice, and the doctor has been round."""
_COUNTS = re.compile(r"(\d+) namespaces? · (\d+) bridges? · (\d+) pairs?")
_ROWS = re.compile(r"\d+ of (\d+) ─")


def shares(lab: Lab, rounds: int, seconds: float) -> Iterator[Row]:
    """The share of a core at 1 Hz in view 2, beside bmon and a bare app; and what is resident."""
    got: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        with Terminal(BARE) as app:
            app.rest(_SETTLED_S)
            got["bare resident"].append(app.resident_mib())
            got["bare"].append(app.share(seconds / 3))
        with view(lab, "2") as app:
            app.rest(_AT_REST_S)
            got["idle"].append(app.share(seconds))
            lab.traffic(on=True)
            app.rest(_SETTLED_S)
            got["live"].append(app.share(seconds))
            got["resident"].append(app.resident_mib())
            app.press("p")
            app.rest(1)
            got["paused"].append(app.share(seconds))
        with Terminal(BMON) as other:
            other.rest(_SETTLED_S)
            got["bmon"].append(other.share(seconds))
        lab.traffic(on=False)
    yield Row("view 2 at 1 Hz, all live", "% of a core", got["live"], held="value", at_most=2)
    yield Row("  the same", "% of a core", got["live"], "bmon", got["bmon"], at_most=1 / 3)
    yield Row("view 2, paused", "% of a core", got["paused"], held="value", at_most=0.5)
    yield Row("view 2, nothing changes", "% of a core", got["idle"], "bare Textual app", got["bare"], held="value", at_most=0.5)
    yield Row("resident", "MiB", got["resident"], "bare Textual app", got["bare resident"], at_most=1.6)


def start(lab: Lab, rounds: int) -> Iterator[Row]:
    """From the program's start to its first frame, and from there to all that there is."""
    with view(lab, "4") as app:
        routes = _count(app)
    with Terminal(BARE) as app:  # The first run of either keeps its bytecode.
        app.rest(1)
    got: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        with Terminal(BARE) as app:
            got["bare"].append(1000 * (app.until(lambda text: TITLE in text and FOOTER in text) - app.started_at))
        with Terminal(NETVIEW) as app:  # It comes up in the view that it was left in.
            first = app.until(_has_frame)
            got["first"].append(1000 * (first - app.started_at))
            got["links"].append(1000 * (app.until(lambda text: _is_complete(text, lab)) - first))
            got["routes"].append(1000 * (app.until(lambda text: f" of {routes} " in text) - first))
    yield Row("first frame", "ms", got["first"], "bare Textual app", got["bare"], at_most=1.3)
    yield Row("first frame → namespaces, links, peers", "ms", got["links"], held="value", at_most=300)
    yield Row(f"first frame → all {routes} routes", "ms", got["routes"], held="value", at_most=900)


def latency(lab: Lab, times: int) -> Iterator[Row]:
    """From a link's change to the read that shows it; and what others' changes take while netview looks."""
    first, second = lab.containers[:2]
    ip(f"link add bnwire type veth peer name bnfar netns {second}\nlink set bnwire netns {first}\n")
    lab.new("bnlone")
    with Flipper("bnlone", "lo") as alone, Flipper(first, "bnwire") as wire, Flipper(second, "bnfar") as far:
        far.flip()
        for what, flipper, words in (("container to container", wire, "if:bnwire"), ("a lone lo", alone, "ns:bnlone")):
            with view(lab, "2") as app:
                app.press("/")
                app.rest(0.5)
                app.press(words)
                app.rest(0.5)
                app.press("\r")
                app.until(lambda text: "1 of 1 ─" in text)
                taken = [1000 * _seen(app, flipper, flipper.name) for _ in range(times)]
            yield Row(f"change → screen, {what}", "ms", [median(taken)], held="value", at_most=100, note=f"{times} changes")
            yield Row("  the same, p95", "ms", [sorted(taken)[ceil(0.95 * len(taken)) - 1]], held="value", at_most=250)
        yield _others(lab, wire)
    lab.end("bnlone")


def _seen(app: Terminal, flipper: Flipper, name: str) -> float:
    app.rest(0.3 + random.random())  # noqa: S311  # at no special moment of the beat
    state = flipper.flip()
    line = re.compile(rf"{re.escape(name)} .*\b{state}\b")
    return app.until(lambda text: bool(line.search(text)), 10) - flipper.at


def _others(lab: Lab, flipper: Flipper) -> Row:
    ours: list[float] = []
    theirs: list[float] = []
    with view(lab, "2") as app:
        for _ in range(5):
            for figures, number in ((theirs, signal.SIGSTOP), (ours, signal.SIGCONT)):
                os.kill(app.pid, number)
                app.rest(1)
                figures.append(median(_paced(app, flipper) for _ in range(60)))
    return Row("a link change by others", "ms", ours, "the same while netview is stopped", theirs, at_most=1.3)


def _paced(app: Terminal, flipper: Flipper) -> float:
    app.drain(0.03)
    flipper.flip()
    return 1000 * flipper.took_s


def frame_ms(lab: Lab, seconds: float) -> float:
    """CPU of the screen's thread a second in view 2 with everything live, in a terminal that the smallest lab fills."""
    lab.traffic(on=True)
    with view(lab, "2", Size(200, 30)) as app:
        before, began = app.thread_cpu_s(app.pid), time.monotonic()
        app.drain(seconds)
        taken = (app.thread_cpu_s(app.pid) - before) / (time.monotonic() - began)
    lab.traffic(on=False)
    return 1000 * taken


def growth(frames: dict[int, float]) -> Row:
    """A second's frame in the largest lab beside the smallest."""
    least, most = min(frames), max(frames)
    return Row(f"the screen's thread a second, {most}", "ms", [frames[most]], f"the same, {least}", [frames[least]], at_most=1.3)


def churn(lab: Lab, seconds: float, a_second: int = 50) -> Iterator[Row]:
    """The app while containers come and go, and whether one who followed knows the truth at the end."""
    follower = [sys.executable, "-m", "tests.bench.parts", "follow", "1"]
    with view(lab, "2") as app:
        app.press("jjjjj")
        app.rest(1)
        chosen = _selected(app)
        share = _while_churning(lab, app, a_second, seconds)
        if _selected(app) != chosen:
            raise BenchError(f"the selection was {chosen} and is {_selected(app)}")
    with subprocess.Popen(follower, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        time.sleep(2)
        passing = Churn(lab, a_second)
        passing.run(a_second, seconds / 2)
        passing.close()
        wrong = other.communicate("end\n", timeout=120)[0].split("\n")
    yield Row(f"{a_second} veths a second on {len(lab.containers)}", "% of a core", [share], held="value", at_most=35)
    missed = [line for line in wrong if line]
    yield Row("  what is wrong at its end", "facts", [len(missed)], held="value", at_most=0, note="; ".join(missed[:3])[:200])


def _while_churning(lab: Lab, app: Terminal, a_second: int, seconds: float) -> float:
    passing = Churn(lab, a_second)
    before, began = app.cpu_s(), time.monotonic()
    passing.run(a_second, seconds, app.drain)
    share = 100 * (app.cpu_s() - before) / (time.monotonic() - began)
    passing.close()
    app.rest(_SETTLED_S)
    return share


def soak(lab: Lab, seconds: float) -> Iterator[Row]:
    """Resident memory after long churn, beside its first minute's end."""
    with view(lab, "2") as app:
        _while_churning(lab, app, 5, min(60.0, seconds / 3))
        early = app.resident_mib()
        _while_churning(lab, app, 5, seconds)
        late = app.resident_mib()
    yield Row(
        f"resident after {seconds:.0f} s of churn", "MiB", [late], "after the first minute", [early], "difference", at_most=3
    )


def view(lab: Lab, key: str, size: Size = STANDARD) -> Terminal:
    """The app in a view, with all that there is."""
    app = Terminal(NETVIEW, size)
    app.until(lambda text: _is_complete(text, lab), 60)
    app.press(key)
    app.rest(_SETTLED_S)
    return app


def _has_frame(text: str) -> bool:
    return "netview" in text and "q quit" in text


def _is_complete(text: str, lab: Lab) -> bool:
    """Whether each container is counted; the lab's own home is one more."""
    found = _COUNTS.search(text)
    return found is not None and int(found[1]) > len(lab.containers) and int(found[3]) >= len(lab.containers)


def _count(app: Terminal) -> int:
    found = _ROWS.search(app.text)
    return int(found[1]) if found else 0


def _selected(app: Terminal) -> str:
    return next((line[2:].split()[0] for line in app.screen.display if line[1:2] in {"\u203a", ">"}), "")
