"""The process tree of a lab: what it sees, how it ends, and that it leaves nothing."""

import os
import pty
import shlex
import signal
import subprocess
import sys

import psutil
import pytest

from tests.kernel.lab import wait
from tests.lab.hub import Hub, of_lab
from tests.lab.running import SCENARIO, SOMEBODY, Run, Running, nothing_left
from tests.require import missing

USERS = [None, SOMEBODY] if os.geteuid() == 0 else [None]
everybody = pytest.mark.parametrize("uid", USERS)


@everybody
def test_the_apps_exit_status_is_passed_on(run: Run, uid: int | None) -> None:
    running = run("seven", uid)
    assert running.status() == 7
    assert nothing_left(running)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_lab_runs_without_the_streams_that_were_closed_before(closed: str) -> None:
    command = f"exec {shlex.quote(sys.executable)} {shlex.quote(str(SCENARIO))} seven {closed}"
    assert subprocess.run(["/bin/sh", "-c", command], check=False, timeout=60).returncode == 7


def test_a_mistake_of_the_app_is_told_and_makes_status_1(run: Run) -> None:
    running = run("broken")
    assert "a mistake of the app" in running.errors()
    assert running.status() == 1


@everybody
def test_the_app_sees_its_own_lab_alone(run: Run, uid: int | None) -> None:
    running = run("look", uid)
    seen = running.line()
    assert running.status() == 0
    assert seen["uid"] == 0
    assert seen["hostname"] == "lab-vm"
    assert seen["run"] == ["docker", "netns"]
    assert "netview-reaper" in seen["comms"]
    assert len(seen["comms"]) < 25
    assert seen["links"][:3] == ["br-5f1c0a7e3b2d", "docker0", "eth0"]
    assert seen["readable"]
    assert seen["unasked"] == []


@everybody
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_reaches_the_app(run: Run, uid: int | None, number: signal.Signals) -> None:
    running = run("wait", uid)
    running.line()
    os.kill(running.pid, number)
    assert running.status() == (130 if number == signal.SIGINT else 128 + number)
    assert nothing_left(running)


@everybody
@pytest.mark.parametrize("member", ["outside", "reaper", "app"])
def test_a_killed_member_takes_everything_with_it(run: Run, uid: int | None, member: str) -> None:
    running = run("linger", uid)
    running.line()
    reaper = _reaper(running)
    victims = {"outside": running.pid, "reaper": reaper, "app": _app(running)}
    if os.geteuid() != 0:
        missing("only root is told of the end of a namespace")
    with Hub(of_lab(reaper)) as hub:
        assert hub.alive == 12
        os.kill(victims[member], signal.SIGKILL)
        assert running.status() == (-signal.SIGKILL if member == "outside" else 128 + signal.SIGKILL)
        assert nothing_left(running)
        assert hub.all_gone()


def test_the_outer_process_stops_with_the_app_and_goes_on_with_it(run: Run) -> None:
    running = run("stop")
    running.line()
    assert os.WIFSTOPPED(os.waitpid(running.pid, os.WUNTRACED)[1])
    os.killpg(running.pid, signal.SIGCONT)
    assert running.line() == {"resumed": True}
    assert running.status() == 5


def test_the_app_goes_on_once_where_its_whole_process_group_is_told_to(run: Run) -> None:
    running = run("count_continues")
    running.line()
    assert os.WIFSTOPPED(os.waitpid(running.pid, os.WUNTRACED)[1])
    os.killpg(running.pid, signal.SIGCONT)
    assert running.line() == {"continues": 1}
    assert running.status() == 0


def test_stop_and_go_on_sent_to_the_outer_process_alone_reach_the_app(run: Run) -> None:
    running = run("wait")
    running.line()
    app = psutil.Process(_app(running))
    os.kill(running.pid, signal.SIGTSTP)
    assert os.WIFSTOPPED(os.waitpid(running.pid, os.WUNTRACED)[1])
    assert app.status() == psutil.STATUS_STOPPED
    os.kill(running.pid, signal.SIGCONT)
    assert wait(lambda: app.status() != psutil.STATUS_STOPPED)
    os.kill(running.pid, signal.SIGTERM)
    assert running.status() == 128 + signal.SIGTERM


def test_a_stop_of_the_whole_process_group_as_in_the_background_is_followed_once(run: Run) -> None:
    running = run("wait")
    running.line()
    os.killpg(running.pid, signal.SIGTTOU)
    assert os.WIFSTOPPED(os.waitpid(running.pid, os.WUNTRACED)[1])
    os.killpg(running.pid, signal.SIGCONT)
    os.kill(running.pid, signal.SIGTERM)
    assert running.status() == 128 + signal.SIGTERM


def test_the_terminal_is_whole_again_after_the_app_was_killed(run: Run) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as master, os.fdopen(theirs, "r+b", buffering=0) as terminal:
        running = run("raw", stdin=terminal)
        assert running.line() == {"restored": True}
        assert running.status() == 128 + signal.SIGKILL
        screen = master.read(4096)
    assert b"\x1b[?1049l" in screen
    assert b"\x1b[?25h" in screen


@everybody
def test_a_kernel_without_user_namespaces_is_told_in_one_line(run: Run, uid: int | None) -> None:
    running = run("refused", uid)
    assert running.line() == {"refused": "unshare CLONE_NEWUSER: No space left on device (a limit in /proc/sys/user)"}
    assert running.status() == 3
    assert nothing_left(running)


def _reaper(running: Running) -> int:
    """The outer process's only child, once the one between has ended."""
    (child,) = psutil.Process(running.pid).children()
    return child.pid


def _app(running: Running) -> int:
    """The child of the reaper that is called as the process outside is; the daemons have names of their own."""
    name = psutil.Process(running.pid).name()
    (app,) = (child.pid for child in psutil.Process(_reaper(running)).children() if child.name() == name)
    return app
