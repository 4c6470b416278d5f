"""A real dockerd of an ordinary user, started as Docker's own script starts it."""

import contextlib
import subprocess
from pathlib import Path

from tests.engines.docker_lab import IMAGE
from tests.engines.image import root_file_system
from tests.engines.user_lab import RUN, UserLab
from tests.kernel.lab import wait

TOOLS = ("docker", "dockerd", "rootlesskit", "slirp4netns", "newuidmap", "setpriv", "iptables", "ip", "nsenter", "busybox")
SCRIPT = Path("/usr/share/docker.io/contrib/dockerd-rootless.sh")


class RootlessDockerLab(UserLab):
    """Docker with one image, in the user's own namespaces."""

    def __init__(self) -> None:
        super().__init__("rldock")
        self.socket = RUN / "docker.sock"
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the namespaces, the user, the engine and the image."""
        super().start()
        data = ("--data-root", f"{self.folder}/home/data", "--storage-driver", "vfs")
        self._daemon = self.launch(*self.become(), "sh", str(SCRIPT), *data, "-H", f"unix://{self.socket}")
        assert wait(self._answers, 30), self.log()
        self.docker("import", "-", IMAGE, stdin=root_file_system())

    def docker(self, *arguments: str, stdin: bytes = b"") -> str:
        """What docker prints."""
        return self.as_user("docker", "-H", f"unix://{self.socket}", *arguments, stdin=stdin)

    def id(self, name: str) -> str:
        """Of a container."""
        return self.docker("inspect", "-f", "{{.Id}}", name)

    def stop(self) -> None:
        """Remove all containers, and then everything."""
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            self.docker("rm", "-f", *self.docker("ps", "-aq").split())
        super().stop()
        if self._daemon is not None:
            self._daemon.wait(20)

    def _answers(self) -> bool:
        with contextlib.suppress(AssertionError):
            self.docker("version")
            return True
        return False
