"""Containers and services by the control groups of the processes in each namespace: no engine is asked."""

from collections.abc import Iterator
from dataclasses import dataclass

from netview.decode.cgroup import Group, container, service
from netview.model import Container, EngineAnswer, Found, FoundBy, NamespaceId, Notice, Owner, Process, Runtime, Sample
from netview.runtimes.follower import Follower
from netview.runtimes.oci import Known, Monitors, identified, named
from netview.runtimes.proc import process_file

# A process may be met before its engine has put it into its group.
_FIRST_READINGS, _LATER, _AT_ONCE = 3, 60, 4
"""How often each is read at first, in how many rounds once more, and so many namespaces in one of those rounds."""
_HEARD = frozenset({"cgroup"})
_BY_NAME = (Runtime.LXC, Runtime.NSPAWN)

_Key = tuple[NamespaceId, int, str]


_Told = list[tuple[bool, Container]]


@dataclass(slots=True)
class _Seen:
    """A process as its group tells it."""

    readings: int = 0
    cgroup: bytes = b""
    group: Group | None = None
    service: str | None = None
    known: Known | None = None
    """None: not in a container, or in one that an older process stands for."""


@dataclass(slots=True)
class _Namespace:
    """A namespace, its processes, and what came of them."""

    found: Found
    seen: dict[_Key, _Seen]
    told: _Told

    @property
    def settled(self) -> bool:
        """Whether all were read often enough for now."""
        return all(seen.readings >= _FIRST_READINGS for seen in self.seen.values())


class GroupEngine:
    """Reads what each sample found in a thread of its own: a bundle may lie on a disk that does not answer."""

    def __init__(self) -> None:
        self._answer = EngineAnswer()
        self._known: dict[NamespaceId, _Namespace] = {}
        self._unsettled: set[NamespaceId] = set()
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

    def answer(self) -> EngineAnswer:
        """What the newest reading told, at once."""
        return self._answer

    def notices(self) -> tuple[Notice, ...]:
        """None: what may not be read is told by those who look for namespaces."""
        return ()

    def stop(self) -> None:
        """Stop reading; never waits."""
        self._follower.stop()

    def _read(self, sample: Sample) -> None:
        self._rounds += 1
        later = max(_LATER, len(sample.found) // _AT_ONCE)
        gone = self._known.keys() - sample.found.keys()
        for namespace in gone:
            del self._known[namespace]
        news, monitors = bool(gone), Monitors()
        for turn, found in enumerate(sample.found.values()):
            known, again = self._known.get(found.id), (turn + self._rounds) % later == 0
            if known is not None and known.found is found and not again and found.id not in self._unsettled:
                continue
            seen: dict[_Key, _Seen] = {}
            before = {} if known is None else known.seen
            told = list(self._namespace(found, seen, before, monitors, home=found.id == sample.home, again=again))
            news = news or known is None or known.told != told
            read = self._known[found.id] = _Namespace(found, seen, told)
            (self._unsettled.discard if read.settled else self._unsettled.add)(found.id)
        self._unsettled -= gone
        if news or not self._answer.heard:
            self._tell(sample)

    def _tell(self, sample: Sample) -> None:
        told = [one for namespace in sample.found for one in self._known[namespace].told]
        told.sort(key=lambda one: (not one[0], one[1].owner.name, one[1].owner.id))
        containers = tuple(known for _, known in told)
        if containers != self._answer.containers or not self._answer.heard:
            self._answer = EngineAnswer(containers, _HEARD)

    @staticmethod
    def _namespace(
        found: Found, seen: dict[_Key, _Seen], before: dict[_Key, _Seen], monitors: Monitors, *, home: bool, again: bool
    ) -> Iterator[tuple[bool, Container]]:
        """Its containers, each by its most senior process, with whether it only holds a pod's namespaces; else its service."""
        ids: set[str] = set()
        for process in found.processes:
            key = _key(found.id, process)
            one = seen[key] = before.get(key) or _Seen()
            if one.readings < _FIRST_READINGS or (again and one.group is None):
                one.readings += 1
                _read_group(one, process.pid, monitors, home=home)
            if one.group is None or one.group.id in ids:
                continue
            ids.add(one.group.id)
            if one.known is None:
                one.known = _known(process.pid, one.group, monitors)
            yield one.known.sandbox, Container(one.known.owner, process.pid, host_network=home)
        if not (home or ids or found.names) and FoundBy.PROCESS in found.sources:
            senior = found.processes[0]
            unit = seen[_key(found.id, senior)].service
            if unit is not None:
                yield False, Container(Owner(Runtime.SYSTEMD, unit, unit), senior.pid)


def _key(namespace: NamespaceId, process: Process) -> _Key:
    return namespace, process.pid, process.comm


def _read_group(seen: _Seen, pid: int, monitors: Monitors, *, home: bool) -> None:
    cgroup = process_file(pid, "cgroup")
    if cgroup is None or (cgroup == seen.cgroup and seen.readings > _FIRST_READINGS):
        return
    seen.cgroup = cgroup
    seen.group, seen.service, seen.known = container(cgroup), service(cgroup), None
    if seen.group is None and not home:
        # The home namespace is full of processes that no engine has to do with.
        seen.known = named(pid, cgroup, monitors)
        seen.group = None if seen.known is None else Group(seen.known.owner.runtime, seen.known.owner.id)


def _known(pid: int, group: Group, monitors: Monitors) -> Known:
    if group.runtime in _BY_NAME:
        return Known(Owner(group.runtime, group.id, group.id))
    return identified(pid, group.id, group.runtime, monitors)
