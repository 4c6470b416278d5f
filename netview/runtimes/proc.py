"""Processes as /proc shows them; one that is gone, or may not be asked, is None."""

from collections.abc import Iterator
from pathlib import Path

from netview.decode.procfs import namespace_inode
from netview.decode.status import Status, status

_PROC = Path("/proc")


def pids() -> Iterator[int]:
    """Of every process, one after the other."""
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal())


def process_path(pid: int) -> Path:
    """Its folder, whether it is there or not."""
    return _PROC / str(pid)


def process_file(pid: int, name: str) -> bytes | None:
    """What a file of a process holds."""
    try:
        with open(f"{_PROC}/{pid}/{name}", "rb", 0) as file:  # noqa: PTH123  # a third of what a Path takes, thousands of times
            return file.read()
    except OSError:
        return None


def process_status(pid: int) -> Status | None:
    """Its parent and its pids."""
    content = process_file(pid, "status")
    return None if content is None else status(content)


def namespace(pid: int, kind: str) -> int | None:
    """The inode of its namespace of a kind: "net", "pid", "mnt"."""
    try:
        return namespace_inode(str((process_path(pid) / "ns" / kind).readlink()))
    except OSError:
        return None
