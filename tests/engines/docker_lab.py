"""A real dockerd whose host is a network namespace of its own."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from tests.engines.host import Host
from tests.engines.image import root_file_system
from tests.engines.terminal import Terminal
from tests.kernel.lab import NETNS, run, wait

TOOLS = ("docker", "dockerd", "ip", "iptables", "nsenter", "busybox")
IMAGE = "busybox:local"


class DockerLab(Host):
    """Docker with one image."""

    def __init__(self, *options: str) -> None:
        """`options`: further ones of dockerd."""
        super().__init__("dock")
        self._options = options
        self.socket = self.folder / "docker.sock"
        self._daemon: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What leads docker and netview to this engine, and docker away from the user's own settings."""
        return super().environment | {"DOCKER_HOST": f"unix://{self.socket}", "DOCKER_CONFIG": str(self.folder)}

    def start(self) -> None:
        """Make the namespace, start the engine, build the image."""
        super().start()
        self.serve()
        subprocess.run(
            ["docker", "import", "-", IMAGE],
            input=root_file_system(),
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def serve(self) -> None:
        """Start the engine."""
        options = {"data-root": "data", "exec-root": "exec", "pidfile": "pid", "host": "docker.sock"}
        paths = {option: str(self.folder / name) for option, name in options.items()}
        paths["host"] = f"unix://{paths['host']}"
        # Not `ip netns exec`: it mounts a /sys without the cgroups that dockerd looks for.
        self._daemon = self.launch(
            "dockerd", f"--cgroup-parent=/{self.namespace}", *(f"--{o}={p}" for o, p in paths.items()), *self._options
        )
        assert wait(self._answers, 60), self.log()

    def signal(self, number: signal.Signals) -> None:
        """Send the engine a signal; returns once it has ended, where that ends it."""
        assert self._daemon is not None
        self._daemon.send_signal(number)
        if number is signal.SIGKILL:
            self._daemon.wait(20)

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

    def proxies(self) -> list[int]:
        """Its processes that pass on what comes to published ports."""
        assert self._daemon is not None
        told = run(["ps", "-o", "pid=,comm=", "--ppid", str(self._daemon.pid)])
        return [int(line.split()[0]) for line in told.splitlines() if "docker-proxy" in line]

    def app(self, *arguments: str) -> Terminal:
        """The app in a terminal, started on the lab's host."""
        return Terminal(self.inside([sys.executable, "-m", "netview", *arguments]), self.environment)

    def stop(self) -> None:
        """End the engine, however far it had come, and remove everything."""
        if self._daemon is not None:
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                self.docker("rm", "-f", *self.docker("ps", "-aq").split())
            self._daemon.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._daemon.wait(20)
        super().stop()
        if self._daemon is not None:
            self._daemon.wait(20)

    def _answers(self) -> bool:
        assert self._daemon is not None
        assert self._daemon.poll() is None, self.log()
        return subprocess.run(["docker", "version"], env=self.environment, capture_output=True, check=False).returncode == 0
