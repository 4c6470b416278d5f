"""The three walks that the README begins with, by its own keys: on the recorded demo, and in a real terminal."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.require import missing

_WALK = re.compile(r"^\| (?P<what>.+?) \| (?P<keys>.+) \|$", re.MULTILINE)
_README = Path(__file__).parents[2] / "README.md"
_MOST_KEYS = 3


def walks() -> list[tuple[str, list[str]]]:
    """What is looked for, and what is pressed and typed."""
    table = _README.read_text().split("<!-- walks -->")[1].split("\n\n")[0]
    rows = [(row["what"], row["keys"]) for row in _WALK.finditer(table) if "`" in row["keys"]]
    return [(what, re.findall(r"`[^`]+`|[^`]+", keys)) for what, keys in rows]


class Terminal:
    """tmux with the demo in it."""

    def __init__(self, name: str, size: tuple[int, int]) -> None:
        program = shutil.which("tmux")
        if program is None:
            missing("tmux is not installed")
            raise AssertionError
        self._tmux = [program, "-L", f"netview-{os.getpid()}-{name}"]
        environ = os.environ | {"LANG": "C.UTF-8", "TERM": "xterm-256color"}
        command = [
            *self._tmux,
            "new-session",
            "-d",
            "-x",
            str(size[0]),
            "-y",
            str(size[1]),
            f"{sys.executable} -m netview --demo",
        ]
        subprocess.run(command, check=True, env=environ, timeout=20)

    def press(self, *keys: str) -> None:
        subprocess.run([*self._tmux, "send-keys", *keys], check=True, timeout=20)

    @property
    def text(self) -> str:
        done = subprocess.run([*self._tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True, timeout=20)
        return done.stdout

    def until(self, pattern: str) -> str:
        """The line in which it stands as soon as it does."""
        deadline = time.monotonic() + 30
        while True:
            found = next((line for line in self.text.splitlines() if re.search(pattern, line)), None)
            if found is not None:
                return found
            assert time.monotonic() < deadline, f"{pattern} is not in\n{self.text}"
            time.sleep(0.1)

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, timeout=20)


@pytest.fixture(params=[(160, 45), (80, 24)])
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    made = Terminal(f"{request.param[0]}", request.param)
    yield made
    made.close()


def test_each_walk_is_three_keys_at_most() -> None:
    found = walks()
    assert len(found) == 3
    assert all(sum(part.startswith("`") for part in keys) <= _MOST_KEYS for _, keys in found)


def test_the_walks_lead_where_the_readme_says(terminal: Terminal) -> None:
    shown = [
        "\u203a.* nginx-1 .*⇄ veth9c02e56",
        r"✓.*nginx-1 .*default .*172\.17\.0\.1",
        "\u203a.* nginx-1 .*⇄ veth9c02e56.* \\d\\S* ?[kMG]? .*\\d",
    ]
    terminal.until("q quit")
    terminal.until("nginx-1 .*⇄")
    for (_, keys), pattern in zip(walks(), shown, strict=True):
        for part in keys:
            if part.startswith("`"):
                terminal.press(part.strip("`"))
            else:
                terminal.press("-l", part.strip())
        terminal.until(pattern)
        terminal.press("BSpace")
        terminal.press("1")
