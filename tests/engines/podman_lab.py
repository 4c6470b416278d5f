"""A real Podman whose host is a network namespace of its own; its API is served only while a test asks for it."""

import contextlib
import subprocess
from collections.abc import Iterator

from tests.engines.host import Host
from tests.engines.image import archive
from tests.kernel.lab import wait

TOOLS = ("podman", "conmon", "runc", "ip", "iptables", "nsenter", "busybox")
IMAGE = "localhost/busybox:local"
# crun refuses the hybrid groups of this kind of machine, and the default limits may be above what root is allowed.
CONFIG = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


class PodmanLab(Host):
    """Podman with one image."""

    def __init__(self) -> None:
        super().__init__("pod")
        self.socket = self.folder / "podman.sock"

    @property
    def environment(self) -> dict[str, str]:
        """What keeps podman from the user's own settings."""
        return super().environment | {"CONTAINERS_CONF": str(self.folder / "containers.conf")}

    def start(self) -> None:
        """Make the namespace and the image."""
        super().start()
        (self.folder / "containers.conf").write_text(CONFIG)
        self.podman("load", stdin=archive(IMAGE))

    def podman(self, *arguments: str, stdin: bytes = b"") -> str:
        """What podman prints."""
        return self.command("podman", *self._places(), *arguments, stdin=stdin)

    @contextlib.contextmanager
    def api(self) -> Iterator[subprocess.Popen[bytes]]:
        """Podman's service at its socket."""
        service = self.launch("podman", *self._places(), "system", "service", "-t", "0", f"unix://{self.socket}")
        try:
            assert wait(self.socket.exists, 20), self.log()
            yield service
        finally:
            service.terminate()
            service.wait(20)
            self.socket.unlink(missing_ok=True)

    def stop(self) -> None:
        """Remove all containers, and then everything."""
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            self.podman("pod", "rm", "-f", "-a", "-t", "0")
            self.podman("rm", "-f", "-a", "-t", "0")
        super().stop()

    def _places(self) -> tuple[str, ...]:
        return ("--root", str(self.folder / "root"), "--runroot", str(self.folder / "run"), "--tmpdir", str(self.folder / "tmp"))
