"""Pids and parents in /proc/<pid>/status."""

from typing import NamedTuple


class Status(NamedTuple):
    """What ties a process to others."""

    parent: int
    """0: none that this pid namespace has."""
    pids: tuple[int, ...]
    """Its own in each pid namespace from the reader's (NSpid) down to the one it lives in."""


def status(content: bytes) -> Status:
    """Its parent and its pids; a name, which may hold anything, has its newlines escaped by the kernel."""
    parent = 0
    pids: tuple[int, ...] = ()
    for line in content.split(b"\n"):
        if line.startswith(b"PPid:"):
            parent = int(line[5:])
        elif line.startswith(b"NSpid:"):
            pids = tuple(int(number) for number in line[6:].split())
    return Status(parent, pids)
