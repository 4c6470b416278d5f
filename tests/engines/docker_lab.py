"""A real dockerd whose host is a network namespace of its own."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.engines.terminal import Terminal
from tests.kernel.lab import NETNS, run, wait

TOOLS = ("docker", "dockerd", "ip", "iptables", "nsenter", "busybox")
IMAGE = "busybox:local"
_APPLETS = ("sh", "sleep", "nc", "httpd", "cat", "ip", "ping", "wget")


class DockerLab:
    """Docker with one image, and the commands to ask it, the kernel around it and netview inside it."""

    def __init__(self) -> None:
        self.namespace = f"nv-dock-{os.getpid()}"
        # Short, since containerd's sockets are below it, and of its own, since a tmpfs may not hold an overlay.
        self.folder = Path(tempfile.mkdtemp(prefix="nv-dock-"))
        self.socket = self.folder / "docker.sock"
        self._daemon: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What leads docker and netview to this engine, and docker away from the user's own settings."""
        return os.environ | {"DOCKER_HOST": f"unix://{self.socket}", "DOCKER_CONFIG": str(self.folder)}

    def start(self) -> None:
        """Make the namespace, start the engine, build the image."""
        # As on a host with systemd: an unmounted namespace leaves the mount namespaces that were made meanwhile too.
        run(["mount", "--bind", str(self.folder), str(self.folder)])
        run(["mount", "--make-shared", str(self.folder)])
        run(["ip", "netns", "add", self.namespace])
        run(["ip", "-n", self.namespace, "link", "set", "lo", "up"])
        options = {"data-root": "data", "exec-root": "exec", "pidfile": "pid", "host": "docker.sock"}
        paths = {option: str(self.folder / name) for option, name in options.items()}
        paths["host"] = f"unix://{paths['host']}"
        # Not `ip netns exec`: it mounts a /sys without the cgroups that dockerd looks for.
        command = self.inside(["dockerd", f"--cgroup-parent=/{self.namespace}", *(f"--{o}={p}" for o, p in paths.items())])
        with (self.folder / "log").open("wb") as log:
            self._daemon = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        assert wait(self._answers, 60), self.log()
        subprocess.run(
            ["docker", "import", "-", IMAGE], input=_image(), env=self.environment, check=True, stdout=subprocess.DEVNULL
        )

    def log(self) -> str:
        """What dockerd had to say."""
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def inside(self, argv: Sequence[str]) -> list[str]:
        """A command line that runs another one on the lab's host."""
        return ["nsenter", f"--net={NETNS / self.namespace}", *argv]

    def docker(self, *arguments: str) -> str:
        """What docker prints."""
        done = subprocess.run(
            ["docker", *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
        return done.stdout.strip()

    def run(self, name: str, *options: str, command: Sequence[str] = ("sleep", "3600")) -> str:
        """Start a container; returns its id."""
        return self.docker("run", "-d", "--name", name, *options, IMAGE, *command)

    def inspect(self, name: str) -> dict[str, Any]:
        """What Docker knows about a container."""
        (told,) = json.loads(self.docker("inspect", name))
        return dict(told)

    def ip(self, *arguments: str, container: str | None = None) -> list[dict[str, Any]]:
        """What `ip -j …` prints on the lab's host, or in a container's namespace."""
        place = NETNS / self.namespace if container is None else self.inspect(container)["NetworkSettings"]["SandboxKey"]
        rows = json.loads(run(["nsenter", f"--net={place}", "ip", "-j", *arguments]) or "[]")
        return [row for row in rows if row]

    def netview(self, *arguments: str) -> str:
        """What netview prints, started on the lab's host."""
        command = self.inside([sys.executable, "-m", "netview", *arguments])
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def snapshot(self) -> dict[str, Any]:
        """What `netview snapshot -o json` prints there."""
        return dict(json.loads(self.netview("snapshot", "-o", "json")))

    def app(self, *arguments: str) -> Terminal:
        """The app in a terminal, started on the lab's host."""
        return Terminal(self.inside([sys.executable, "-m", "netview", *arguments]), self.environment)

    def stop(self) -> None:
        """End and remove everything, however far it had come."""
        if self._daemon is not None:
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                self.docker("rm", "-f", *self.docker("ps", "-aq").split())
            self._daemon.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._daemon.wait(20)
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._daemon.wait(20)
        wait(lambda: not self.processes())
        for mount in reversed(self.mounts()):
            subprocess.run(["umount", mount], check=False)
        subprocess.run(["ip", "netns", "del", self.namespace], check=False)
        for group in self.groups():
            group.rmdir()
        shutil.rmtree(self.folder)

    def left_over(self) -> list[str]:
        """What of the lab is still there."""
        processes = [f"process {pid}" for pid in self.processes()]
        names = [str(path) for path in (NETNS / self.namespace, self.folder, *self.groups()) if path.exists()]
        return [*processes, *self.mounts(), *names]

    def processes(self) -> list[int]:
        """The engine's processes: all of them name the lab's folder on their command line."""
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
        except (FileNotFoundError, ProcessLookupError):
            return False

    def _answers(self) -> bool:
        assert self._daemon is not None
        assert self._daemon.poll() is None, self.log()
        return subprocess.run(["docker", "version"], env=self.environment, capture_output=True, check=False).returncode == 0


def _folders(root: Path) -> Iterator[Path]:
    return (path for path in root.glob("**/*") if path.is_dir())


def _image() -> bytes:
    """A root file system of nothing but a static busybox."""
    busybox = shutil.which("busybox")
    assert busybox is not None
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in ("bin", "etc", "proc", "sys", "tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        tar.add(busybox, "bin/busybox")
        for applet in _APPLETS:
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
    return buffer.getvalue()
