"""A real Podman of an ordinary user."""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.engines.image import archive
from tests.engines.podman_lab import CONFIG, IMAGE
from tests.engines.user_lab import RUN, UID, UserLab
from tests.kernel.lab import wait

TOOLS = ("podman", "conmon", "runc", "slirp4netns", "newuidmap", "setpriv", "ip", "nsenter", "busybox")
_PODMAN = ("podman", "--storage-driver", "vfs")


class RootlessLab(UserLab):
    """Podman with one image, started by nobody but the user."""

    def __init__(self) -> None:
        super().__init__("rootless")

    @property
    def environment_of_user(self) -> dict[str, str]:
        """With what keeps podman from the machine's own settings."""
        return super().environment_of_user | {"CONTAINERS_CONF": str(self.folder / "containers.conf")}

    def start(self) -> None:
        """Make the namespaces, the user and the image."""
        super().start()
        (self.folder / "containers.conf").write_text(CONFIG)
        self.podman("load", stdin=archive(IMAGE))

    def podman(self, *arguments: str, stdin: bytes = b"") -> str:
        """What podman prints."""
        return self.as_user(*_PODMAN, *arguments, stdin=stdin)

    @contextlib.contextmanager
    def api(self) -> Iterator[None]:
        """Podman's service where it listens for a user."""
        service = self.launch(*self.become(), *_PODMAN, "system", "service", "-t", "0")
        try:
            assert wait(lambda: "podman.sock" in self.command("find", str(RUN), "-name", "*.sock"), 20), self.log()
            yield
        finally:
            service.terminate()
            service.wait(20)

    @contextlib.contextmanager
    def nested(self) -> Iterator[int]:
        """A namespace in a user namespace of its own within that of the user's containers; the pid of its only process."""
        name = f"{self.folder}/nested"
        argv = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'echo $$ > "$0"; exec sleep 600', name]
        Path(name).touch()
        os.chown(name, UID, UID)
        inside = self.launch(*self.become(), *_PODMAN, "unshare", *argv)
        try:
            assert wait(lambda: bool(Path(name).read_text()), 20), self.log()
            yield int(Path(name).read_text())
        finally:
            inside.terminate()
            inside.wait(20)

    def pid(self, name: str) -> int:
        """The first process of a container."""
        return int(self.podman("inspect", "--format", "{{.State.Pid}}", name))

    def ip(self, name: str, *arguments: str) -> list[dict[str, Any]]:
        """What `ip -j` prints in a container for the user themself."""
        enter = ("nsenter", "--preserve-credentials", "--user", "--net", "--target", str(self.pid(name)))
        rows: list[dict[str, Any]] = json.loads(self.as_user(*enter, "ip", "-j", *arguments) or "[]")
        return rows

    def stop(self) -> None:
        """Remove all containers, and then everything."""
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            self.podman("rm", "-f", "-a", "-t", "0")
        super().stop()
