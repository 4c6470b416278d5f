"""A laboratory of named network namespaces, made with iproute2: an oracle that netview did not write."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

NETNS = Path("/run/netns")
_numbers = count()
_PLACE = re.compile(r"@([a-z]\w*)")


class Lab:
    """Namespaces with a prefix of their own; `@name` in commands stands for the full name of one of them."""

    def __init__(self) -> None:
        self.prefix = f"nvt{os.getpid()}x{next(_numbers)}"
        self._names: list[str] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._hidden: list[Hidden] = []

    def full(self, name: str) -> str:
        """The name under /run/netns."""
        return self.prefix + name

    def path(self, name: str) -> str:
        """The mount under /run/netns."""
        return str(NETNS / self.full(name))

    def inode(self, name: str) -> int:
        """Its number as /proc shows it."""
        return Path(self.path(name)).stat().st_ino

    def add(self, *names: str) -> None:
        """Make namespaces."""
        run(["ip", "-batch", "-"], "".join(f"netns add {self.full(name)}\n" for name in names))
        self._names.extend(names)

    def delete(self, *names: str) -> None:
        """Unmount namespaces."""
        run(["ip", "-batch", "-"], "".join(f"netns del {self.full(name)}\n" for name in names))
        for name in names:
            self._names.remove(name)

    def ip(self, name: str, commands: str, *options: str) -> None:
        """Run a batch of `ip` commands in a namespace."""
        run(["ip", *options, "-n", self.full(name), "-batch", "-"], self._placed(commands))

    def bridge(self, name: str, commands: str) -> None:
        """Run a batch of `bridge` commands in a namespace."""
        run(["bridge", "-n", self.full(name), "-batch", "-"], self._placed(commands))

    def make_link_named(self, name: str, raw: bytes) -> None:
        """Make a veth with a name of any bytes."""
        run(["ip", "-n", self.full(name), "link", "add", raw, "type", "veth"])

    def show(self, name: str, *argv: str) -> list[dict[str, Any]]:
        """What `ip -j …` or, with "bridge" first, `bridge -j …` prints in a namespace."""
        tool, arguments = ("bridge", argv[1:]) if argv[0] == "bridge" else ("ip", argv)
        printed = run([tool, "-n", self.full(name), "-j", *arguments])
        rows: list[dict[str, Any]] = json.loads(printed or "[]")
        return [row for row in rows if row]

    def inside(self, name: str, argv: Sequence[str]) -> list[str]:
        """A command line that runs another one in a namespace."""
        return ["nsenter", f"--net={self.path(name)}", *argv]

    def start(self, name: str, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a process in a namespace; it ends with the lab."""
        process = subprocess.Popen(self.inside(name, argv), stdout=subprocess.PIPE)
        self._processes.append(process)
        wait(lambda: str(Path(f"/proc/{process.pid}/ns/net").readlink()) == f"net:[{self.inode(name)}]")
        return process

    def hold(self, name: str) -> subprocess.Popen[bytes]:
        """Keep a namespace alive by nothing but a file descriptor of another process."""
        with Path(self.path(name)).open() as file:
            process = subprocess.Popen(["sleep", "600"], pass_fds=(file.fileno(),))
        self._processes.append(process)
        self.delete(name)
        return process

    def hide(self, name: str) -> "Hidden":
        """Keep a namespace alive by nothing but a descriptor on its way through a socket: only wires lead to it."""
        hidden = Hidden(self.path(name))
        self._hidden.append(hidden)
        self.delete(name)
        return hidden

    def close(self) -> None:
        """Remove everything."""
        for hidden in self._hidden:
            hidden.let_go()
        for process in self._processes:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self.delete(*list(self._names))

    def _placed(self, commands: str) -> str:
        return _PLACE.sub(lambda match: self.full(match[1]), commands)


class Hidden:
    """A namespace in the queue of a socket, where nobody can ask for it."""

    def __init__(self, path: str) -> None:
        self._ends = socket.socketpair()
        with Path(path).open() as file:
            socket.send_fds(self._ends[0], [b"x"], [file.fileno()])

    def take(self) -> int:
        """Its descriptor, out of the queue."""
        return socket.recv_fds(self._ends[1], 1, 1)[1][0]

    def let_go(self) -> None:
        """Nothing keeps it alive any more."""
        for end in self._ends:
            end.close()


def run(argv: Sequence[str | bytes], stdin: str = "", seconds: float = 60) -> str:
    """What a command prints; its complaint where it fails."""
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, timeout=seconds)
    assert done.returncode == 0, f"{argv}: {done.stderr}"
    return done.stdout


def wait(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether a condition comes true within some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def ended(pid: int) -> bool:
    """Whether a process is gone, or waits for nothing but to be reaped by whoever is first in its pid namespace."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
