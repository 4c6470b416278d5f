"""The container host that is measured: namespaces with a process each, on one bridge of the namespace that plays the host.

As in a container engine's ordinary network there is no IPv6. `n` containers make n + 2 links at home and 2 in each container.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.machine import NETNS, BenchError, compiled

GATEWAY, BROADCAST, BRIDGE = "10.77.0.1", "10.77.255.255", "br0"
_MAC = "02:4e:56:00:00:01"
_MOST_LINKS = 1020
"""A bridge has 1,023 ports."""
_BRIDGE_COMMANDS = f"""link add {BRIDGE} address {_MAC} type bridge
link set {BRIDGE} up
addr add {GATEWAY}/16 brd + dev {BRIDGE}
"""


class Lab:
    """A host that grows and shrinks; `close` ends its processes, the machine that it stands on takes the rest away."""

    def __init__(self) -> None:
        self._crowd = subprocess.Popen(
            [compiled("crowd"), GATEWAY, BROADCAST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.containers: list[str] = []
        ip(_BRIDGE_COMMANDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    @property
    def paths(self) -> list[str]:
        """What opens each container's namespace."""
        return [str(NETNS / name) for name in self.containers]

    def grow(self, size: int) -> None:
        """Have so many containers, each with an eth0 on the bridge."""
        before = len(self.containers)
        names = [self._name(number) for number in range(before, size)]
        ip("".join(plug(name, self.new(name)) for name in names))
        for number, name in enumerate(names, before + 2):
            self._ask(f"wire {name} 10.77.{number >> 8}.{number & 255} {GATEWAY} {_MAC}")
        self.containers += names

    def new(self, name: str) -> int:
        """A process in a namespace of that name; its pid."""
        return int(self._ask(f"new {name}"))

    def end(self, name: str) -> None:
        """The namespace and its process go."""
        self._ask(f"end {name}")

    def traffic(self, *, on: bool) -> None:
        """Have every link carry something each second, or let them rest."""
        self._ask("go" if on else "stop")

    def close(self) -> None:
        """End the processes."""
        if self._crowd.stdin is not None:
            self._crowd.stdin.close()
        self._crowd.wait(timeout=30)
        if self._crowd.stdout is not None:
            self._crowd.stdout.close()

    def _name(self, number: int) -> str:
        return f"bn{number:04}"

    def _ask(self, command: str) -> str:
        if self._crowd.stdin is None or self._crowd.stdout is None:
            raise BenchError("the crowd has no pipes")
        self._crowd.stdin.write(command + "\n")
        answer = self._crowd.stdout.readline().strip()
        if not answer or answer.startswith("error"):
            raise BenchError(f"{command}: {answer or 'the crowd has ended'}")
        return answer


class Churn:
    """Containers that come and go, with one `ip` that plugs them in."""

    def __init__(self, lab: Lab, lasting: int) -> None:
        self._lab = lab
        self._lasting = lasting
        self._ip = subprocess.Popen(["ip", "-batch", "-"], stdin=subprocess.PIPE, text=True, bufsize=1)
        self._alive: list[str] = []
        self.made = 0

    def run(self, a_second: int, seconds: float, wait: Callable[[float], object] = time.sleep) -> None:
        """Make and destroy so many a second, evenly, each `lasting` others later."""
        began = time.monotonic()
        for number in range(int(a_second * seconds)):
            wait(max(0.0, began + number / a_second - time.monotonic()))
            self._turn()

    def close(self) -> None:
        """Nothing of it is left."""
        for name in self._alive:
            self._lab.end(name)
        if self._ip.stdin is not None:
            self._ip.stdin.close()
        if self._ip.wait(timeout=60):
            raise BenchError("ip could not plug in all that came")

    def _turn(self) -> None:
        # Of a namespace that ended the kernel takes the port back a little later.
        while link_count() >= _MOST_LINKS:
            time.sleep(0.01)
        name = f"bx{self.made:06}"
        pid = self._lab.new(name)
        if self._ip.stdin is not None:
            self._ip.stdin.write(plug(name, pid))
        self._alive.append(name)
        self.made += 1
        if len(self._alive) > self._lasting:
            self._end(self._alive.pop(0))

    def _end(self, name: str) -> None:
        """Once it was plugged in, which `ip` may be late with."""
        deadline = time.monotonic() + 60
        while not Path(f"/sys/class/net/v{name}").exists():
            if time.monotonic() > deadline:
                raise BenchError(f"ip did not plug in {name}")
            time.sleep(0.01)
        self._lab.end(name)


def plug(name: str, pid: int) -> str:
    """`ip -batch` commands that give a container an eth0 on the bridge; by name `ip` would hold its namespace to the end."""
    return f"link add v{name} type veth peer name eth0 netns {pid}\nlink set v{name} master {BRIDGE} up\n"


def ip(commands: str) -> None:
    """Run a batch of `ip` commands at home."""
    done = subprocess.run(["ip", "-batch", "-"], input=commands, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise BenchError(f"ip: {done.stderr.strip()}")


def link_count() -> int:
    """Links at home, in the kernel's own list."""
    return len(list(Path("/sys/class/net").iterdir()))
