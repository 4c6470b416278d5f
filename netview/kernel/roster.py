"""Which processes there are, and which namespace each is in."""

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from math import ceil
from typing import NamedTuple

from netview.decode.procfs import Stat, namespace_inode, stat
from netview.model import FoundBy, Process

ROUND_S = 10.0
"""Every process is asked again within this time: it may enter another namespace, or its threads may."""
_MOST_A_SECOND = 32
"""But no more than this; among more than some hundreds it takes longer to come round, since it costs the same a second then."""
# A process is made first, and enters its own namespace then.
_YOUNG_S = 5.0
# Names are read anew with every such asking of a process, which may rename itself, and with the second: a container's first
# process is made by its engine's name.
_NAMES = 3


class Task(NamedTuple):
    """A process, or a thread that is elsewhere than its process."""

    inode: int
    """Of its namespace."""
    source: FoundBy
    opener: str
    told: Stat
    process: Process


class _Known(NamedTuple):
    """What is known of a process."""

    met_at: float
    asked: int
    link: str | None
    """To its namespace; None: it has ended, but its threads go on."""
    tasks: tuple[Task, ...]
    hidden: bool = False
    """Whether it may not be asked."""


class Roster:
    """Lists processes each time, asks those that are new, and the others in turn."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}
        """By pid, those asked the longest ago first."""
        self._young: dict[int, float] = {}
        self._inside: dict[int, set[int]] = {}
        """The processes that have tasks in a namespace, by its inode."""
        self._hidden: set[int] = set()
        self._names: list[str] = []
        self._pids: list[int] = []
        """What /proc listed last, and the processes among it."""
        self._listed_at = float("-inf")

    @property
    def pids(self) -> Collection[int]:
        """Of all processes."""
        return self._known.keys()

    @property
    def hidden(self) -> int:
        """How many may not be asked."""
        return len(self._hidden)

    @property
    def inodes(self) -> Collection[int]:
        """The namespaces that tasks are in."""
        return self._inside.keys()

    def tasks(self, inode: int) -> Iterator[Task]:
        """Those in a namespace."""
        for pid in sorted(self._inside.get(inode, ())):
            for task in self._known[pid].tasks:
                if task.inode == inode:
                    yield task

    def look(self, *, everybody: bool = False, inside: int | None = None) -> set[int]:
        """Look again, at everybody or at some; `inside`: at all of that namespace. The namespaces whose tasks changed."""
        now = time.monotonic()
        changed: set[int] = set()
        proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            names = os.listdir(proc)
            if names != self._names:
                self._names, self._pids = names, [int(entry) for entry in names if entry.isdecimal()]
            for pid in self._known.keys() - set(self._pids):
                self._put(pid, None, changed)
            for pid in dict.fromkeys([pid for pid in self._pids if pid not in self._known] + self._due(now, everybody, inside)):
                self._put(pid, _asked(proc, pid, self._known.get(pid), now), changed)
        finally:
            os.close(proc)
        self._listed_at = now
        return changed

    def _due(self, now: float, everybody: bool, inside: int | None) -> list[int]:
        if everybody:
            return list(self._known)
        self._young = {pid: at for pid, at in self._young.items() if now - at < _YOUNG_S and pid in self._known}
        passed = min(now - self._listed_at, ROUND_S)
        turn = islice(self._known, ceil(passed * min(len(self._known) / ROUND_S, _MOST_A_SECOND)))
        return [*self._young, *(self._inside.get(inside, ()) if inside is not None else ()), *turn]

    def _put(self, pid: int, known: _Known | None, changed: set[int]) -> None:
        """Take in what is known now; None: it has ended."""
        before = self._known.pop(pid, None)
        (self._hidden.add if known is not None and known.hidden else self._hidden.discard)(pid)
        if known is not None:
            self._known[pid] = known
            if before is None:
                self._young[pid] = known.met_at
        old, new = () if before is None else before.tasks, () if known is None else known.tasks
        if old is new or old == new:
            return
        for task in old:
            self._inside[task.inode].discard(pid)
            changed.add(task.inode)
        for task in new:
            self._inside.setdefault(task.inode, set()).add(pid)
            changed.add(task.inode)
        for inode in {task.inode for task in old}:
            if not self._inside[inode]:
                del self._inside[inode]


def _asked(proc: int, pid: int, before: _Known | None, now: float) -> _Known | None:
    """What a process tells; None: it has ended."""
    met_at, asked = (now, 0) if before is None else (before.met_at, before.asked + 1)
    try:
        link = _link(proc, pid)
        named = () if before is None or asked == 1 or asked % _NAMES == 0 else before.tasks
        threaded = os.stat(f"{pid}/task", dir_fd=proc).st_nlink > 3
        if before is not None and named and not threaded and before.link == link and named[0].source is FoundBy.PROCESS:
            return _Known(met_at, asked, link, named[:1])
        return _Known(met_at, asked, link, _tasks(proc, pid, link, named, threaded=threaded))
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError:
        return _Known(met_at, asked, None, (), hidden=True)


def _tasks(proc: int, pid: int, link: str | None, before: Iterable[Task], *, threaded: bool) -> tuple[Task, ...]:
    """A process and its threads that are elsewhere, with the names that were read before."""
    inode = None if link is None else namespace_inode(link)
    where = [] if inode is None else [(str(pid), inode, FoundBy.PROCESS)]
    if threaded:
        where += [(thread, elsewhere, FoundBy.THREAD) for thread, elsewhere in _strayed_threads(proc, pid, inode)]
    names: Mapping[tuple[str, int], Task] = {(task.opener, task.inode): task for task in before}
    tasks = (names.get((_opener(task), there)) or _task(proc, task, there, source) for task, there, source in where)
    return tuple(task for task in tasks if task is not None)


def _task(proc: int, task: str, inode: int, source: FoundBy) -> Task | None:
    told = _stat(proc, task)
    return None if told is None else Task(inode, source, _opener(task), told, Process(int(task.rpartition("/")[2]), told.comm))


def _opener(task: str) -> str:
    return f"/proc/{task}/ns/net"


def _link(proc: int, pid: int) -> str | None:
    """The link to a process's namespace; None: it has ended, but its threads may go on."""
    try:
        return os.readlink(f"{pid}/ns/net", dir_fd=proc)
    except FileNotFoundError:
        return None


def _strayed_threads(proc: int, pid: int, inode: int | None) -> Iterator[tuple[str, int]]:
    """Threads whose namespace is not their process's."""
    try:
        directory = os.open(f"{pid}/task", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=proc)
    except OSError:
        return
    try:
        for thread in os.listdir(directory):
            try:
                elsewhere = namespace_inode(os.readlink(f"{thread}/ns/net", dir_fd=directory))
            except OSError:
                continue
            if elsewhere != inode:
                yield f"{pid}/task/{thread}", elsewhere
    except OSError:
        return
    finally:
        os.close(directory)


def _stat(proc: int, task: str) -> Stat | None:
    try:
        descriptor = os.open(f"{task}/stat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)
    except OSError:
        return None
    try:
        return stat(os.read(descriptor, 4096))
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)
