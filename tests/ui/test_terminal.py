"""A real process on a real pseudo-terminal: it leaves the terminal as it found it."""

import os
import shlex
import signal
import sys
import time
from pathlib import Path

import pexpect
import pytest

PROGRAM = """
import sys
from netview.live import Poller
from netview.ui.app import NetviewApp
from netview.ui.options import Options
from tests.factories import docker_sample
from tests.ui.screen import FakeSource

def make(at):
    if "crash" in sys.argv and at > 1:
        app.call_from_thread(lambda: app.call_later(lambda: 1 / 0))
    return docker_sample(at)

def deaf(parser, data):
    raise TypeError("nothing is understood")

if "deaf" in sys.argv:
    from textual._xterm_parser import XTermParser
    XTermParser.feed = deaf

app = NetviewApp(Poller(FakeSource(make), interval=0.5), Options(on_crash=lambda error: "netview: it broke, see /tmp/somewhere"))
code = app.run()
sys.exit(app.return_code if code is None else code)
"""
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l")


def started(*arguments: str) -> "pexpect.spawn[bytes]":
    child: pexpect.spawn[bytes] = pexpect.spawn(sys.executable, ["-c", PROGRAM, *arguments], dimensions=(45, 160), timeout=20)
    child.expect(b"nginx-2")
    return child


def job(tmp_path: Path) -> "pexpect.spawn[bytes]":
    """The app in the foreground of a shell with job control."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    environment = {**os.environ, "PS1": "shell> ", "PYTHONPATH": str(Path(__file__).parents[2])}
    shell: pexpect.spawn[bytes] = pexpect.spawn(
        "/bin/bash", ["--norc", "--noprofile"], dimensions=(45, 160), timeout=20, env=environment
    )
    shell.expect_exact(b"shell> ")
    shell.sendline(shlex.join([sys.executable, str(program)]))
    shell.expect(b"nginx-2")
    return shell


def ended(child: "pexpect.spawn[bytes]") -> tuple[bytes, int | None]:
    """What it still wrote, and its exit code."""
    child.expect(pexpect.EOF)
    child.close()
    return child.before or b"", child.exitstatus


@pytest.mark.parametrize("key", ["q", "\x03", "\x11"])
def test_the_terminal_is_whole_after_a_key_that_quits(key: str) -> None:
    child = started()
    child.send(key)
    written, code = ended(child)
    assert code == 0
    assert all(sequence in written for sequence in RESTORED)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_terminal_is_whole_after_a_signal(number: signal.Signals) -> None:
    child = started()
    child.kill(number)
    written, code = ended(child)
    assert code == 128 + number
    assert all(sequence in written for sequence in RESTORED)


def test_bytes_that_are_no_text_end_nothing() -> None:
    child = started()
    child.send(b"\xff\xe9\x1b\xc3(\x9b2J")
    child.send(b"\x1b[99999999;5u")
    time.sleep(0.3)  # A read of its own: what is read with such a key is lost with it.
    child.send(b"2")
    child.expect(rb"TX bit/s")
    child.send(b"\x03")
    written, code = ended(child)
    assert code == 0
    assert b"Traceback" not in written


def test_a_mistake_of_the_thread_that_reads_is_one_line() -> None:
    child = started("deaf")
    child.send(b"x")
    written, code = ended(child)
    assert code == 1
    assert b"netview: it broke, see /tmp/somewhere" in written
    assert b"Traceback" not in written
    assert all(sequence in written for sequence in RESTORED)


def test_an_exception_leaves_a_whole_terminal_and_one_line() -> None:
    child = started("crash")
    written, code = ended(child)
    assert code == 1
    assert all(sequence in written for sequence in RESTORED)
    after = written.rpartition(b"\x1b[?1049l")[2]
    assert b"netview: it broke, see /tmp/somewhere" in after
    assert b"Traceback" not in written
    assert b"docker_sample" not in written


def test_ctrl_z_suspends_and_the_shell_may_go_on(tmp_path: Path) -> None:
    shell = job(tmp_path)
    shell.send("\x1a")
    shell.expect_exact(b"\x1b[?1049l")
    shell.expect_exact(b"Stopped")
    shell.sendline("fg")
    shell.expect_exact(b"\x1b[?1049h")
    shell.expect_exact(b"netview")
    shell.expect_exact(b"quit")
    shell.send("q")
    shell.expect_exact(b"shell> ")
    shell.sendline("exit $?")
    assert ended(shell)[1] == 0


@pytest.mark.parametrize("key", [True, False])
def test_where_no_shell_could_let_it_go_on_it_goes_on_by_itself(*, key: bool) -> None:
    child = started()
    for _ in range(2):
        if key:
            child.send("\x1a")
        else:
            child.kill(signal.SIGCONT)
        child.expect_exact(b"\x1b[?1049l")
        child.expect_exact(b"\x1b[?1049h")
        child.expect_exact(b"quit")
    child.send("2")
    child.expect_exact(b"TX bit/s")
    child.send("q")
    assert ended(child)[1] == 0
