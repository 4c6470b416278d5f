"""Scenarios run as a user of choice, and the search for what they leave behind."""

import json
import os
import subprocess
import sys
import sysconfig
import uuid
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, Protocol

from tests.kernel.lab import wait
from tests.require import missing

SCENARIO = Path(__file__).with_name("scenario.py")
SOMEBODY = 1001
MARK = "NETVIEW_TEST_LAB"
NO_PROGRAMS = "/nonexistent"
"""The PATH of every scenario: a lab is built without `ip`, `nft` and `ping`."""


@cache
def command(uid: int | None) -> tuple[tuple[str, ...], dict[str, str]]:
    """Interpreter and environment that this user can read; None: as this process."""
    if uid is None or _runs(uid, sys.executable):
        return (sys.executable,), {}
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    other = f"/usr/bin/python{version}"
    where = {"PYTHONPATH": f"{SCENARIO.parents[2]}:{sysconfig.get_path('platlib')}"}
    if not _runs(uid, other, "-c", "import netview, pyroute2", **where):
        missing(f"no Python {version} with netview that uid {uid} can read")
    return (other,), where


def _runs(uid: int, program: str, *arguments: str, **environment: str) -> bool:
    try:
        done = subprocess.run(
            [program, *(arguments or ("-c", "import netview, pyroute2"))],
            user=uid,
            group=uid,
            extra_groups=[],
            env={"PATH": os.defpath, **environment},
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


@dataclass(slots=True)
class Running:
    """One scenario under way."""

    name: str
    uid: int | None = None
    stdin: int | IO[Any] = subprocess.DEVNULL
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        program, environment = command(self.uid)
        self.process = subprocess.Popen(
            [*program, str(SCENARIO), self.name],
            user=self.uid,
            group=self.uid,
            extra_groups=None if self.uid is None else [],
            env={"PATH": NO_PROGRAMS, MARK: self.mark, **environment},
            stdin=self.stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            process_group=0,
        )

    @property
    def pid(self) -> int:
        """The process outside."""
        return self.process.pid

    def line(self) -> dict[str, Any]:
        """The next line of JSON."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.errors()
        facts: dict[str, Any] = json.loads(line)
        return facts

    def text(self) -> str:
        """What stands on standard output, to its end."""
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def errors(self) -> str:
        """What stands on standard error, to its end."""
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def status(self) -> int:
        """The exit status, once it has ended."""
        return self.process.wait(15)

    def close(self) -> None:
        """End it, however it stands."""
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        self.process.kill()
        self.process.wait()

    def members(self) -> dict[str, int]:
        """Everybody who runs for this scenario: the pid by comm."""
        found = {}
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and _marked(process, self.mark):
                found[_comm(process)] = int(process.name)
        return found


class Run(Protocol):
    """Starts a scenario."""

    def __call__(self, name: str, uid: int | None = None, stdin: int | IO[Any] = subprocess.DEVNULL) -> Running:
        """The scenario under way."""


@cache
def refusal(uid: int | None) -> str | None:
    """Why this user gets no lab here; None: one can be had."""
    running = Running("seven", uid)
    try:
        return None if running.status() == 7 else str(running.line()["refused"])
    finally:
        running.close()


def nothing_left(running: Running) -> bool:
    """Whether every process of the scenario is gone, or soon is."""
    return wait(lambda: not running.members())


def _marked(process: Path, mark: str) -> bool:
    try:
        return f"{MARK}={mark}".encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def _comm(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return ""
