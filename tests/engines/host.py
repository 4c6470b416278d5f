"""A network namespace that plays the host of an engine, and a folder for all that the engine keeps."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from tests.kernel.lab import NETNS, run, wait

_numbers = count()


class Host:
    """The commands to ask it, the kernel around it and netview inside it; nothing of it is left after stop()."""

    def __init__(self, kind: str) -> None:
        self.namespace = f"nv-{kind}-{os.getpid()}x{next(_numbers)}"
        # Short, since sockets are below it, and of its own, since a tmpfs may not hold an overlay.
        self.folder = Path(tempfile.mkdtemp(prefix=f"nv-{kind}-"))

    @property
    def environment(self) -> dict[str, str]:
        """What engine and netview are started with."""
        return dict(os.environ)

    def start(self) -> None:
        """Make the namespace."""
        # As on a host with systemd: an unmounted namespace leaves the mount namespaces that were made meanwhile too.
        run(["mount", "--bind", str(self.folder), str(self.folder)])
        run(["mount", "--make-shared", str(self.folder)])
        run(["ip", "netns", "add", self.namespace])
        run(["ip", "-n", self.namespace, "link", "set", "lo", "up"])

    def inside(self, argv: Sequence[str]) -> list[str]:
        """A command line that runs another one on the lab's host."""
        return ["nsenter", f"--net={NETNS / self.namespace}", *argv]

    def command(self, *argv: str, stdin: bytes = b"") -> str:
        """What a command prints on the lab's host."""
        done = subprocess.run(self.inside(argv), env=self.environment, input=stdin, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr.decode(errors='replace')}"
        return done.stdout.decode().strip()

    def launch(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start a daemon on the lab's host, in a session of its own; what it says goes to the log."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(self.inside(argv), env=self.environment, stdout=log, stderr=log, start_new_session=True)

    def log(self) -> str:
        """What daemons had to say."""
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def netview(self, *arguments: str) -> str:
        """What netview prints, started on the lab's host."""
        return self.command(sys.executable, "-m", "netview", *arguments)

    def snapshot(self) -> dict[str, Any]:
        """What `netview snapshot -o json` prints there."""
        return dict(json.loads(self.netview("snapshot", "-o", "json")))

    def stop(self) -> None:
        """Kill what names the folder, and remove everything."""
        # Again and again: one that keeps another starts it anew where that is killed first.
        wait(self._ended, 20)
        # Who was killed lets go of its files a little later.
        wait(lambda: all(_unmounted(mount) for mount in reversed(self.mounts())))
        subprocess.run(["ip", "netns", "del", self.namespace], check=False)
        for group in self.groups():
            group.rmdir()
        shutil.rmtree(self.folder)

    def _ended(self) -> bool:
        pids = self.processes()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not pids

    def left_over(self) -> list[str]:
        """What of the lab is still there."""
        processes = [f"process {pid}" for pid in self.processes()]
        names = [str(path) for path in (NETNS / self.namespace, self.folder, *self.groups()) if path.exists()]
        return [*processes, *self.mounts(), *names]

    def processes(self) -> list[int]:
        """Those that name the lab's folder on their command line, as an engine's do."""
        return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if self._names_lab(path)]

    def mounts(self) -> list[str]:
        """What is mounted on and below the lab's folder, outermost first."""
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        paths = (line.split()[4] for line in lines)
        return [path for path in paths if f"{path}/".startswith(f"{self.folder}/")]

    def groups(self) -> list[Path]:
        """The control groups of the lab, innermost first."""
        roots = [root for pattern in ("", "*/") for root in Path("/sys/fs/cgroup").glob(f"{pattern}{self.namespace}")]
        return [group for root in roots for group in (*sorted(_folders(root), reverse=True), root)]

    def _names_lab(self, cmdline: Path) -> bool:
        try:
            return os.fsencode(f"{self.folder}/") in cmdline.read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return False  # Some machines keep the environment of their first process to themselves.


def _unmounted(mount: str) -> bool:
    return subprocess.run(["umount", mount], check=False, capture_output=True).returncode == 0


def _folders(root: Path) -> Iterator[Path]:
    return (path for path in root.glob("**/*") if path.is_dir())
