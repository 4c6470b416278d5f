import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from netview import __version__, cli, front
from netview.archive import Recorder
from netview.commands import snapshot, watch
from netview.lab import demo
from netview.model import Notice
from tests.factories import HOME, HOSTILE, docker_sample

NOT_FOR_A_QUESTION = {"textual", "rich"}
NOT_AT_ONCE = NOT_FOR_A_QUESTION | {"pyroute2", "psutil", "msgspec", "netview.model", "netview.live", "netview.ui"}
UTF8 = {**os.environ, "LC_ALL": "C.UTF-8"}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "world"
    with Recorder(path) as recorder:
        for at in range(3):
            recorder.write(docker_sample(float(at)))
    return path


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "hostile"
    with Recorder(path) as recorder:
        recorder.write(docker_sample(hostile=True))
    return path


def run(*arguments: str | Path, environ: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "netview", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=UTF8 | (environ or {}), timeout=60)


def loaded_after(*arguments: str | Path) -> set[str]:
    """Which modules a command has imported when it ends."""
    script = "import sys; from netview.cli import main; code = main(sys.argv[1:]); print('\\n', *sys.modules); sys.exit(code)"
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True, check=True, env=UTF8, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["-h"], ["--help"], ["--version"], ["which", "-h"], ["snapshot", "--help"]])
def test_help_and_version_import_next_to_nothing(arguments: list[str]) -> None:
    assert not loaded_after(*arguments) & NOT_AT_ONCE


@pytest.mark.parametrize("arguments", [["snapshot"], ["snapshot", "-o", "json"], ["which", "nginx-1"], []])
def test_one_shot_commands_load_no_textual(recording: Path, arguments: list[str]) -> None:
    assert not loaded_after("--replay", recording, *arguments) & NOT_FOR_A_QUESTION


def test_version_is_told() -> None:
    assert run("--version").stdout == f"netview {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--nonsense"], "--nonsense"),
        (["snapshot", "--nonsense"], "--nonsense"),
        (["nginx-1", "--nonsense"], "--nonsense"),
        (["snapshot", "-o", "pdf"], "'-o'"),
        (["--backend", "guess"], "--backend"),
        (["--interval", "0.1"], "--interval"),
        (["--interval", "often"], "--interval"),
        (["--interval", "nan"], "--interval"),
        (["drops", "--seconds", "nan"], "--seconds"),
        (["trace", "--seconds", "nan"], "--seconds"),
        (["capture", "lo", "--seconds", "nan"], "--seconds"),
        (["record"], "FILE"),
        (["which"], "NAME"),
        (["one", "two"], "two"),
        (["--demo", "snapshot", "--replay", "x"], "--demo"),
    ],
)
def test_a_bad_option_ends_with_2_and_is_named(arguments: list[str], named: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_the_tree_is_printed_where_stdout_is_no_terminal(recording: Path) -> None:
    done = run("--replay", recording)
    assert done.returncode == 0
    assert "├─ nginx-1 eth0 172.17.0.2/16 ⇄ veth9c02e56 · port 1 forwarding" in done.stdout
    assert done.stdout == run("snapshot", "--replay", recording).stdout


def test_which_answers_in_one_line(recording: Path) -> None:
    done = run("--replay", recording, "which", "veth9c02e56")
    assert (done.returncode, done.stdout, done.stderr) == (0, "nginx-1 eth0 · docker · docker0 port 1\n", "")


def test_which_of_something_unknown_ends_with_1_and_one_line(recording: Path) -> None:
    done = run("which", "nope", "--replay", recording)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("netview: nope: ")
    assert done.stderr.count("\n") == 1


def test_which_says_what_it_could_not_look_at(tmp_path: Path) -> None:
    path = tmp_path / "world"
    with Recorder(path) as recorder:
        recorder.write(replace(docker_sample(), notices=(Notice("docker", "permission denied"),)))
    assert run("--replay", path, "which", "nope").stderr.endswith(" is called that; but docker: permission denied\n")


def test_a_name_that_nothing_bears_is_told_instead_of_a_tree(recording: Path) -> None:
    done = run("nope", "--replay", recording)
    assert (done.returncode, done.stdout) == (1, "")


def test_a_name_called_like_a_command_stands_after_two_dashes(recording: Path) -> None:
    done = run("--replay", recording, "--", "which")
    assert done.stderr.startswith("netview: which: no container")
    assert run("--replay", recording, "--", "nginx-1").returncode == 0


def test_a_name_may_begin_with_a_dash(recording: Path) -> None:
    assert run("--replay", recording, "--", "-x").stderr.startswith("netview: -x: no container")


@pytest.mark.parametrize("words", [["snapshot"], ["--print-config"], ["completion", "bash"]])
def test_a_closed_stdout_is_told_in_one_line(recording: Path, words: list[str]) -> None:
    command = f"exec {shlex.join([sys.executable, '-m', 'netview', '--replay', str(recording), *words])} >&-"
    done = subprocess.run(["/bin/sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, "netview: stdout is closed\n")


def test_what_is_told_goes_nowhere_where_stderr_is_closed(recording: Path) -> None:
    command = f"exec {shlex.join([sys.executable, '-m', 'netview', '--replay', str(recording), 'which', 'nope'])} 2>&-"
    done = subprocess.run(["/bin/sh", "-c", command], stdout=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")


def test_options_stand_before_and_after_a_command(recording: Path) -> None:
    before = run("--replay", recording, "--ascii", "which", "nginx-1")
    after = run("which", "--ascii", "nginx-1", "--replay", recording)
    assert before.stdout == after.stdout == "nginx-1 eth0 - docker - docker0 port 1 - veth9c02e56\n"


@pytest.mark.parametrize(
    "arguments", [["snapshot"], ["snapshot", "--ascii"], ["snapshot", "-o", "json"], ["which", "172.17.0.2"]]
)
def test_nothing_hostile_leaves(hostile: Path, arguments: list[str]) -> None:
    text = run("--replay", hostile, *arguments).stdout
    assert text
    assert all(line.isprintable() for line in text.split("\n"))
    assert "\u202e" not in text


def test_json_gives_hostile_names_back(hostile: Path) -> None:
    done = run("--replay", hostile, "snapshot", "-o", "json")
    assert done.stdout.isascii()
    labels = [namespace["label"] for namespace in json.loads(done.stdout)["namespaces"]]
    assert HOSTILE in labels


@pytest.mark.parametrize(
    ("environ", "utf8"),
    [
        ({}, False),
        ({"LANG": "C"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_ALL": "C.UTF-8"}, True),
    ],
)
def test_a_locale_without_utf8_draws_with_ascii(environ: dict[str, str], utf8: bool) -> None:
    assert cli._is_utf8(environ) is utf8


@pytest.mark.parametrize("environ", [{"LC_ALL": "C"}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": "C"}, {"LC_ALL": "POSIX"}])
def test_the_c_locale_draws_with_ascii_by_itself(recording: Path, environ: dict[str, str]) -> None:
    done = run("--replay", recording, environ=environ)
    assert done.stdout.isascii()
    assert "nginx-1 eth0 172.17.0.2/16 <> veth9c02e56" in done.stdout


def test_a_reader_that_leaves_is_no_mistake(recording: Path) -> None:
    command = [sys.executable, "-m", "netview", "--replay", str(recording), "snapshot", "-o", "json"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", [[], ["--help"], ["--version"], ["--print-config"], ["completion", "bash"]])
def test_a_full_disk_is_told_in_one_line(recording: Path, words: list[str]) -> None:
    command = [sys.executable, "-m", "netview", "--replay", str(recording), *words]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == b"netview: cannot write to stdout: No space left on device\n"


def test_a_dumb_terminal_gets_the_tree(recording: Path) -> None:
    command = [sys.executable, "-m", "netview", "--replay", str(recording), "--ascii"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**UTF8, "TERM": "dumb"})
    os.close(theirs)
    text = b"".join(_until_closed(ours)).decode()
    assert process.wait(60) == 0
    assert "`- nginx-2 eth0" in text
    assert "\x1b" not in text


def _until_closed(descriptor: int) -> Iterator[bytes]:
    try:
        while data := os.read(descriptor, 65536):
            yield data
    except OSError:
        pass  # A pty whose other side is closed gives EIO.
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1f\x8b\x08\x00"])
def test_what_is_no_recording_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    done = run("--replay", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"netview: {path} is no recording of netview: make one with `netview record FILE`\n"


def test_record_writes_what_replay_reads(recording: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    done = run("--replay", recording, "record", copy, "--count", "2", "--interval", "0.5")
    assert done.returncode == 0
    assert done.stderr == f"netview: 2 samples in {copy}; play them with: netview --replay {copy}\n"
    assert run("--replay", copy).stdout == run("--replay", recording).stdout
    again = run("--replay", recording, "record", copy)
    assert again.returncode == 1
    assert "exists already" in again.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_record_ends_whole_when_it_is_asked_to_stop(recording: Path, tmp_path: Path, number: int) -> None:
    path = tmp_path / "stopped"
    command = [sys.executable, "-m", "netview", "--replay", str(recording), "record", str(path), "--interval", "10"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while not path.exists() or path.stat().st_size < 500:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.count("\n")) == (0, 1)
    assert "samples in" in said
    assert run("--replay", path).returncode == 0


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """For commands run in this process: the hooks that main() sets are put back."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    return monkeypatch


def test_ctrl_c_ends_with_130_and_no_traceback(here: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: front.Settings) -> int:
        raise KeyboardInterrupt

    here.setattr(snapshot, "json", interrupted)
    assert cli.main(["snapshot", "-o", "json"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_another_system_than_linux_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cli.main(["snapshot"]) == 1
    said = capsys.readouterr().err
    assert said == "netview: it reads the Linux kernel, and this is darwin\n"


def test_a_mistake_is_one_safe_line_and_a_private_file(tmp_path: Path) -> None:
    script = (
        "import sys; from netview import cli; from netview.commands import snapshot\n"
        "def broken(settings):\n    secret = 'no-' + 'locals'\n    raise KeyError('a\\x1b[2Jb')\n"
        "snapshot.json = broken; sys.exit(cli.main(['snapshot', '-o', 'json']))"
    )
    environ = {**UTF8, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=60)
    (path,) = tmp_path.iterdir()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.strip().isprintable()
    assert str(path) in done.stderr
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_text()
    assert "KeyError" in kept
    assert "no-locals" not in kept
    assert "\x1b" not in kept


def test_notices_are_told_beside_the_json(tmp_path: Path) -> None:
    path = tmp_path / "world"
    with Recorder(path) as recorder:
        recorder.write(replace(docker_sample(), notices=(Notice("docker", "no"),)))
    done = run("--replay", path, "snapshot", "-o", "json")
    assert done.stderr == "netview: docker: no\n"
    assert json.loads(done.stdout)["schema"] == "netview.snapshot/1"


def test_every_theme_of_the_app_can_be_asked_for_and_no_other() -> None:
    from netview.ui.themes import THEMES  # noqa: PLC0415 - Textual, which the command line never imports

    assert tuple(THEMES) == cli._THEMES


def test_watch_writes_what_changed_in_a_recording_and_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "changing"
    first, second = docker_sample(0), docker_sample(1)
    home = second.tables[HOME]
    links = {ifindex: link for ifindex, link in home.links.items() if ifindex != 9}
    with Recorder(path) as recorder:
        for sample in (first, replace(second, tables={**second.tables, HOME: replace(home, links=links)})):
            recorder.write(sample)
    done = run("watch", "--replay", path)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert [(one["event"], one["object"], one["before"]["name"]) for one in told] == [("gone", "link", "veth5a5cdcf")]
    assert run("watch", "--replay", tmp_path / "absent").returncode == 1


def test_watch_of_a_demo_that_is_a_recording_ends_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(_front_end: object) -> int:
        raise demo.DemoUnavailable("no namespaces here")

    monkeypatch.setattr(demo, "run_demo", refused)
    monkeypatch.setattr(watch, "write", lambda _text, **_: True)
    monkeypatch.setattr(watch, "is_gone", lambda _stream: False)
    assert cli.main(["watch", "--demo"]) == 0
    assert capsys.readouterr().err == ""


def test_watch_without_a_stdout_says_so_in_a_line() -> None:
    command = f"{sys.executable} -m netview watch >&-"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, "netview: stdout is closed\n")


def test_watch_ends_as_soon_as_nobody_reads(recording: Path) -> None:
    del recording
    command = f"{sys.executable} -m netview watch | sleep 1; echo done"
    began = time.monotonic()
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("done\n", "")
    assert time.monotonic() - began < 30
