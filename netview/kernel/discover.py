"""Which network namespaces there are: one sweep over /proc and the mounts."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from netview.decode.procfs import NsfsMount, Stat, hides_processes, namespace_inode, nsfs_mounts, stat
from netview.kernel.costly import Costly
from netview.kernel.mounts import Mounts
from netview.kernel.openers import Opener
from netview.model import FoundBy, Process

_NAMED = ("/run/netns/", "/var/run/netns/")
# Names of processes, and whether they have threads now, are read anew after this many sweeps, a part of them with each.
_FRESH_SWEEPS = 20


class Task(NamedTuple):
    """A process, or a thread that is elsewhere than its process."""

    inode: int
    """Of its namespace."""
    source: FoundBy
    opener: str
    told: Stat
    process: Process


class _Known(NamedTuple):
    """What the last sweep knew of a process."""

    link: str | None
    """To its namespace; None: it has ended, but its threads go on."""
    threaded: bool
    tasks: tuple[Task, ...]


@dataclass(slots=True)
class Sighting:
    """One namespace, by inode, and all the ways that lead to it."""

    inode: int
    sources: set[FoundBy] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    openers: list[Opener] = field(default_factory=list)
    """What leads to it; any may be gone by the time it is tried."""
    tasks: list[Task] = field(default_factory=list)

    def add(self, task: Task) -> None:
        """One more process or thread in it."""
        self.sources.add(task.source)
        self.openers.append(task.opener)
        self.tasks.append(task)

    def seniority(self) -> tuple[Process, ...]:
        """Its processes, the oldest first; kernel threads, which are nobody's, after them."""
        ordered = sorted(self.tasks, key=lambda task: (task.told.kernel_thread, task.told.started_ticks, task.process.pid))
        return tuple(task.process for task in ordered)


@dataclass(slots=True)
class Sweep:
    """What one look over the machine found."""

    sightings: dict[int, Sighting] = field(default_factory=dict)
    """By inode."""
    hidden: int = 0
    """Processes whose namespace may not be asked for."""
    unshown: bool = False
    """Whether /proc may leave out processes."""
    unasked: int = 0
    """Processes that tell their namespace, but whose descriptors or sockets may not be looked at."""
    uncounted: int = 0
    """Processes with more descriptors than are looked at."""

    def at(self, inode: int) -> Sighting:
        """The sighting of an inode, made when first met."""
        sighting = self.sightings.get(inode)
        if sighting is None:
            sighting = self.sightings[inode] = Sighting(inode)
        return sighting


class Discovery:
    """Sweeps again and again, remembering the names of processes, and which have one thread alone, for some sweeps.

    What is costly to find comes a little at a time, and not with the first sweep; `thorough`: all of it does.
    """

    def __init__(self, *, thorough: bool = False, mounts: Mounts | None = None) -> None:
        """`mounts` say when they changed, for the thread that calls; None: they are read anew each time."""
        self._thorough = thorough
        self._mounts = mounts
        self._mounted: tuple[NsfsMount, ...] = ()
        self._unshown = False
        self._costly = Costly()
        self._known: dict[int, _Known] = {}
        self._sweeps = 0

    def sweep(self, *, closer: bool = False) -> Sweep:
        """Processes, their threads, the mounts of this mount namespace, and what else is known; `closer`: that anew too."""
        self._sweeps += 1
        found = Sweep()
        if self._mounts is None or self._mounts.changed():
            mountinfo = _mountinfo() if self._mounts is None else self._mounts.read()
            self._unshown = hides_processes(mountinfo)
            self._mounted = tuple(nsfs_mounts(mountinfo))
        found.unshown = self._unshown
        for mount in self._mounted:
            sighting = found.at(mount[0])
            sighting.sources.add(FoundBy.MOUNT)
            sighting.paths.append(mount[1])
            sighting.openers.append(mount[1])
            sighting.names += [mount[1][len(prefix) :] for prefix in _NAMED if mount[1].startswith(prefix)]
        before, self._known = self._known, {}
        proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            pids = [int(entry) for entry in os.listdir(proc) if entry.isdecimal()]
            for pid in pids:
                self._process(proc, pid, found, before.get(pid))
        finally:
            os.close(proc)
        if self._sweeps > 1 or self._thorough:
            self._costly.look(pids, everything=closer or self._sweeps == 1)
        self._add_costly(found)
        return found

    def _add_costly(self, found: Sweep) -> None:
        for inode, source, opener in self._costly.ways():
            sighting = found.at(inode)
            sighting.sources.add(source)
            sighting.openers.append(opener)
        found.unasked = max(0, len(self._costly.denied) - found.hidden)
        found.uncounted = self._costly.partly

    def _process(self, proc: int, pid: int, found: Sweep, before: _Known | None) -> None:
        try:
            link = _link(proc, pid)
            stale = (pid + self._sweeps) % _FRESH_SWEEPS == 0
            if before is None or stale or before.threaded or before.link != link:
                before = _known(proc, pid, link, () if before is None or stale else before.tasks)
        except (FileNotFoundError, ProcessLookupError):
            return
        except PermissionError:
            found.hidden += 1
            return
        self._known[pid] = before
        for task in before.tasks:
            found.at(task.inode).add(task)


def _known(proc: int, pid: int, link: str | None, before: Iterable[Task]) -> _Known:
    """A process and its threads, with the names that were read before."""
    inode = None if link is None else namespace_inode(link)
    threaded = os.stat(f"{pid}/task", dir_fd=proc).st_nlink > 3
    where = [] if inode is None else [(str(pid), inode, FoundBy.PROCESS)]
    if threaded:
        where += [(thread, elsewhere, FoundBy.THREAD) for thread, elsewhere in _strayed_threads(proc, pid, inode)]
    names = {(task.opener, task.inode): task for task in before}
    tasks = (names.get((_opener(task), there)) or _task(proc, task, there, source) for task, there, source in where)
    return _Known(link, threaded, tuple(task for task in tasks if task is not None))


def _task(proc: int, task: str, inode: int, source: FoundBy) -> Task | None:
    told = _stat(proc, task)
    return None if told is None else Task(inode, source, _opener(task), told, Process(int(task.rpartition("/")[2]), told.comm))


def _opener(task: str) -> str:
    return f"/proc/{task}/ns/net"


def _mountinfo() -> bytes:
    with open("/proc/thread-self/mountinfo", "rb") as file:
        return file.read()


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
