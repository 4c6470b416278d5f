"""A program on a pseudo-terminal, what its screen shows and when, and what it costs."""

import fcntl
import os
import pty
import queue
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pyte

from tests.bench.machine import BenchError

NETVIEW = (sys.executable, "-m", "netview")
BARE = (sys.executable, "-m", "tests.bench.bare")
BMON = ("bmon", "-o", "curses", "-r", "1")
_TICKS = os.sysconf("SC_CLK_TCK")


class Size(NamedTuple):
    """Of a terminal."""

    columns: int = 200
    rows: int = 50


STANDARD = Size()


class Terminal:
    """One program, started at once; ends with the block."""

    def __init__(self, argv: Sequence[str], size: Size = STANDARD) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.read_at = self.started_at = time.monotonic()
        self.pid, self._master = _fork(argv, size)
        # A thread of its own: making a screen of what was written takes longer than writing it.
        self._came: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=_listen, args=(self._master, self._came), daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.screen.display)

    def read(self, seconds: float) -> bool:
        """Take what it writes next into the screen; False: nothing came in that time."""
        try:
            self.read_at, data = self._came.get(timeout=max(0.001, seconds))
        except queue.Empty:
            return False
        if not data:
            raise BenchError(f"the program has ended:\n{self.text.rstrip()}")
        # pyte knows neither the question for synchronized output nor the keyboard protocol, and prints what it does not know.
        self._stream.feed(data.replace(b"\x1b[?2026$p", b"").replace(b"\x1b[>1u", b"").replace(b"\x1b[<u", b""))
        return True

    def until(self, shown: Callable[[str], bool], seconds: float = 30.0) -> float:
        """The moment, on the monotonic clock, of the read with which the screen shows it."""
        deadline = time.monotonic() + seconds
        while not shown(self.text):
            if not self.read(deadline - time.monotonic()):
                raise BenchError(f"not shown within {seconds:g} s:\n{self.text.rstrip()}")
        return self.read_at

    def rest(self, seconds: float) -> None:
        """Let it run, throwing away what it writes but for the screen."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.read(left)

    def drain(self, seconds: float) -> bytes:
        """Let it run and give what it writes, without the cost of a screen: that no longer shows what is there."""
        time.sleep(seconds)
        parts = []
        while not self._came.empty():
            parts.append(self._came.get()[1])
        return b"".join(parts)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def cpu_s(self) -> float:
        """The seconds of CPU that it has used, as the kernel accounts them."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def thread_cpu_s(self, thread: int) -> float:
        """The same of one thread, to the nanosecond."""
        return int(Path(f"/proc/{self.pid}/task/{thread}/schedstat").read_text().split()[0]) / 1e9

    def share(self, seconds: float) -> float:
        """The share of one core, in percent, that it takes over some seconds."""
        before, began = self.cpu_s(), time.monotonic()
        self.drain(seconds)
        return 100 * (self.cpu_s() - before) / (time.monotonic() - began)

    def resident_mib(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024

    def close(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 3
        while not os.waitpid(self.pid, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.01)
        self._reader.join()
        os.close(self._master)


def _fork(argv: Sequence[str], size: Size) -> tuple[int, int]:
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))
        environ = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "HOME": "/run"}
        os.execvpe(argv[0], list(argv), environ)  # noqa: S606  # a terminal's own child
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))
    return pid, master


def _listen(master: int, came: "queue.SimpleQueue[tuple[float, bytes]]") -> None:
    """Take what is written, with the moment, until the program has ended."""
    while True:
        try:
            data = os.read(master, 1 << 20)
        except OSError:
            data = b""
        came.put((time.monotonic(), data))
        if not data:
            return
