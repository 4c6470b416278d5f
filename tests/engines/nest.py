"""Docker in a container of a lab's Docker."""

import subprocess
from pathlib import Path
from typing import Any

from tests.engines.docker_lab import IMAGE, DockerLab
from tests.engines.image import root_file_system
from tests.kernel.lab import wait

SOCKET = "/var/run/docker.sock"
_MOUNTS = ("/usr", "/etc/alternatives", "/etc/ssl")
# Not --privileged: this kind of machine lacks one of the capabilities.
_RIGHTS = ("SYS_ADMIN", "NET_ADMIN", "NET_RAW", "SYS_PTRACE")
_OPEN = ("seccomp=unconfined", "systempaths=unconfined", "apparmor=unconfined")
_START = f"""
for folder in lib lib64 sbin; do /bin/busybox ln -s usr/$folder /$folder; done
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
for folder in /sys/fs/cgroup/*; do /usr/bin/mount -o remount,bind,rw $folder; done
exec dockerd --data-root /data --storage-driver vfs --iptables=false -H unix://{SOCKET}
"""


class Nest:
    """The outer container, whose own programs are the machine's."""

    def __init__(self, lab: DockerLab, name: str) -> None:
        self._lab = lab
        self.name = name

    def start(self) -> None:
        """Start the engine within, and give it an image."""
        data = self._lab.folder / self.name
        data.mkdir()
        options = [
            *(word for place in _MOUNTS if Path(place).exists() for word in ("-v", f"{place}:{place}:ro")),
            *(word for right in _RIGHTS for word in ("--cap-add", right)),
            *(word for what in _OPEN for word in ("--security-opt", what)),
            *("--device-cgroup-rule", "a *:* rwm", "-v", f"{data}:/data"),
        ]
        self._lab.run(self.name, *options, command=("/bin/sh", "-c", _START))
        assert wait(lambda: self._asked("version").returncode == 0, 30), self._lab.docker("logs", self.name)
        done = self._asked("import", "-", IMAGE, stdin=root_file_system())
        assert done.returncode == 0, done.stderr

    def docker(self, *arguments: str) -> str:
        """What docker prints within."""
        done = self._asked(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().strip()

    def command(self, *argv: str) -> str:
        """What a command prints in the outer container."""
        done = self._exec("/usr/bin/env", "PATH=/usr/sbin:/usr/bin", *argv)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def _asked(self, *arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        path = ("/usr/bin/env", "PATH=/usr/sbin:/usr/bin", f"DOCKER_HOST=unix://{SOCKET}")
        return self._exec(*path, "docker", *arguments, stdin=stdin)

    def _exec(self, *argv: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        command: list[Any] = ["docker", "exec", "-i", self.name, *argv]
        return subprocess.run(command, env=self._lab.environment, input=stdin, capture_output=True, check=False, timeout=60)
