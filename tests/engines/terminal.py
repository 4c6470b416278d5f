"""A terminal that a real netview draws on."""

import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import pexpect
import pyte


class Terminal:
    """A command in a pseudo-terminal, and what a person would read there."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], *, columns: int = 160, lines: int = 45) -> None:
        screen = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
        # A home of its own: what an app before it left behind, its last view, say, is no business of this one.
        self._home = tempfile.TemporaryDirectory(prefix="netview-terminal-")
        screen |= {"XDG_CONFIG_HOME": self._home.name, "XDG_STATE_HOME": self._home.name}
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._child = pexpect.spawn(
            argv[0], list(argv[1:]), env={**environment, **screen}, dimensions=(lines, columns), timeout=5
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._child.close(force=True)
        self._home.cleanup()

    @property
    def home(self) -> Path:
        """Where it keeps what it remembers."""
        return Path(self._home.name)

    def lines(self) -> list[str]:
        """The screen as it is now."""
        return list(self._screen.display)

    def row(self, *words: str) -> str | None:
        """The first line that holds all these words, if there is one."""
        return next((line for line in self.lines() if all(re.search(rf"(?<!\S){re.escape(w)}(?!\S)", line) for w in words)), None)

    def shows(self, *texts: str) -> bool:
        """Whether each of these is somewhere on the screen."""
        return all(any(text in line for line in self.lines()) for text in texts)

    def press(self, keys: str) -> None:
        """Type."""
        self._child.send(keys)

    def until(self, condition: Callable[[], object], seconds: float = 15.0) -> None:
        """Draw until it is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "\n".join(self.lines())
            self._draw()

    def over(self, seconds: float, *words: str) -> list[str]:
        """The line with these words, each time something was drawn within some seconds."""
        deadline = time.monotonic() + seconds
        seen = []
        while time.monotonic() < deadline:
            if self._draw() and (row := self.row(*words)) is not None:
                seen.append(row)
        return seen

    def leave(self, seconds: float = 15.0) -> int | None:
        """Quit, and the exit status."""
        self._child.send("q")
        self._child.expect(pexpect.EOF, timeout=seconds)
        self._child.wait()
        return self._child.exitstatus

    def peak_mib(self) -> int:
        """The most memory that it ever had resident."""
        status = Path(f"/proc/{self._child.pid}/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def _draw(self) -> bool:
        try:
            self._stream.feed(cast("bytes", self._child.read_nonblocking(65536, 0.1)))
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            raise AssertionError("\n".join(["netview ended:", *self.lines()])) from None
        return True
