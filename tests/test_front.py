import errno
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from netview import front
from netview.archive import Recorder
from netview.commands import app as command
from netview.commands import record, serve, snapshot
from netview.derive.path.questions import Answer, Question, Unanswered
from netview.lab import demo
from netview.live import Poller, Want
from netview.model import EngineAnswer, Notice, Sample
from netview.ui import app
from netview.ui.options import Options
from tests.factories import docker_sample
from tests.still import Still


class FakeSource(Still):
    """The docker world, once a beat."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.closed = False

    def sample(self, want: Want) -> Sample:
        del want
        self.taken += 1
        return docker_sample(float(self.taken))

    def answer(self, _: Question) -> Answer:
        return Unanswered("nobody knows")

    def close(self) -> None:
        self.closed = True


class FakeEngine:
    """Answers once it was waited for."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.waited: list[float] = []

    def start(self) -> None:
        self.called.append("start")

    def sighted(self, sample: Sample) -> None:
        del sample

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    def answer(self) -> EngineAnswer:
        return EngineAnswer()

    def notices(self) -> tuple[Notice, ...]:
        return (Notice("fake", f"waited {len(self.waited)} times"),)

    def stop(self) -> None:
        self.called.append("stop")


World = tuple[FakeSource, FakeEngine]


class FakeApp:
    """Remembers how it was made and run."""

    made: ClassVar["list[FakeApp]"] = []

    def __init__(self, poller: Poller, options: Options) -> None:
        self.poller, self.options, self.mouse = poller, options, True
        self.return_code = 7
        FakeApp.made.append(self)

    def run(self, *, mouse: bool) -> None:
        self.mouse = mouse


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What run() sets is put back."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    source, engine = FakeSource(), FakeEngine()
    for module in (front, command):
        monkeypatch.setattr(module, "opened", lambda _: (source, (engine,)))
    return source, engine


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Stdin and stdout are a terminal of many colours, and the app is a fake."""
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(app, "NetviewApp", FakeApp)
    monkeypatch.setattr(FakeApp, "made", [])
    return monkeypatch


def test_one_moment_gives_the_engines_their_time_and_lets_go_of_all(world: World) -> None:
    source, engine = world
    now = front.moment(front.Settings())
    assert now.notices == (Notice("fake", "waited 1 times"),)
    assert all(0 < seconds <= front.ENGINES_S for seconds in engine.waited)
    assert engine.called == ["start", "stop"]
    assert source.closed


def test_what_is_open_is_closed_when_a_command_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    source, engine = world

    def hidden(want: Want) -> Sample:
        raise PermissionError(want)

    monkeypatch.setattr(source, "sample", hidden)
    with pytest.raises(front.FrontError):
        front.moment(front.Settings())
    assert engine.called == ["start", "stop"]
    assert source.closed


def test_record_takes_as_many_samples_as_asked(world: World, tmp_path: Path) -> None:
    assert record.record(front.Settings(interval=0.0), tmp_path / "r", 3) == 0
    assert world[0].taken == 3
    assert world[0].closed


def test_a_terminal_gets_the_app(world: World, terminal: pytest.MonkeyPatch) -> None:
    del world, terminal
    settings = front.Settings(units="byte", ascii=True, no_mouse=True, interval=2.0)
    assert command.show(settings, "nginx-1") == 7
    (made,) = FakeApp.made
    expected = Options("LIVE", "byte", ascii=True, open_on="nginx-1", theme="dark", on_crash=front.mistake, save=command._save)
    assert replace(made.options, on_leave=None) == expected
    assert made.poller.interval == 2.0
    assert made.mouse is False


@pytest.mark.parametrize(
    ("name", "value", "theme"),
    [
        ("NO_COLOR", "1", "mono"),
        ("NO_COLOR", "", "dark"),
        ("TERM", "xterm", "ansi"),
        ("TERM", "linux", "ansi"),
        ("TERM", "screen", "ansi"),
        ("TERM", "tmux-256color", "dark"),
    ],
)
def test_few_colours_choose_the_terminals_own(
    world: World, terminal: pytest.MonkeyPatch, name: str, value: str, theme: str
) -> None:
    del world
    terminal.setenv(name, value)
    command.show(front.Settings(), None)
    assert FakeApp.made[0].options.theme == theme


def test_a_theme_that_was_asked_for_is_shown(world: World, terminal: pytest.MonkeyPatch) -> None:
    del world
    terminal.setenv("TERM", "linux")
    command.show(front.Settings(theme="light"), None)
    assert FakeApp.made[0].options.theme == "light"


def _seen_by(seen: list[front.Settings], code: int) -> Callable[[front.Settings], int]:
    def front_end(settings: front.Settings) -> int:
        seen.append(settings)
        return code

    return front_end


def test_the_demo_runs_its_front_end_over_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "run_demo", lambda run: run() + 1)
    seen: list[front.Settings] = []
    assert front.run(front.Settings(demo=True), _seen_by(seen, 4)) == 5
    assert [settings.mode for settings in seen] == ["DEMO"]


def test_where_the_kernel_refuses_the_demo_a_recording_loops_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "demo"
    with Recorder(path) as recorder:
        recorder.write(docker_sample())
        recorder.write(docker_sample(1.0))

    def refused(_: Any) -> int:
        raise demo.DemoUnavailable("user namespaces are switched off")

    monkeypatch.setattr(demo, "run_demo", refused)
    monkeypatch.setattr(demo, "recorded_demo", lambda: path)
    seen: list[front.Settings] = []
    front.run(front.Settings(demo=True), _seen_by(seen, 0))
    assert [settings.mode for settings in seen] == ["RECORDED"]
    source, engines = front.opened(seen[0])
    samples = [source.sample(Want()) for _ in range(5)]
    source.close()
    assert engines == ()
    assert {sample.notices for sample in samples} == {(Notice("demo", "user namespaces are switched off; this is a recording"),)}


def test_a_mistake_in_a_thread_is_told_when_the_front_end_is_over(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "mistake", lambda error: f"netview: {error!r}")

    def front_end(_: front.Settings) -> int:
        thread = threading.Thread(target=[].pop)
        thread.start()
        thread.join()
        assert capsys.readouterr().err == ""
        return 0

    assert front.run(front.Settings(), front_end) == 1
    assert capsys.readouterr().err == "netview: IndexError('pop from empty list')\n"


def test_a_kernel_that_cannot_be_read_at_all_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _ = world
    reason = "netview: the kernel cannot be read: No such file or directory: /proc/thread-self/ns/net\n"

    def sample(_: Want) -> Sample:
        raise FileNotFoundError(2, "No such file or directory", "/proc/thread-self/ns/net")

    def live(_: front.Settings) -> int:
        thread = threading.Thread(target=sample, args=(Want(),), name="netview-kernel")
        thread.start()
        thread.join()
        return 0

    monkeypatch.setattr(source, "sample", sample)
    assert front.run(front.Settings(), snapshot.tree) == 1
    assert capsys.readouterr().err == reason
    assert front.run(front.Settings(), live) == 1
    assert capsys.readouterr().err == reason
    assert source.closed


def test_a_terminal_that_hung_up_is_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    def writer() -> None:
        raise OSError(errno.EIO, "Input/output error")

    def front_end(_: front.Settings) -> int:
        thread = threading.Thread(target=writer)
        thread.start()
        thread.join()
        return 3

    assert front.run(front.Settings(), front_end) == 3
    assert capsys.readouterr().err == ""


def test_serve_without_its_extra_tells_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "netview.serve.server", None)
    assert serve.serve(front.Settings(), (), "127.0.0.1", 0) == 1
    assert "pip install 'netview-tui[serve]'" in capsys.readouterr().err
