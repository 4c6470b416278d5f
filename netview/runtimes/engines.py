"""Every engine of this host: where the user says, in the usual place, and where their own processes listen."""

import errno
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import NamedTuple, Self

from netview.model import EngineAnswer, Notice, Runtime, Sample
from netview.runtimes.docker import DockerEngine
from netview.runtimes.follower import Follower
from netview.runtimes.groups import GroupEngine
from netview.runtimes.reach import Reach
from netview.runtimes.sockets import canonical, is_among_us, is_local, is_same, sockets_of

_DAEMONS = {"dockerd": Runtime.DOCKER, "podman": Runtime.PODMAN}
_INIT = 1
# A daemon opens its socket some time after its start.
_BEATS = 60
_NOT_ALLOWED = (errno.EPERM, errno.EACCES, errno.ENOSYS)
"""To look into another root: it takes rights, and a kernel that has openat2."""
_MOST_NAMED, _MOST_OF_ONE, _MOST = 64, 8, 32
"""Processes that are looked at, sockets of one, and those that are asked of all: anybody may be called as an engine is."""


class _Place(NamedTuple):
    """Where a daemon listens."""

    path: str
    """As it is called from here."""
    inner: str | None = None
    """As the daemon calls it, where the path leads elsewhere from here."""


class _Daemon(NamedTuple):
    """A process that is called as an engine is."""

    runtime: Runtime
    beats: int
    """How often it was looked at without a socket."""
    places: tuple[_Place, ...]


class Engines:
    """Engines that come and go; a thread of its own looks for their sockets, and each has a thread of its own."""

    def __init__(self, first: DockerEngine, opened: Callable[[int, str], int | None] | None = None) -> None:
        """Opened: finds a socket by the path that a process of other mounts sees, as Expendable.socket does."""
        self._standing = first
        self._opened = opened
        self._opening = threading.Lock()
        # Where systemd listens for Docker, a connection would start one that was stopped: it is then found by its own process.
        self._asks_first = first.named or canonical(first.path) not in map(canonical, sockets_of(_INIT))
        self._groups = GroupEngine()
        self._found: dict[tuple[str, int], DockerEngine] = {}
        """By path and by the process that listens there."""
        self._daemons: dict[int, _Daemon] = {}
        self._stopped = False
        self._follower = Follower("netview-engines", self._look)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], opened: Callable[[int, str], int | None] | None = None) -> Self:
        """With DOCKER_HOST as Docker, where that is a unix socket."""
        return cls(DockerEngine.from_environment(environ), opened)

    def start(self) -> None:
        """Begin asking and looking."""
        if self._asks_first:
            self._standing.start()
        self._groups.start()
        self._follower.thread.start()

    def sighted(self, sample: Sample) -> None:
        """Look for engines among its processes, and for containers among their groups."""
        self._follower.sighted(sample)
        self._groups.sighted(sample)

    def wait(self, seconds: float) -> None:
        """Return once all have answered for the first time, at most `seconds` later."""
        until = time.monotonic() + seconds
        self._follower.wait(seconds)
        self._groups.wait(max(0.0, until - time.monotonic()))
        for engine in self._asked() if self._asks_first else self._found.values():
            engine.wait(max(0.0, until - time.monotonic()))

    def answer(self) -> EngineAnswer:
        """What the engines say, and then what the kernel alone tells, at once."""
        answers = [*(engine.answer() for engine in self._asked()), self._groups.answer()]
        heard = frozenset[str]().union(*(answer.heard for answer in answers))
        return EngineAnswer(tuple(known for answer in answers for known in answer.containers), heard)

    def notices(self) -> tuple[Notice, ...]:
        """What keeps engines from answering, at once."""
        return tuple(notice for engine in self._asked() for notice in engine.notices())

    def stop(self) -> None:
        """Stop all; never waits."""
        self._stopped = True
        self._follower.stop()
        self._groups.stop()
        for engine in self._asked():
            engine.stop()

    def _asked(self) -> tuple[DockerEngine, ...]:
        return (self._standing, *self._found.values())

    def _look(self, sample: Sample) -> None:
        """Find the daemons among the processes, ask those that are new, and leave those that went."""
        named = dict(islice(_named(sample), _MOST_NAMED))
        before = self._daemons
        self._daemons = {pid: self._looked_at(pid, before.get(pid) or _Daemon(runtime, 0, ())) for pid, runtime in named.items()}
        listed = [
            (place, pid, daemon.runtime)
            for pid, daemon in self._daemons.items()
            for place in daemon.places
            if self._wants(place, daemon)
        ]
        listed.sort(key=lambda one: one[0].inner is not None)
        wanted = {(place.path, pid): (place, runtime) for place, pid, runtime in listed[:_MOST]}
        gone = [engine for place, engine in self._found.items() if place not in wanted]
        kept = {place: engine for place, engine in self._found.items() if place in wanted}
        new = {
            (path, pid): DockerEngine(path, runtime=runtime, process=pid, reach=self._reach(pid, place))
            for (path, pid), (place, runtime) in wanted.items()
            if (path, pid) not in kept
        }
        for engine in new.values():
            engine.start()
        self._found = kept | new
        if self._stopped:
            gone += new.values()
        _stop(gone)

    def _wants(self, place: _Place, daemon: _Daemon) -> bool:
        """DOCKER_HOST says which Docker is meant."""
        if not self._asks_first:
            return True
        docker = daemon.runtime is Runtime.DOCKER
        return place.path != canonical(self._standing.path) and not (docker and self._standing.named)

    def _looked_at(self, pid: int, daemon: _Daemon) -> _Daemon:
        if daemon.places or daemon.beats >= _BEATS:
            return daemon
        paths = sockets_of(pid)[:_MOST_OF_ONE]
        if is_among_us(pid):
            places = tuple(_Place(canonical(path)) for path in paths)
        else:
            places = tuple(place for path in paths if (place := self._elsewhere(pid, path)) is not None)
        return daemon._replace(beats=daemon.beats + 1, places=places)

    def _elsewhere(self, pid: int, path: str) -> _Place | None:
        """The socket of a process with mounts of its own: the same from here, within a container, or nowhere."""
        plain = _Place(canonical(path)) if is_local(path) else None
        if self._opened is None:
            return plain
        try:
            descriptor = self._reached(pid, path)
        except OSError as error:
            return plain if error.errno in _NOT_ALLOWED else None
        if descriptor is None:
            return None
        try:
            return plain if is_same(path, descriptor) else _Place(f"/proc/{pid}/root{path}", path)
        finally:
            os.close(descriptor)

    def _reach(self, pid: int, place: _Place) -> Reach | None:
        return None if place.inner is None else partial(self._reached, pid, place.inner)

    def _reached(self, pid: int, path: str) -> int | None:
        """As `opened` does, for one thread at a time."""
        with self._opening:
            return None if self._opened is None else self._opened(pid, path)


def _named(sample: Sample) -> Iterator[tuple[int, Runtime]]:
    """Processes that are called as engines are, those in the home namespace first."""
    for found in sorted(sample.found.values(), key=lambda found: found.id != sample.home):
        for process in found.processes:
            if process.comm in _DAEMONS:
                yield process.pid, _DAEMONS[process.comm]


def _stop(engines: Iterable[DockerEngine]) -> None:
    for engine in engines:
        engine.stop()
