"""What all commands stand on: a source, what is told, what ends them. All else is imported where it is needed."""

import errno
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from netview.text import plain, safe

if TYPE_CHECKING:
    from netview.config import Config
    from netview.derive.find import Match
    from netview.derive.path.questions import Answer, Question
    from netview.kernel.live_source import Backend
    from netview.live import Answering, Engine
    from netview.model import Notice, Sample, Snapshot
    from netview.slowly import Meanwhile
    from netview.text import Units
    from netview.ui.options import ThemeName

ENGINES_S = 2.0
"""How long a one-shot command waits for the container engines."""


class FrontError(Exception):
    """What stops a command; the message is one line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for, and what holds where nothing was."""

    demo: bool = False
    replay: Path | None = None
    backend: "Backend" = "native"
    interval: float = 1.0
    units: "Units" = "bit"
    theme: "ThemeName | None" = None
    """None: what suits the terminal."""
    ascii: bool = False
    no_mouse: bool = False
    mode: str = "LIVE"
    """The header's word: "LIVE", "DEMO", "RECORDED" or "REPLAY"."""
    notices: "tuple[Notice, ...]" = ()
    """Told beside the source's own."""
    sockets: bool = False
    """Whether one moment holds everybody's sockets."""
    facts: bool = False
    """The same of the files that say what containers believe of their host."""
    thorough: bool = False
    """Whether the first sample waits for what is costly to find."""
    config: "Config | None" = None
    """What the user's file says beyond these settings."""


def run(settings: Settings, front_end: Callable[[Settings], int]) -> int:
    """Run a front end, over the demo's network where that is asked for; the exit code."""
    if not settings.demo:
        return guarded(front_end, settings)
    from netview.lab.demo import DemoUnavailable, recorded_demo, run_demo
    from netview.model import Notice

    try:
        return run_demo(lambda: guarded(front_end, replace(settings, mode="DEMO")))
    except DemoUnavailable as error:
        notice = Notice("demo", f"{error}; this is a recording")
        return guarded(front_end, replace(settings, replay=recorded_demo(), mode="RECORDED", notices=(notice,)))


def moment(settings: Settings) -> "Snapshot":
    """One snapshot, with what the engines say within their time."""
    gc.disable()  # One moment is never garbage while it is written, and the process ends then.
    from netview.derive.build import build

    with sampling(settings) as (sample, _):
        return build(sample())


def write(text: str, *, ascii_only: bool, meanwhile: "Meanwhile | None" = None) -> bool:
    """To stdout; a reader that has gone away is no mistake, but False. `meanwhile`: where a slow one must not hold all up."""
    if sys.stdout is None:
        raise FrontError("stdout is closed")
    data = plain(text).encode("ascii", "backslashreplace") if ascii_only else text.encode()
    try:
        if meanwhile is not None:
            from netview.slowly import written

            return written(sys.stdout.fileno(), data, meanwhile)
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # What is left in the buffer must not fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    except OSError as error:
        raise FrontError(f"cannot write to stdout: {error.strerror}") from None
    return True


def tell(line: str) -> None:
    """One safe line on stderr."""
    say(f"netview: {safe(line)}")


def say(line: str) -> None:
    """A line that is safe already; a terminal that has gone away hears nothing, and what is told is never in stdout instead."""
    if sys.stderr is None:
        return
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - only ever before or after the app


def mistake(error: BaseException) -> str:
    """Keep the traceback of a mistake of netview's own; the line that says where it is."""
    from netview.crash import report

    return report(error)


def matches(now: "Snapshot", name: str) -> "tuple[Match, ...]":
    """What bears the name; raises FrontError where nothing does."""
    from netview.derive.find import find

    matches = find(now, name)
    if not matches:
        locked = sum(1 for namespace in now.namespaces.values() if namespace.tables.error is not None)
        hidden = [f"{locked} namespaces could not be read"] if locked else []
        hidden += [f"{notice.source}: {notice.text}" for notice in now.notices]
        perhaps = f"; but {', '.join(hidden)}" if hidden else ""
        raise FrontError(f"{name}: no container, namespace, link, address, MAC or pid here is called that{perhaps}")
    return matches


def stop_on_signals() -> threading.Event:
    """Set by the first ctrl+c, SIGTERM or SIGHUP; the second one kills as ever."""
    stopped = threading.Event()

    def stop(number: int, frame: object) -> None:
        del frame
        signal.signal(number, signal.SIG_DFL)
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    return stopped


def guarded(front_end: Callable[[Settings], int], settings: Settings) -> int:
    """What stops it is told in one line; what went wrong in its threads when it is over, since the screen may be the app's."""
    mistakes: list[str] = []

    def keep(crash: threading.ExceptHookArgs) -> None:
        error = crash.exc_value or crash.exc_type()
        if isinstance(error, OSError) and crash.thread is not None and crash.thread.name == "netview-kernel":
            mistakes.append(f"netview: {safe(_unreadable(error))}")
        # A terminal that has hung up gives EIO to the thread that Textual writes with.
        elif not (isinstance(error, OSError) and error.errno == errno.EIO):
            mistakes.append(mistake(error))

    threading.excepthook = keep
    try:
        code = front_end(settings)
    except FrontError as error:
        tell(str(error))
        code = 1
    except KeyboardInterrupt:
        code = 130
    for line in mistakes:
        say(line)
    return 1 if mistakes else code


@contextmanager
def sampling(settings: Settings) -> "Iterator[tuple[Callable[[], Sample], Callable[[Question], Answer]]]":
    """Samples with what the engines say, the first one gives them time for their first answer; and who answers questions."""
    from netview.live import Want, with_engines

    want = Want(sockets="all" if settings.sockets else "", facts="all" if settings.facts else "")
    source, engines = opened(replace(settings, thorough=True))
    for engine in engines:
        engine.start()
    until = time.monotonic() + ENGINES_S

    def sample() -> "Sample":
        try:
            facts = source.sample(want)
        except OSError as error:
            raise FrontError(_unreadable(error)) from None
        return with_engines(facts, engines, until=until)

    try:
        yield sample, source.answer
    finally:
        for engine in engines:
            engine.stop()
        source.close()


def _unreadable(error: OSError) -> str:
    """Why not even the first look at the kernel succeeded."""
    where = f": {error.filename}" if error.filename else ""
    return f"the kernel cannot be read: {error.strerror or error}{where}"


def opened(settings: Settings) -> "tuple[Answering, tuple[Engine, ...]]":
    """Where samples come from, and who names the containers in them."""
    if settings.replay is not None:
        from netview.archive import RecordingError, ReplaySource

        try:
            return ReplaySource(settings.replay, loop=settings.mode == "RECORDED", notices=settings.notices), ()
        except RecordingError as error:
            raise FrontError(str(error)) from None
    from netview.live import LaterEngine, LaterSource

    source = LaterSource(lambda: _live_source(settings))
    return source, () if settings.mode == "DEMO" else (LaterEngine(_engines),)


def _live_source(settings: Settings) -> "Answering":
    from netview.kernel.live_source import LiveSource

    return LiveSource(settings.backend, thorough=settings.thorough, staged=not settings.thorough)


def _engines() -> "Engine":
    from netview.kernel.expendable import Expendable
    from netview.runtimes.engines import Engines

    return Engines.from_environment(os.environ, Expendable().socket)
