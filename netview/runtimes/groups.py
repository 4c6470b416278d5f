"""Containers and services by the control groups of the processes in each namespace: no engine is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from netview.decode.cgroup import Group, container, service
from netview.model import Container, Found, FoundBy, NamespaceId, Notice, Owner, Process, Runtime, Sample
from netview.runtimes.follower import Follower
from netview.runtimes.oci import Known, identified, named
from netview.runtimes.proc import process_file

# A process may be met before its engine has put it into its group.
_FIRST_READINGS, _LATER = 3, 60
_BY_NAME = (Runtime.LXC, Runtime.NSPAWN)

_Key = tuple[NamespaceId, int, str]


@dataclass(slots=True)
class _Seen:
    """A process as its group tells it."""

    readings: int = 0
    cgroup: bytes = b""
    group: Group | None = None
    service: str | None = None
    known: Known | None = None
    """None: not in a container, or in one that an older process stands for."""


class GroupEngine:
    """Reads what each sample found in a thread of its own: a bundle may lie on a disk that does not answer."""

    def __init__(self) -> None:
        self._containers: tuple[Container, ...] = ()
        self._seen: dict[_Key, _Seen] = {}
        self._settled: dict[NamespaceId, tuple[Found, list[tuple[bool, Container]]]] = {}
        """Whose processes were read often enough for now, and what came of it."""
        self._rounds = 0
        self._follower = Follower("netview-groups", self._read)

    def start(self) -> None:
        """Begin reading, with the first sample."""
        self._follower.thread.start()

    def sighted(self, sample: Sample) -> None:
        """Read what this sample found; the newest one counts."""
        self._follower.sighted(sample)

    def wait(self, seconds: float) -> None:
        """Return once the first sample is read, at most `seconds` later."""
        self._follower.wait(seconds)

    def containers(self) -> tuple[Container, ...]:
        """What the newest reading told, at once; the same object while nothing changed."""
        return self._containers

    def notices(self) -> tuple[Notice, ...]:
        """None: what may not be read is told by those who look for namespaces."""
        return ()

    def stop(self) -> None:
        """Stop reading; never waits."""
        self._follower.stop()

    def _read(self, sample: Sample) -> None:
        self._rounds += 1
        before, self._seen = self._seen, {}
        settled, self._settled = self._settled, {}
        told: list[tuple[bool, Container]] = []
        for turn, found in enumerate(sample.found.values()):
            known, again = settled.get(found.id), (turn + self._rounds) % _LATER == 0
            if known is not None and known[0] is found and not again:
                self._settled[found.id] = known
                self._seen |= {key: before[key] for key in map(partial(_key, found.id), found.processes)}
            else:
                known = found, list(self._namespace(found, before, home=found.id == sample.home, again=again))
                if all(self._seen[_key(found.id, process)].readings >= _FIRST_READINGS for process in found.processes):
                    self._settled[found.id] = known
            told += known[1]
        told.sort(key=lambda one: (not one[0], one[1].owner.name, one[1].owner.id))
        containers = tuple(known for _, known in told)
        if containers != self._containers:
            self._containers = containers

    def _namespace(self, found: Found, before: dict[_Key, _Seen], *, home: bool, again: bool) -> Iterator[tuple[bool, Container]]:
        """Its containers, each by its most senior process, with whether it only holds a pod's namespaces; else its service."""
        ids: set[str] = set()
        for process in found.processes:
            seen = self._process(found.id, process, before, home=home, again=again)
            if seen.group is None or seen.group.id in ids:
                continue
            ids.add(seen.group.id)
            if seen.known is None:
                seen.known = _known(process.pid, seen.group)
            yield seen.known.sandbox, Container(seen.known.owner, process.pid, host_network=home)
        if not (home or ids or found.names) and FoundBy.PROCESS in found.sources:
            senior = found.processes[0]
            unit = self._seen[_key(found.id, senior)].service
            if unit is not None:
                yield False, Container(Owner(Runtime.SYSTEMD, unit, unit), senior.pid)

    def _process(self, namespace: NamespaceId, process: Process, before: dict[_Key, _Seen], *, home: bool, again: bool) -> _Seen:
        key = _key(namespace, process)
        seen = self._seen[key] = before.get(key) or _Seen()
        if seen.readings < _FIRST_READINGS or (again and seen.group is None):
            seen.readings += 1
            _read_group(seen, process.pid, home=home)
        return seen


def _key(namespace: NamespaceId, process: Process) -> _Key:
    return namespace, process.pid, process.comm


def _read_group(seen: _Seen, pid: int, *, home: bool) -> None:
    cgroup = process_file(pid, "cgroup")
    if cgroup is None or (cgroup == seen.cgroup and seen.readings > _FIRST_READINGS):
        return
    seen.cgroup = cgroup
    seen.group, seen.service, seen.known = container(cgroup), service(cgroup), None
    if seen.group is None and not home:
        # The home namespace is full of processes that no engine has to do with.
        seen.known = named(pid, cgroup)
        seen.group = None if seen.known is None else Group(seen.known.owner.runtime, seen.known.owner.id)


def _known(pid: int, group: Group) -> Known:
    if group.runtime in _BY_NAME:
        return Known(Owner(group.runtime, group.id, group.id))
    return identified(pid, group.id, group.runtime)
