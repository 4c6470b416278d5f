"""Every engine of this host: where the user says, in the usual place, and where their own processes listen."""

import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from netview.model import EngineAnswer, Notice, Runtime, Sample
from netview.runtimes.docker import DockerEngine
from netview.runtimes.follower import Follower
from netview.runtimes.groups import GroupEngine
from netview.runtimes.sockets import canonical, sockets_of

_DAEMONS = {"dockerd": Runtime.DOCKER, "podman": Runtime.PODMAN}
_INIT = 1
# A daemon opens its socket some time after its start.
_BEATS = 60


class _Daemon(NamedTuple):
    """A process that is called as an engine is."""

    runtime: Runtime
    beats: int
    """How often it was looked at without a socket."""
    paths: tuple[str, ...]


class Engines:
    """Engines that come and go; a thread of its own looks for their sockets, and each has a thread of its own."""

    def __init__(self, first: DockerEngine) -> None:
        self._standing = first
        # Where systemd listens for Docker, a connection would start one that was stopped: it is then found by its own process.
        self._asks_first = first.named or canonical(first.path) not in sockets_of(_INIT)
        self._groups = GroupEngine()
        self._found: dict[tuple[str, int], DockerEngine] = {}
        """By path and by the process that listens there."""
        self._daemons: dict[int, _Daemon] = {}
        self._stopped = False
        self._follower = Follower("netview-engines", self._look)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """With DOCKER_HOST as Docker, where that is a unix socket."""
        return cls(DockerEngine.from_environment(environ))

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
        processes = (process for found in sample.found.values() for process in found.processes)
        named = {process.pid: _DAEMONS[process.comm] for process in processes if process.comm in _DAEMONS}
        before = self._daemons
        self._daemons = {pid: _looked_at(pid, before.get(pid) or _Daemon(runtime, 0, ())) for pid, runtime in named.items()}
        wanted = {
            (path, pid): daemon.runtime
            for pid, daemon in self._daemons.items()
            for path in daemon.paths
            if self._wants(path, daemon)
        }
        gone = [engine for place, engine in self._found.items() if place not in wanted]
        kept = {place: engine for place, engine in self._found.items() if place in wanted}
        new = {
            (path, pid): DockerEngine(path, runtime=runtime, process=pid)
            for (path, pid), runtime in wanted.items()
            if (path, pid) not in kept
        }
        for engine in new.values():
            engine.start()
        self._found = kept | new
        if self._stopped:
            gone += new.values()
        _stop(gone)

    def _wants(self, path: str, daemon: _Daemon) -> bool:
        """DOCKER_HOST says which Docker is meant."""
        if not self._asks_first:
            return True
        docker = daemon.runtime is Runtime.DOCKER
        return path != canonical(self._standing.path) and not (docker and self._standing.named)


def _looked_at(pid: int, daemon: _Daemon) -> _Daemon:
    if daemon.paths or daemon.beats >= _BEATS:
        return daemon
    return daemon._replace(beats=daemon.beats + 1, paths=sockets_of(pid))


def _stop(engines: Iterable[DockerEngine]) -> None:
    for engine in engines:
        engine.stop()
