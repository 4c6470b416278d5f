"""`netview drops`: what is dropped, where, and why; imported when that is asked for."""

import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing

from netview.derive.build import build
from netview.derive.drops import Reckoning, moved
from netview.export.drops import Found, encode, lines
from netview.front import FrontError, Settings, sampling, say, stop_on_signals, write
from netview.kernel.drops import DropWatch, Reasons, namespace_of
from netview.model import NamespaceId, Snapshot

_BEAT_S = 0.2
_NONE, _SOME = 0, 1


def drops(settings: Settings, seconds: float, output: str) -> int:
    """Look for some seconds; 0: nothing was dropped, 1: something was."""
    if settings.replay is not None:
        raise FrontError("a recording holds no drops: look at a running host")
    with sampling(settings) as (sample, _):
        now = build(sample())
    stopped = stop_on_signals()
    targets = {name: one.found.inode for name, one in now.namespaces.items() if one.found.inode is not None}
    unknown: list[tuple[str, str]] = []
    told = Reckoning()
    with ExitStack() as closed:
        watch = closed.enter_context(closing(DropWatch(targets)))
        reasons = _reasons(closed, unknown)
        say(f"netview: looking for {seconds:g} s")
        before, began = watch.counters(now.home), time.monotonic()
        _wait(stopped, seconds, reasons, told, {inode: name for name, inode in targets.items()})
        after, took = watch.counters(now.home), time.monotonic() - began
        unknown += [(_label(now, name), why) for name, why in watch.unread.items()]
        if reasons is not None and reasons.pipe.lost:
            unknown.append(("reasons", f"{reasons.pipe.lost} more than the kernel had room for"))
        if reasons is not None and reasons.pipe.is_behind:
            unknown.append(("reasons", "more came than could be read in time"))
    counters = sorted(moved(before, after), key=lambda one: (one.namespace != now.home, one.namespace, -one.packets))
    found = Found(now, took, counters, None if reasons is None else told.counts, unknown)
    text = encode(found) if output == "json" else "\n".join(lines(found))
    write(f"{text}\n", ascii_only=output == "json" or settings.ascii)
    return _SOME if found.counters or found.reasons else _NONE


def _reasons(closed: ExitStack, unknown: list[tuple[str, str]]) -> Reasons | None:
    try:
        return closed.enter_context(closing(Reasons()))
    except OSError as error:
        unknown.append(("the kernel's reasons", error.strerror or str(error)))
        return None


def _wait(
    stopped: threading.Event,
    seconds: float,
    reasons: Reasons | None,
    told: Reckoning,
    places: Mapping[int, NamespaceId],
) -> None:
    ends = time.monotonic() + seconds
    while not stopped.is_set() and (left := ends - time.monotonic()) > 0:
        if reasons is None:
            stopped.wait(left)
            continue
        for one in reasons.pipe.read(min(left, _BEAT_S)):
            inode = None if one.pid is None else namespace_of(one.pid)
            told.add(one, None if inode is None else places.get(inode))


def _label(now: Snapshot, namespace: NamespaceId) -> str:
    known = now.namespaces.get(namespace)
    return namespace if known is None else known.label
