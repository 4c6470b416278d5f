"""Whose pids are ours."""

import os
import shutil
import subprocess
import sys

from netview.runtimes.pids import shared_with
from tests.require import missing


def test_our_own_pids_are_ours() -> None:
    assert shared_with(os.getpid())


def test_a_process_that_the_kernel_does_not_show_us_has_other_pids() -> None:
    assert not shared_with(0)


def test_a_process_that_ended_is_not_held_to_be_elsewhere() -> None:
    assert shared_with(2**22 - 1)


def test_a_process_in_a_pid_namespace_below_ours_has_other_pids() -> None:
    script = "import os,sys; os.fork() or (sys.stdout.write('up'), sys.stdout.flush(), sys.stdin.read(), os._exit(0)); os.wait()"
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        missing("a pid namespace needs root and unshare")
    command = ["unshare", "--pid", "--", sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"up"
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as children:  # noqa: PTH123
            (child,) = children.read().split()
        assert shared_with(process.pid)
        assert not shared_with(int(child))
