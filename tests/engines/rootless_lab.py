"""A real Podman of an ordinary user, who exists in a mount namespace of the lab's own and nowhere else."""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.engines.host import Host
from tests.engines.image import archive
from tests.engines.podman_lab import CONFIG, IMAGE
from tests.kernel.lab import wait
from tests.other_user import become

TOOLS = ("podman", "conmon", "runc", "slirp4netns", "newuidmap", "setpriv", "ip", "nsenter", "busybox")
UID = 47110
_PODMAN = ("podman", "--storage-driver", "vfs")
_PATH = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NAME = "nv-ordinary"
_ACCOUNT = {
    "passwd": f"{_NAME}:x:{UID}:{UID}::/home/{_NAME}:/bin/sh\n",
    "group": f"{_NAME}:x:{UID}:\n",
    "subuid": f"{_NAME}:{UID * 100}:65536\n",
    "subgid": f"{_NAME}:{UID * 100}:65536\n",
}
_MAKE = f"""
mount --make-rprivate /
for file in {" ".join(_ACCOUNT)}; do mount --bind "$1/$file" "/etc/$file"; done
mkdir -p /run/user
mount -t tmpfs none /run/user
mkdir -m 700 /run/user/{UID}
chown {UID}:{UID} /run/user/{UID}
echo
exec cat
"""


class RootlessLab(Host):
    """Podman with one image, started by nobody but the user."""

    def __init__(self) -> None:
        super().__init__("rootless")
        self._holder: subprocess.Popen[bytes] | None = None

    @property
    def environment_of_user(self) -> dict[str, str]:
        """What the user's own programs are started with."""
        return {
            "PATH": _PATH,
            "HOME": str(self.folder / "home"),
            "XDG_RUNTIME_DIR": f"/run/user/{UID}",
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
        }

    def start(self) -> None:
        """Make the namespaces, the user and the image."""
        super().start()
        self.folder.chmod(0o755)
        for file, line in _ACCOUNT.items():
            there = Path("/etc", file)
            (self.folder / file).write_text((there.read_text() if there.exists() else "") + line)
        (self.folder / "containers.conf").write_text(CONFIG)
        home = self.folder / "home"
        home.mkdir()
        os.chown(home, UID, UID)
        argv = ["unshare", "--mount", "sh", "-e", "-c", _MAKE, "sh", str(self.folder)]
        self._holder = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"\n"
        self.podman("load", stdin=archive(IMAGE))

    def inside(self, argv: Sequence[str]) -> list[str]:
        """A command line that runs another one on the lab's host, where the user is known."""
        assert self._holder is not None
        return super().inside([f"--mount=/proc/{self._holder.pid}/ns/mnt", "--wd=/", *argv])

    def as_user(self, *argv: str, stdin: bytes = b"") -> str:
        """What a command of the user's prints."""
        return self.command(*self._become(), *argv, stdin=stdin)

    def podman(self, *arguments: str, stdin: bytes = b"") -> str:
        """What podman prints."""
        return self.as_user(*_PODMAN, *arguments, stdin=stdin)

    @contextlib.contextmanager
    def api(self) -> Iterator[None]:
        """Podman's service where it listens for a user."""
        service = self.launch(*self._become(), *_PODMAN, "system", "service", "-t", "0")
        try:
            assert wait(lambda: "podman.sock" in self.command("find", f"/run/user/{UID}", "-name", "*.sock"), 20), self.log()
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
        inside = self.launch(*self._become(), *_PODMAN, "unshare", *argv)
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
        if self._holder is not None:
            self._holder.kill()
            self._holder.communicate()

    def _become(self) -> list[str]:
        return [*become(UID), *(f"{name}={value}" for name, value in self.environment_of_user.items())]

    def _names_lab(self, cmdline: Path) -> bool:
        """The process that keeps Podman's namespaces says whose it is in its environment alone."""
        return super()._names_lab(cmdline) or super()._names_lab(cmdline.with_name("environ"))
