"""A /proc of processes that exist for a test alone."""

import os
from pathlib import Path

import pytest

from netview.runtimes import proc


class Processes:
    """Processes in a folder that stands for /proc."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.setattr(proc, "_PROC", folder)

    def add(self, pid: int, cgroup: str = "/", *, parent: int = 1, argv: tuple[str, ...] = ("sh",), depth: int = 0) -> Path:
        """One process; its inner pids are all 1."""
        path = self.folder / str(pid)
        path.mkdir(exist_ok=True)
        inner = "".join("\t1" for _ in range(depth))
        (path / "status").write_text(f"Name:\tx\nPPid:\t{parent}\nNSpid:\t{pid}{inner}\n")
        (path / "cgroup").write_bytes(f"0::{cgroup}\n".encode())
        (path / "cmdline").write_bytes(b"".join(os.fsencode(word) + b"\0" for word in argv))
        return path

    def move(self, pid: int, cgroup: str) -> None:
        """Put a process into another group."""
        (self.folder / str(pid) / "cgroup").write_bytes(f"0::{cgroup}\n".encode())
