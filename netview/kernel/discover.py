"""Which network namespaces there are: one sweep over /proc and the mounts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from netview.decode.procfs import hides_processes, nsfs_mounts
from netview.kernel.costly import Costly, Way
from netview.kernel.mounts import Mounts
from netview.kernel.openers import MountWay, Opener
from netview.kernel.roster import Roster, Task
from netview.model import FoundBy, Process

_NAMED = ("/run/netns/", "/var/run/netns/")


@dataclass(slots=True)
class Sighting:
    """One namespace, by inode, and all the ways that lead to it."""

    inode: int
    sources: set[FoundBy] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    elsewhere: list[MountWay] = field(default_factory=list)
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
    """Sweeps again and again; a sighting of which nothing has changed is the same object.

    A process that enters or leaves a namespace is seen within some seconds (roster.ROUND_S), a new process at once. What is
    costly to find comes a little at a time, and not with the first sweep; `thorough`: all of it does.
    """

    def __init__(self, *, thorough: bool = False, mounts: Mounts | None = None) -> None:
        """`mounts` say when they changed, for the thread that calls; None: they are read anew each time."""
        self._thorough = thorough
        self._mounts = mounts
        self._mounted: dict[int, list[str]] = {}
        self._unshown = False
        self._roster = Roster()
        self._costly = Costly()
        self._ways: dict[int, list[Way]] = {}
        self._sightings: dict[int, Sighting] = {}
        self._first = True

    def sweep(self, *, closer: bool = False, inside: int | None = None) -> Sweep:
        """Processes, their threads, the mounts of this mount namespace, and what else is known.

        `closer`: everything is looked at anew; `inside`: all processes of the namespace with this inode.
        """
        changed = self._look_at_mounts()
        changed |= self._roster.look(everybody=closer, inside=inside)
        if not self._first or self._thorough:
            self._costly.look(self._roster.pids, everything=closer or self._first)
            changed |= self._take_ways()
        self._first = False
        for inode in changed:
            sighting = self._sighted(inode)
            if sighting is None:
                self._sightings.pop(inode, None)
            else:
                self._sightings[inode] = sighting
        hidden = self._roster.hidden
        unasked = max(0, len(self._costly.denied) - hidden)
        return Sweep(dict(self._sightings), hidden, self._unshown, unasked, self._costly.partly)

    def _look_at_mounts(self) -> set[int]:
        """The namespaces whose mounts changed."""
        if self._mounts is not None and not self._mounts.changed():
            return set()
        mountinfo = _mountinfo() if self._mounts is None else self._mounts.read()
        self._unshown = hides_processes(mountinfo)
        before, self._mounted = self._mounted, {}
        for mount in nsfs_mounts(mountinfo):
            self._mounted.setdefault(mount.inode, []).append(mount.path)
        return _changed(before, self._mounted)

    def _take_ways(self) -> set[int]:
        """The namespaces to which other costly ways lead now."""
        before, self._ways = self._ways, {}
        for way in self._costly.ways():
            self._ways.setdefault(way.inode, []).append(way)
        return _changed(before, self._ways)

    def _sighted(self, inode: int) -> Sighting | None:
        """What leads to a namespace now; None: nothing does."""
        sighting = Sighting(inode)
        for path in self._mounted.get(inode, ()):
            sighting.sources.add(FoundBy.MOUNT)
            sighting.paths.append(path)
            sighting.openers.append(path)
            sighting.names += [path[len(prefix) :] for prefix in _NAMED if path.startswith(prefix)]
        for task in self._roster.tasks(inode):
            sighting.add(task)
        for way in self._ways.get(inode, ()):
            sighting.sources.add(way.source)
            sighting.openers.append(way.opener)
            if isinstance(way.opener, MountWay):
                sighting.elsewhere.append(way.opener)
        return sighting if sighting.openers else None


def _changed(before: Mapping[int, object], now: Mapping[int, object]) -> set[int]:
    return {inode for inode in before.keys() | now.keys() if before.get(inode) != now.get(inode)}


def _mountinfo() -> bytes:
    with open("/proc/thread-self/mountinfo", "rb") as file:
        return file.read()
