"""Ways to a namespace that take long to find: descriptors, sockets, and mounts in other mount namespaces."""

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from math import ceil
from typing import NamedTuple

from netview.decode.procfs import NsfsMount, namespace_inode, nsfs_mounts
from netview.kernel.descriptors import descriptors
from netview.kernel.held_sockets import HeldSockets
from netview.kernel.openers import DescriptorWay, MountWay, Opener, SocketWay, TunWay, open_by_tun
from netview.kernel.stray_threads import stray_threads
from netview.model import FoundBy

ROUND_S = 30.0
"""Every process is looked at again within this time, ..."""
_MOST_A_SECOND = 16
"""... but no more of them a second."""
# At the first time, which has the user's patience, and of a beat ever after.
_FIRST_S, _BUDGET_S = 0.05, 0.015


class Way(NamedTuple):
    """One way to a namespace."""

    inode: int
    source: FoundBy
    opener: Opener


class _Looked(NamedTuple):
    """What one process gave."""

    ways: tuple[Way, ...] = ()
    mount_namespace: int | None = None
    reads_mounts: bool = False
    """Whether the mounts of its mount namespace are among its ways."""
    denied: bool = False
    partly: bool = False


class Costly:
    """Looks at a few processes at a time, new ones first; what a process gave stands until it is looked at again or has ended."""

    def __init__(self) -> None:
        self._looked: dict[int, _Looked] = {}
        """By pid, those looked at the longest ago first; threads with descriptors or mounts of their own by their number."""
        self._strays: dict[int, frozenset[int]] = {}
        """Such threads by their process."""
        self._readers: dict[int, int] = {}
        """Whose mountinfo stands for a mount namespace, by its inode."""
        self._sockets = HeldSockets()
        self._mounted_in = 0
        """netview's own mount namespace, whose mounts are no cost."""
        self._looked_at: float | None = None
        self._aged_at = 0.0
        self._complete = False

    @property
    def complete(self) -> bool:
        """Whether every process was looked at once."""
        return self._complete

    @property
    def denied(self) -> Collection[int]:
        """Processes whose descriptors or sockets may not be looked at, by pid."""
        return {pid for pid, looked in self._looked.items() if looked.denied}

    @property
    def partly(self) -> int:
        """How many processes have more descriptors than are looked at."""
        return sum(looked.partly for looked in self._looked.values())

    def look(self, pids: Collection[int], *, everything: bool = False) -> None:
        """Look at some of the processes that there are, or at all of them whatever it takes."""
        now = time.monotonic()
        processes = set(pids) - {os.getpid()}
        self._strays = {pid: strays for pid, strays in self._strays.items() if strays and pid in processes}
        alive = processes.union(*self._strays.values())
        self._mounted_in = os.stat("/proc/thread-self/ns/mnt").st_ino
        orphaned = self._forget(alive)
        passed = 0.0 if self._looked_at is None else min(now - self._looked_at, ROUND_S)
        share = ceil(passed * min(len(alive) / ROUND_S, _MOST_A_SECOND))
        self._looked_at = now
        budget = _BUDGET_S if self._complete else _FIRST_S
        fresh = [pid for pid in alive if pid not in self._looked]
        due = [*fresh, *orphaned, *(self._looked if everything else islice(self._looked, share))]
        waiting = list(dict.fromkeys(due))
        for pid in waiting:  # It grows: a process may have threads of that sort.
            if not everything and time.monotonic() - now > budget:
                break
            # Last in the order from now on.
            self._looked.pop(pid, None)
            self._looked[pid] = self._look_at(pid)
            if pid in processes:
                self._strays[pid] = strays = stray_threads(pid)
                waiting += [thread for thread in strays if thread not in self._looked]
                alive |= strays
        self._complete = alive <= self._looked.keys()
        if now - self._aged_at > 2 * ROUND_S:
            self._sockets.age()
            self._aged_at = now

    def ways(self) -> Iterator[Way]:
        """All that is known now."""
        for looked in self._looked.values():
            yield from looked.ways

    def _forget(self, alive: Collection[int]) -> list[int]:
        """Drop who has ended; who may read a mount namespace's mounts in their place."""
        gone = self._looked.keys() - alive
        unread = {looked.mount_namespace for pid in gone if (looked := self._looked.pop(pid)).reads_mounts}
        self._readers = {inode: pid for inode, pid in self._readers.items() if inode not in unread} if unread else self._readers
        return [pid for pid, looked in self._looked.items() if looked.mount_namespace in unread] if unread else []

    def _look_at(self, pid: int) -> _Looked:
        mounted_in, mounts = self._mounts(pid)
        ways = [Way(mount.inode, FoundBy.MOUNT, MountWay(pid, mount.path)) for mount in mounts]
        reads = mounted_in is not None and self._readers.get(mounted_in) == pid
        try:
            # Its own namespace is found by the process itself.
            own = namespace_inode(os.readlink(f"/proc/{pid}/ns/net"))
            held = descriptors(pid)
        except PermissionError:
            return _Looked(tuple(ways), mounted_in, reads, denied=True)
        except OSError:
            return _Looked(tuple(ways), mounted_in, reads)
        ways += [Way(inode, FoundBy.FD, DescriptorWay(pid, fd)) for inode, fd in held.namespaces.items() if inode != own]
        ways += [way for way in _by_tuns(pid, held.tuns) if way.inode != own]
        elsewhere, denied = self._elsewhere(pid, held.sockets, own)
        return _Looked((*ways, *elsewhere), mounted_in, reads, denied, held.partly)

    def _elsewhere(self, pid: int, sockets: Mapping[int, int], own: int) -> tuple[list[Way], bool]:
        """One of its sockets for each namespace other than its own, and whether one may not be asked."""
        ways: dict[int, Way] = {}
        denied = False
        for socket, namespace in self._sockets.namespaces(pid, sockets):
            if namespace is None:
                denied = True
            elif namespace != own and namespace not in ways:
                ways[namespace] = Way(namespace, FoundBy.SOCKET, SocketWay(pid, sockets[socket], socket))
        return list(ways.values()), denied

    def _mounts(self, pid: int) -> tuple[int | None, tuple[NsfsMount, ...]]:
        """The mount namespace of a process, and what is mounted there where nobody else has read it."""
        try:
            mounted_in = os.stat(f"/proc/{pid}/ns/mnt").st_ino
            reader = self._readers.get(mounted_in)
            if mounted_in == self._mounted_in or (reader not in {None, pid} and self._reads(reader, mounted_in)):
                return mounted_in, ()
            with open(f"/proc/{pid}/mountinfo", "rb") as file:
                mounts = tuple(nsfs_mounts(file.read()))
        except OSError:
            return None, ()
        self._readers[mounted_in] = pid
        return mounted_in, mounts

    def _reads(self, pid: int | None, mounted_in: int) -> bool:
        looked = None if pid is None else self._looked.get(pid)
        return looked is not None and looked.reads_mounts and looked.mount_namespace == mounted_in


def _by_tuns(pid: int, tuns: Iterable[int]) -> Iterator[Way]:
    for number in tuns:
        try:
            namespace = open_by_tun(pid, number)
        except OSError:
            continue
        try:
            yield Way(os.fstat(namespace).st_ino, FoundBy.FD, TunWay(pid, number))
        finally:
            os.close(namespace)
