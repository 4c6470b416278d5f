"""A terminal that goes away takes the app along, however much it still had to write."""

import os
import pty
import subprocess
import sys
import termios
import time

from netview.lab.demo import recorded_demo


def test_a_terminal_that_goes_while_it_takes_nothing_more_ends_the_app() -> None:
    program = [sys.executable, "-m", "netview", "--replay", str(recorded_demo())]
    environment = os.environ | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (45, 160))
    with subprocess.Popen(program, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, process_group=0) as process:
        os.close(theirs)
        try:
            shown = b""
            while b"nginx-2" not in shown:
                shown += os.read(ours, 65536)
            # Nothing is read from here on: the app fills the terminal, and then the queue of the thread that writes to it.
            for _ in range(300):
                os.write(ours, b"21")
                time.sleep(0.005)
        finally:
            os.close(ours)
        try:
            assert process.wait(5) == 129
        finally:
            process.kill()
