"""An ordinary user, who exists in a mount namespace of the lab's own and nowhere else."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.engines.host import Host
from tests.other_user import become

UID = 47110
RUN = Path("/run/user", str(UID))
"""The user's own folder for sockets."""
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
mkdir -m 700 {RUN}
chown {UID}:{UID} {RUN}
echo
exec cat
"""


class UserLab(Host):
    """What only the user starts, on the lab's host."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self._holder: subprocess.Popen[bytes] | None = None

    @property
    def environment_of_user(self) -> dict[str, str]:
        """What the user's own programs are started with."""
        return {"PATH": _PATH, "HOME": str(self.folder / "home"), "XDG_RUNTIME_DIR": str(RUN)}

    def start(self) -> None:
        """Make the namespaces and the user."""
        super().start()
        self.folder.chmod(0o755)
        for file, line in _ACCOUNT.items():
            there = Path("/etc", file)
            (self.folder / file).write_text((there.read_text() if there.exists() else "") + line)
        home = self.folder / "home"
        home.mkdir()
        os.chown(home, UID, UID)
        argv = ["unshare", "--mount", "sh", "-e", "-c", _MAKE, "sh", str(self.folder)]
        self._holder = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"\n"

    def inside(self, argv: Sequence[str]) -> list[str]:
        """A command line that runs another one on the lab's host, where the user is known."""
        assert self._holder is not None
        return super().inside([f"--mount=/proc/{self._holder.pid}/ns/mnt", "--wd=/", *argv])

    def as_user(self, *argv: str, stdin: bytes = b"") -> str:
        """What a command of the user's prints."""
        return self.command(*self.become(), *argv, stdin=stdin)

    def become(self) -> list[str]:
        """A command line that runs another one as the user."""
        return [*become(UID), *(f"{name}={value}" for name, value in self.environment_of_user.items())]

    def stop(self) -> None:
        """Remove everything."""
        super().stop()
        if self._holder is not None:
            self._holder.kill()
            self._holder.communicate()

    def _names_lab(self, cmdline: Path) -> bool:
        """The process that keeps Podman's namespaces says whose it is in its environment alone."""
        return super()._names_lab(cmdline) or super()._names_lab(cmdline.with_name("environ"))
