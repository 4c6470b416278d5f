"""What the command line starts: a source, and a front end over it. All else is imported where it is needed, for a quick start."""

import errno
import gc
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from netview.serve.page_app import end_with_server, is_behind_page
from netview.slowly import Meanwhile, is_gone, written
from netview.text import plain, safe

if TYPE_CHECKING:
    from netview.config import Config
    from netview.derive.find import Match
    from netview.derive.path.ends import Query
    from netview.derive.path.questions import Answer, Question
    from netview.kernel.live_source import Backend
    from netview.live import Answering, Engine, Update
    from netview.model import Notice, Sample, Snapshot
    from netview.text import Units
    from netview.ui.options import Remembered, ThemeName

ENGINES_S = 2.0
"""How long a one-shot command waits for the container engines."""
_HEED_S = 0.1
"""So long it may take until a signal, or that nobody reads any more, is noticed."""
_BETWEEN_S = 1.0
"""What grows is seen between two samples."""
_FEW_COLOURS = frozenset({"xterm", "linux", "screen"})


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
        return _guarded(front_end, settings)
    from netview.lab.demo import DemoUnavailable, recorded_demo, run_demo
    from netview.model import Notice

    try:
        return run_demo(lambda: _guarded(front_end, replace(settings, mode="DEMO")))
    except DemoUnavailable as error:
        notice = Notice("demo", f"{error}; this is a recording")
        return _guarded(front_end, replace(settings, replay=recorded_demo(), mode="RECORDED", notices=(notice,)))


def show(settings: Settings, name: str | None) -> int:
    """The app; the tree where no terminal can hold it."""
    if is_behind_page():
        end_with_server()
    elif not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)) or os.environ.get("TERM") == "dumb":
        return tree(settings, name)
    gc.disable()  # What is made before the first frame is never garbage; the app turns it on again.
    from netview.live import Poller
    from netview.ui.app import NetviewApp
    from netview.ui.messages import Failed
    from netview.ui.options import Options, Remembered

    source, engines = _open(settings)
    remembered, on_leave = _memory() if settings.mode == "LIVE" else (Remembered(), None)
    options = Options(
        mode=settings.mode,
        units=settings.units,
        ascii=settings.ascii,
        open_on=name,
        theme=settings.theme or _theme(),
        keymap={} if settings.config is None else settings.config.keys,
        warnings=() if settings.config is None else _ignored(settings.config),
        remembered=remembered,
        on_leave=on_leave,
        save=None if is_behind_page() else _save,
        on_crash=mistake,
    )
    app = NetviewApp(Poller(source, engines, interval=settings.interval, answer=source.answer), options)
    kept = threading.excepthook

    def end(crash: threading.ExceptHookArgs) -> None:
        if _hung_up(crash.exc_value):
            # Nobody is left to show anything to, and Textual would wait for good for the thread that wrote to the terminal.
            os._exit(128 + signal.SIGHUP)
        kept(crash)
        if crash.thread is not None and crash.thread.name.startswith("netview-"):
            app.post_message(Failed())

    threading.excepthook = end
    returned = app.run(mouse=not settings.no_mouse)
    return returned if isinstance(returned, int) else app.return_code or 0


def serve(settings: Settings, words: "Sequence[str]", address: str, port: int) -> int:
    """The app in a browser; `words` are the options that each page's app gets."""
    try:
        from ipaddress import ip_address

        from netview.serve.server import serve as serve_pages
    except ModuleNotFoundError as error:
        tell(f"serve needs {error.name}: pip install 'netview-tui[serve]'")
        return 1
    try:
        where = ip_address(address)
    except ValueError:
        tell(f"--bind takes an IP address of this machine, not {address!r}")
        return 2
    if not where.is_loopback:
        tell(
            f"on {where} everybody who reaches it and learns the address below sees this host's network as you do; nothing is"
            " encrypted, so that others on the way read along. ssh -L would be better"
        )

    def start(_settings: Settings) -> int:
        command = (sys.executable, "-m", "netview", *words)
        try:
            return serve_pages(command, str(where), port, say)
        except OSError as error:
            raise FrontError(f"cannot listen on {where}, port {port}: {error.strerror or error}") from None

    return _guarded(start, settings)


def tree(settings: Settings, name: str | None = None) -> int:
    """The wiring as text; a name that nothing bears is told instead."""
    from netview.export.tree import lines

    now = moment(settings)
    if name is not None:
        _matches(now, name)
    write("\n".join(lines(now)) + "\n", ascii_only=settings.ascii)
    return 0


def json(settings: Settings) -> int:
    """The JSON contract; what could not be read goes to stderr."""
    from netview.export.json import encode

    return _written(moment(settings), encode, ascii_only=True)


def dot(settings: Settings) -> int:
    """The network as a graph in Graphviz' language."""
    from netview.export.dot import lines

    return _drawn(settings, lines)


def mermaid(settings: Settings) -> int:
    """The network as a flowchart in Mermaid's language."""
    from netview.export.mermaid import lines

    return _drawn(settings, lines)


def svg(settings: Settings) -> int:
    """The network as a drawing."""
    from netview.export.svg import lines

    return _drawn(settings, lines)


def which(settings: Settings, name: str) -> int:
    """Whose it is and where it is plugged in, one line a wire."""
    from netview.export.which import sentences

    now = moment(settings)
    lines = dict.fromkeys(line for match in _matches(now, name) for line in sentences(now, match))
    write("\n".join(lines) + "\n", ascii_only=settings.ascii)
    return 0


def names() -> "list[str]":
    """What a shell completes: links of this namespace and named ones, as far as they need no quotes."""
    from netview.kernel.names import names_here

    return names_here()


def completion(script: str) -> int:
    """A shell's own words."""
    write(script + "\n", ascii_only=False)
    return 0


def path(settings: Settings, query: "Query", output: str) -> int:
    """The way of a packet and of its reply; 0: it gets through, 1: it does not, 3: nobody can tell."""
    gc.disable()  # As for one moment.
    from netview.derive.build import build
    from netview.derive.path.ends import EndError
    from netview.derive.path.walk import asked
    from netview.export.path import encode, lines, status
    from netview.live.followed import followed

    with sampling(settings) as (sample, answer):
        now = build(sample())
        try:
            found = followed(asked(now, query), answer)
        except EndError as error:
            raise FrontError(str(error)) from None
    if output == "json":
        write(encode(now, found, query.source, query.destination) + "\n", ascii_only=True)
    else:
        write("\n".join(lines(now, found, query.source, query.destination)) + "\n", ascii_only=settings.ascii)
    return status(found)


def doctor(settings: Settings, output: str) -> int:
    """What is wrong, by two samples a second apart; 0: nothing, 1: something, 2: nobody could look."""
    gc.disable()  # As for one moment.
    from netview.derive.build import build
    from netview.derive.doctor.check import Answers
    from netview.derive.doctor.checks import counted, judged
    from netview.export.doctor import encode, lines, status
    from netview.live.followed import followed

    try:
        with sampling(settings) as (sample, answer):
            first = sample()
            now = before = build(first)
            earlier = followed(counted(before), lambda asked: answer(asked.question))
            time.sleep(0.0 if settings.replay else _BETWEEN_S)
            with suppress(StopIteration):
                now = build(sample(), first, before)
            answers = Answers(earlier=earlier, before=before)
            found = followed(judged(now, answers), lambda asked: answer(asked.question))
    except FrontError as error:
        tell(str(error))
        return 2
    if output == "json":
        write(encode(now, found) + "\n", ascii_only=True)
    else:
        write("\n".join(lines(found)) + "\n", ascii_only=settings.ascii)
    return status(found)


def record(settings: Settings, path: Path, count: int | None) -> int:
    """Samples to a new file until they are enough, or a signal asks to stop."""
    from netview.archive import Recorder, RecordingError

    stopped = stop_on_signals()
    try:
        with sampling(settings) as (sample, _), Recorder(path) as recorder:
            due = time.monotonic()
            while not stopped.is_set():
                recorder.write(sample())
                if recorder.samples == count:
                    break
                due = max(due + settings.interval, time.monotonic())
                stopped.wait(due - time.monotonic())
    except StopIteration:
        pass  # What is recorded is a recording, and it is over.
    except RecordingError as error:
        raise FrontError(str(error)) from None
    tell(f"{recorder.samples} samples in {path}; play them with: netview --replay {path}")
    return 0


def watch(settings: Settings) -> int:
    """What changes, as it changes, until a signal asks to stop, nobody reads any more or a recording is over."""
    from netview.export.events import lines

    if sys.stdout is None:
        raise FrontError("stdout is closed")
    before = None
    for update in _updates(settings, stop_on_signals()):
        if before is not None and update.events:
            told = "".join(f"{line}\n" for line in lines(update.events, before, update.snapshot))
            if not write(told, ascii_only=True):
                break
        before = update.snapshot
    return 0


def _updates(settings: Settings, stopped: threading.Event) -> "Iterator[Update]":
    """One after the other until a signal asks to stop or nobody reads stdout; of a recording all at once, its moments passed."""
    from netview.live import Poller

    # A recording that stands for a demo is over, too, when it ends: what happens in it happens once.
    source, engines = _open(replace(settings, thorough=True, mode="REPLAY" if settings.replay else settings.mode))
    poller = Poller(source, engines, interval=settings.interval)
    if settings.replay is not None:
        with suppress(StopIteration), closing(source):
            while not (stopped.is_set() or is_gone(sys.stdout)):
                yield poller.step()
        return
    updates: queue.SimpleQueue[Update] = queue.SimpleQueue()
    poller.start(updates.put)
    try:
        while not (stopped.is_set() or is_gone(sys.stdout) or poller.ended(0)):
            with suppress(queue.Empty):
                yield updates.get(timeout=_HEED_S)
    finally:
        poller.stop()


def configured(path: Path | None) -> "Config":
    """The user's configuration: the file that was named, or the one in the usual place; raises FrontError."""
    from netview.config import ConfigError, load, place

    try:
        return load(place(os.environ, os.geteuid()) if path is None else path, named=path is not None)
    except ConfigError as error:
        raise FrontError(str(error)) from None


def print_config(config: "Config") -> int:
    """A whole configuration, with what the user set in it."""
    from netview.config import template
    from netview.ui.keys import keys

    write(template(config, keys()), ascii_only=False)
    return 0


def moment(settings: Settings) -> "Snapshot":
    """One snapshot, with what the engines say within their time."""
    gc.disable()  # One moment is never garbage while it is written, and the process ends then.
    from netview.derive.build import build

    with sampling(settings) as (sample, _):
        return build(sample())


def write(text: str, *, ascii_only: bool, meanwhile: Meanwhile | None = None) -> bool:
    """To stdout; a reader that has gone away is no mistake, but False. `meanwhile`: where a slow one must not hold all up."""
    if sys.stdout is None:
        raise FrontError("stdout is closed")
    data = plain(text).encode("ascii", "backslashreplace") if ascii_only else text.encode()
    try:
        if meanwhile is not None:
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


def _drawn(settings: Settings, lines: "Callable[[Snapshot], Iterator[str]]") -> int:
    """In UTF-8 whatever the locale, as those who draw it expect."""
    return _written(moment(settings), lambda now: "\n".join(lines(now)), ascii_only=False)


def _written(now: "Snapshot", text: "Callable[[Snapshot], str]", *, ascii_only: bool) -> int:
    write(text(now) + "\n", ascii_only=ascii_only)
    for notice in now.notices:
        tell(f"{notice.source}: {notice.text}")
    return 0


def _matches(now: "Snapshot", name: str) -> "tuple[Match, ...]":
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


def _guarded(front_end: Callable[[Settings], int], settings: Settings) -> int:
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
    source, engines = _open(replace(settings, thorough=True))
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


def _open(settings: Settings) -> "tuple[Answering, tuple[Engine, ...]]":
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


def _save(stem: str, suffix: str, text: str) -> tuple[str, bool]:
    """A new file here, for the app's exports."""
    from netview.saving import SavingError, save

    try:
        return f"saved as {save(os.environ, stem, suffix, text)}", True
    except SavingError as error:
        return str(error), False


def _memory() -> "tuple[Remembered, Callable[[Remembered], None] | None]":
    """How the app was left the last time, and what keeps that."""
    from netview.memory import place, recall, remember
    from netview.ui.options import Remembered

    path = place(os.environ)
    return (Remembered(), None) if path is None else (recall(path), partial(remember, path))


def _ignored(config: "Config") -> tuple[str, ...]:
    """What the configuration says and nobody understands."""
    if not config.keys:
        return config.ignored
    from netview.ui.keys import keys

    return config.ignored + config.unknown_actions(keys().keys())


def _hung_up(error: BaseException | None) -> bool:
    """Whether this is what the thread that Textual writes with is told of a terminal that has gone."""
    return isinstance(error, OSError) and error.errno == errno.EIO


def _is_terminal(stream: TextIO | None) -> bool:
    """A stream that was closed before the start is None."""
    return stream is not None and stream.isatty()


def _theme() -> "ThemeName":
    """The terminal's own colours where it has few, none where it was told to use none."""
    if os.environ.get("NO_COLOR"):
        return "mono"
    return "ansi" if os.environ.get("TERM") in _FEW_COLOURS else "dark"
