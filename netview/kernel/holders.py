"""Which process holds which socket."""

import os
from collections.abc import Collection, Iterator
from typing import NamedTuple

from netview.decode.cgroup import container
from netview.decode.procnet import socket_inode
from netview.model import Process, Socket, Sockets

LIMIT = 20_000
"""Descriptors that are looked at in one reading: about 50 ms."""
# A process may hand a socket over to another one at any time.
_FRESH_READINGS = 10
_DENIED = "permission denied"


class Holder(NamedTuple):
    """A process that holds a socket."""

    pid: int
    comm: str
    container: str | None
    """The id that its control group carries."""


class Holders:
    """Finds holders by the descriptors of a namespace's own processes, remembering them by the socket's inode for a few beats."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._known: dict[int, Holder | str] = {}
        """By inode; a text is why no holder is known, "" where there is none in the namespace."""
        self._readings = 0

    def refresh(self) -> None:
        """A new beat has begun."""
        if self._readings % _FRESH_READINGS == 0:
            self._known = {}
        self._readings += 1

    def named(self, sockets: Sockets, processes: Collection[Process], *, all_seen: bool = True) -> Sockets:
        """The sockets with their holders, the most senior where there are several; `all_seen`: no process hides its namespace."""
        alive = {(process.pid, process.comm) for process in processes}
        wanted = {socket.inode for socket in sockets.entries if socket.inode}
        sought = {inode for inode in wanted if not self._holds(inode, alive)}
        if sought:
            self._search(sought, processes, "" if all_seen else _DENIED)
        reasons = [reason for inode in wanted if isinstance(reason := self._known[inode], str) and reason]
        untold = (f"holders of {reasons.count(reason)}: {reason}" for reason in dict.fromkeys(reasons))
        return Sockets(tuple(map(self._named, sockets.entries)), sockets.unknown, (*sockets.partly, *untold))

    def _holds(self, inode: int, alive: Collection[tuple[int, str]]) -> bool:
        """Whether what is known of a socket still stands."""
        known = self._known.get(inode)
        return isinstance(known, str) or (known is not None and known[:2] in alive)

    def _named(self, socket: Socket) -> Socket:
        holder = self._known.get(socket.inode)
        # A holder's fields are a socket's last; _replace would take five times as long.
        return Socket(*socket[:-3], *holder) if isinstance(holder, Holder) else socket

    def _search(self, sought: set[int], processes: Collection[Process], reason: str) -> None:
        left = self._limit
        for process in processes:
            if not sought or left <= 0:
                break
            held: set[int] = set()
            try:
                for inode in _held(process.pid):
                    left -= 1
                    if left <= 0:
                        break
                    if inode in sought:
                        held.add(inode)
            except PermissionError:
                reason = _DENIED
            except OSError:
                continue  # It has just ended.
            if held:
                self._known |= dict.fromkeys(held, Holder(process.pid, process.comm, _container(process.pid)))
                sought -= held
        if left <= 0:
            reason = "too many descriptors"
        self._known |= dict.fromkeys(sought, reason)


def _held(pid: int) -> Iterator[int | None]:
    """Each descriptor of a process: a socket's inode, or None."""
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):
        try:
            yield socket_inode(os.readlink(f"{folder}/{name}"))
        except FileNotFoundError:
            continue  # Closed by now.


def _container(pid: int) -> str | None:
    try:
        with open(f"/proc/{pid}/cgroup", "rb") as file:
            group = container(file.read())
    except OSError:
        return None
    return None if group is None else group.id
