"""Thirty steps in a real terminal, the screen after each; and the terminal's modes after each way of ending."""

import os
import re
import signal
import sys
import termios
import time
from collections.abc import Callable

import pexpect
import pyte
import pytest

from tests.ui.test_terminal import PROGRAM

_PATIENCE_S = 20.0
_DOWN = "\x1b[B"
STEPS = (
    ("", "[1 Wiring]", r"nginx-1 .*⇄ veth9c02e56"),
    ("j", "[1 Wiring]", r"─ 2 of"),
    (_DOWN, "[1 Wiring]", r"─ 3 of"),
    ("G", "[1 Wiring]", r"(\d+) of \1"),
    ("g", "[1 Wiring]", r"─ 1 of"),
    ("/nginx-2\r", "filter: nginx-2 (", r"nginx-2 .*⇄ veth5a5cdcf"),
    ("x", "[Links]", r"veth5a5cdcf +.*veth"),
    ("x", "filter: nginx-2", r"nginx-2 "),
    ("\x7f", "[1 Wiring]", "!filter: "),
    ("2", "[2 Interfaces]", r"docker0 .*"),
    ("u", "[2 Interfaces]", r" B/s *$"),
    ("u", "[2 Interfaces]", r" bit/s *$"),
    ("m", "[2 Interfaces]", r" pkt/s *$"),
    ("mm", "[2 Interfaces]", r" drops *$"),
    ("mm", "[2 Interfaces]", r" bit/s *$"),
    ("s", "[2 Interfaces]", r"[▲▼]"),
    ("3", "[3 Namespaces]", r"nginx-1"),
    ("b", "[3 Namespaces]", r"docker +.*2"),
    ("bbb", "[3 Namespaces]", r"not grouped"),
    ("4", "[4 Routes]", r"172\.17\.0\.0/16"),
    ("5", "[5 Bridges", r"docker0"),
    ("6", "[6 Events]", r"nothing has changed"),
    ("0", "[0 Map]", r"docker0"),
    ("1", "[1 Wiring]", r"nginx-1"),
    ("p", "PAUSED", r"‖ PAUSED"),
    (",", "back", r"‖ 1 of \d+ back"),
    (".", "PAUSED", r"‖ PAUSED"),
    ("p", "LIVE", r"● LIVE"),
    ("?", "Help", r"KEY +WHAT IT DOES"),
    ("\x7f", "[1 Wiring]", r"q quit"),
    (":", "quit at once", r"every action|ACTION"),
    ("\x1b", "[1 Wiring]", r"q quit"),
)


class Terminal:
    """A program on a pseudo-terminal, and what stands on its screen."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (160, 45)) -> None:
        width, height = size
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        environment = {**os.environ, "COLUMNS": str(width), "LINES": str(height), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            sys.executable, ["-c", PROGRAM, *arguments], dimensions=(height, width), timeout=_PATIENCE_S, env=environment
        )

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, holds: Callable[[str], bool]) -> str:
        """The screen as soon as it holds; what it is in the end where it never does."""
        deadline = time.monotonic() + _PATIENCE_S
        while not holds(self.text) and time.monotonic() < deadline:
            try:
                self._stream.feed(self.child.read_nonblocking(65536, 0.2))
            except pexpect.TIMEOUT:
                continue
        return self.text

    def ended(self) -> list[object]:
        """The terminal's modes when the program has gone."""
        try:
            while True:
                self._stream.feed(self.child.read_nonblocking(65536, _PATIENCE_S))
        except pexpect.EOF:
            return termios.tcgetattr(self.child.child_fd)


def _holds(where: str, pattern: str) -> Callable[[str], bool]:
    """A word that stands there, and a pattern that does, or does not where it begins with "!"."""
    wanted = not pattern.startswith("!")
    return lambda text: where in text and bool(re.search(pattern.removeprefix("!"), text, re.MULTILINE)) == wanted


def test_thirty_steps_show_what_they_should() -> None:
    assert len(STEPS) >= 30
    terminal = Terminal()
    for number, (typed, where, pattern) in enumerate(STEPS):
        terminal.child.send(typed)
        text = terminal.until(_holds(where, pattern))
        assert _holds(where, pattern)(text), f"step {number} {typed!r}: {where} {pattern}\n{text}"
    terminal.child.send("q")
    terminal.ended()
    terminal.child.close()
    assert terminal.child.exitstatus == 0


def untouched() -> list[object]:
    """The modes of a terminal that nobody has changed."""
    child: pexpect.spawn[bytes] = pexpect.spawn("sleep", ["30"])
    modes: list[object] = termios.tcgetattr(child.child_fd)
    child.close(force=True)
    return modes


def _key(key: str) -> Callable[[Terminal], object]:
    return lambda terminal: terminal.child.send(key)


def _signal(number: signal.Signals) -> Callable[[Terminal], object]:
    return lambda terminal: terminal.child.kill(number)


@pytest.mark.parametrize(
    "end",
    [_key("q"), _key("\x03"), _signal(signal.SIGTERM), _signal(signal.SIGHUP), None],
    ids=["q", "ctrl+c", "SIGTERM", "SIGHUP", "exception"],
)
def test_modes_are_as_before_after_each_way_of_ending(end: Callable[[Terminal], object] | None) -> None:
    terminal = Terminal(*(["crash"] if end is None else []))
    terminal.until(lambda text: "nginx-2" in text)
    before = untouched()
    if end is not None:
        assert termios.tcgetattr(terminal.child.child_fd) != before
        end(terminal)
    assert terminal.ended() == before
    terminal.child.close()
