"""Containers as an engine leaves them, without an engine: a test says what one that speaks for them tells."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.engines.control_groups import hierarchies
from tests.engines.host import Host
from tests.engines.image import unpack
from tests.engines.terminal import Terminal
from tests.kernel.lab import ended, wait
from tests.runtimes.servers import container

TOOLS = ("ip", "nsenter", "busybox")


class BoxLab(Host):
    """Boxes in groups that are called as Docker's are, so that the kernel bears out who tells the truth about them."""

    def __init__(self) -> None:
        super().__init__("hard")
        self.root = self.folder / "root"
        """Of every box."""
        self._pids: list[int] = []

    def start(self) -> None:
        """Make the namespace, and the root of the boxes."""
        super().start()
        unpack(self.root)

    def add(self, first: int, last: int) -> None:
        """Start the boxes of these numbers."""
        groups = [str(hierarchies()[0] / self.namespace / "docker" / id_of(number)) for number in range(first, last + 1)]
        told = self.command(sys.executable, "-I", "-S", str(Path(__file__).with_name("box_maker.py")), str(self.root), *groups)
        self._pids += map(int, told.split())
        assert wait(lambda: all(Path(f"/proc/{pid}/comm").read_text() == "sleep\n" for pid in self._pids))

    def pid(self, number: int) -> int:
        """Of the n-th box."""
        return self._pids[number - 1]

    def told(self, number: int, **others: object) -> dict[str, object]:
        """What an honest engine says of a box: it is called box-<number>."""
        return container(number, Id=id_of(number), State={"Status": "running", "Running": True, "Pid": self.pid(number)}) | others

    def app(self, socket: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Terminal:
        """The app in a terminal, with the engine at this socket."""
        argv = self.inside([sys.executable, "-m", "netview", *arguments])
        return Terminal(argv, self.environment | {"DOCKER_HOST": f"unix://{socket}"} | dict(environment or {}))

    def printed(self, socket: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """What netview prints, with the engine at this socket."""
        argv = self.inside([sys.executable, "-m", "netview", *arguments])
        environment = self.environment | {"DOCKER_HOST": f"unix://{socket}"}
        return subprocess.run(argv, env=environment, capture_output=True, text=True, check=True, timeout=60)

    def processes(self) -> list[int]:
        """The boxes too."""
        return [*super().processes(), *(pid for pid in self._pids if not ended(pid))]

    def stop(self) -> None:
        """End the boxes, and remove everything."""
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        super().stop()


def id_of(number: int) -> str:
    """The id of the n-th box; its first twelve digits tell it from the others."""
    return f"{number:012x}".ljust(64, "f")
