"""A mistake in the kernel thread ends the app: a frozen screen would not be true."""

import os
import sys
from pathlib import Path

import pexpect

PROGRAM = """
import sys
from netview.cli import main
from netview.commands import app
from tests.factories import docker_sample
from tests.still import Still

class Breaks(Still):
    beats = 0

    def sample(self, want):
        self.beats += 1
        if self.beats > 2:
            raise ValueError("no \\x1b[2J such thing")
        return docker_sample(float(self.beats))

    def close(self):
        pass

app.opened = lambda settings: (Breaks(), ())
sys.exit(main(["--interval", "0.5"]))
"""


def test_a_mistake_in_the_kernel_thread_ends_the_app_with_one_safe_line(tmp_path: Path) -> None:
    # Its traceback goes to a temporary file.
    environment = os.environ | {"TMPDIR": str(tmp_path), "TERM": "xterm-256color"}
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, ["-c", PROGRAM], dimensions=(45, 160), timeout=20, env=environment
    )
    child.expect(b"nginx-2")
    child.expect(pexpect.EOF)
    child.close()
    written = child.before or b""
    after = written[written.rindex(b"\x1b[?1049l") :]
    assert child.exitstatus == 1
    assert b"a mistake of netview's own: ValueError: no \\x1b[2J such thing" in after
    assert b"\x1b[2J" not in after
