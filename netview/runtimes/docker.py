"""Docker, and Podman, which speaks as Docker does: asked through the API on the unix socket."""

import os
import re
import threading
import time
from collections.abc import Mapping
from typing import NamedTuple, Self

from netview.model import Container, EngineAnswer, Notice, Runtime, Sample
from netview.runtimes.docker_json import inspected, listed, networks
from netview.runtimes.event_stream import EventStream
from netview.runtimes.evidence import shared_mounts, witness
from netview.runtimes.overlays import helpers, overlays
from netview.runtimes.proc import process_status
from netview.runtimes.reach import Reach
from netview.runtimes.unix_http import SECONDS, BadAnswer, Peer, UnixHttp

SOCKET = "/var/run/docker.sock"
INTERVAL_S = 1.0
"""From round to round where the engine tells of nothing by itself; else rounds are no closer than that."""
IDLE_S = 10.0
"""How long an engine that tells of its events is not asked while it tells of none."""
_GATHER_S, _LEAST_APART_S = 0.05, 0.5
_AGAIN_S = 30.0
"""So long one that has no events to tell is not asked for them again."""
RETRY_S = (5.0, 10.0)
"""After the first failure, and after each one more; where nobody listens, asking costs nothing."""
KEPT_S = 30.0
"""How long the last answer stands in for an engine that fails."""
_LEAST_S = 0.5
"""What an inspection is given at least, before its container is held to be stuck."""
_STUCK_S = 10.0
# A swarm's networks change seldom: their namespaces are looked for every other round.
_SELDOM = 2
# Unversioned: every engine answers these, whichever API versions it has dropped.
_LIST = "/containers/json"
_NETWORKS = "/networks"
_TARGETS = re.compile(r"/networks|/containers/json|/containers/[0-9a-f]{64}/json")


class _Known(NamedTuple):
    """A container as last inspected."""

    entry: int
    told: Container | None
    """In the engine's words."""
    refused: bool = False
    peer: Peer | None = None
    """Whose word it was when it was checked."""
    container: Container | None = None
    """As far as the kernel bears it out; None: not checked, or not running."""


class DockerEngine:
    """Running containers, polled in a thread of its own; nothing but that thread ever waits for the engine."""

    def __init__(
        self,
        path: str = SOCKET,
        *,
        runtime: Runtime = Runtime.DOCKER,
        named: bool = False,
        process: int | None = None,
        ignored: str | None = None,
        reach: Reach | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._path = path
        self._runtime = runtime
        self._named = named
        self._process = process
        self._reach = reach
        self._seconds = seconds
        ignoring = f"DOCKER_HOST={ignored} is ignored: only unix:// engines run here"
        self._standing = () if ignored is None else (self._notice(ignoring),)
        self._notices: tuple[Notice, ...] = self._standing
        self._answer = EngineAnswer()
        self._known: dict[str, _Known] = {}
        self._stuck: dict[str, float] = {}
        self._overlays: tuple[Container, ...] = ()
        self._rounds = 0
        self._failures = 0
        self._answered = False
        self._complete = False
        """Whether each container that it runs was told of once."""
        self._answered_at = time.monotonic()
        self._first = threading.Event()
        self._stopped = threading.Event()
        self._events = EventStream(path, reach)
        self._opened_at = float("-inf")
        self._echoes = False
        """Whether something was told just now, of which the rest may come a little later."""
        self._thread = threading.Thread(target=self._run, name="netview-docker", daemon=True)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The engine at DOCKER_HOST where that is a unix socket, else the default one; a remote engine's pids are not ours."""
        host = environ.get("DOCKER_HOST", "")
        path = host.removeprefix("unix://")
        if path and path != host:
            return cls(path, named=True)
        return cls(ignored=_without_credentials(host) or None)

    @property
    def path(self) -> str:
        """Its socket."""
        return self._path

    @property
    def named(self) -> bool:
        """Whether the user named it."""
        return self._named

    def start(self) -> None:
        """Begin asking."""
        self._thread.start()

    def sighted(self, sample: Sample) -> None:
        """The engine knows its containers by itself."""

    def wait(self, seconds: float) -> None:
        """Return once the first answer, or the reason for none, is here, at most `seconds` later."""
        self._first.wait(seconds)

    def answer(self) -> EngineAnswer:
        """The newest answer, at once."""
        return self._answer

    def notices(self) -> tuple[Notice, ...]:
        """Why there is no answer, or only a part of one, at once."""
        return self._notices

    def stop(self) -> None:
        """Stop asking; never waits for an answer."""
        self._stopped.set()
        self._events.wake()

    def _run(self) -> None:
        while not self._stopped.is_set() and self._runs():
            pause = self._round()
            self._first.set()
            self._wait(pause)
        self._first.set()
        self._events.close()

    def _wait(self, pause: float) -> None:
        """Until the next round is due: in its time, or when the engine tells of something."""
        now = time.monotonic()
        if self._failures:
            self._events.hang_up()
        elif not self._events.listening and now >= self._opened_at + _AGAIN_S:
            self._events.open()
            self._opened_at = now
            self._echoes = True  # What happened before it was open was not heard.
        if not self._events.listening or self._stopped.is_set():
            self._stopped.wait(pause)
            return
        rang = self._events.wait(INTERVAL_S if self._echoes else IDLE_S)
        if rang:
            self._opened_at = float("-inf")
            # One that tells without end is asked no oftener than one that tells nothing.
            self._stopped.wait(max(_GATHER_S, now + _LEAST_APART_S - time.monotonic()))
        self._echoes = rang

    def _runs(self) -> bool:
        """Whether the process that was found is there: where systemd listens in its place, to ask would start it again."""
        return self._process is None or process_status(self._process) is not None

    def _is_none(self, error: OSError | BadAnswer) -> bool:
        """Whether a socket that was only found turns out to be for something else: an engine's process has several."""
        return self._process is not None and not self._answered and isinstance(error, BadAnswer)

    def _round(self) -> float:
        """Ask once; returns the seconds until the next time."""
        try:
            with UnixHttp(self._path, _TARGETS, reach=self._reach, seconds=self._seconds) as http:
                texts = self._ask(http)
        except (OSError, BadAnswer) as error:
            self._failures += 1
            if self._is_none(error):
                self._stopped.set()
                return 0.0
            if time.monotonic() - self._answered_at > KEPT_S:
                self._known.clear()
                self._overlays = ()
                self._complete = False
            texts = self._reason(error)
            absent = isinstance(error, FileNotFoundError | ConnectionRefusedError)
            pause = INTERVAL_S if absent else RETRY_S[min(self._failures, len(RETRY_S)) - 1]
        else:
            self._failures = 0
            self._answered = True
            self._answered_at = time.monotonic()
            pause = INTERVAL_S
        self._publish(texts)
        return pause

    def _publish(self, texts: tuple[str, ...]) -> None:
        told = sorted(self._known.values(), key=_rank)
        containers = (*(known.container for known in told if known.container is not None), *self._overlays)
        heard = frozenset({self._path}) if self._complete else frozenset[str]()
        if EngineAnswer(containers, heard) != self._answer:
            self._answer = EngineAnswer(containers, heard)
        self._notices = self._standing + tuple(self._notice(f"{self._path}: {text}") for text in texts)

    def _ask(self, http: UnixHttp) -> tuple[str, ...]:
        status, body = http.get(_LIST)
        if status != 200:
            raise BadAnswer(f"answers HTTP {status}")
        entries, refused = listed(body)
        self._known = {id_: known for id_, known in self._known.items() if id_ in entries}
        self._stuck = {id_: until for id_, until in self._stuck.items() if id_ in entries}
        self._inspect_changed(http, entries)
        self._check(http.peer())
        if self._rounds % _SELDOM == 0 or self._events.listening:
            self._overlays = self._helpers(http)
        self._rounds += 1
        total = len(entries) + refused
        refused += sum(known.refused for known in self._known.values())
        missing = len(entries) - len(self._known)
        self._complete = self._complete or not missing
        claimed = sum(known.container is not None and known.container.claimed_by is not None for known in self._known.values())
        texts = (
            (refused, "make no sense and are left out"),
            (missing, "are not answered for yet"),
            (claimed, "are only claimed: the kernel does not bear them out"),
        )
        return tuple(f"{count} of {total} containers {text}" for count, text in texts if count)

    def _inspect_changed(self, http: UnixHttp, entries: Mapping[str, int]) -> None:
        for id_, entry in entries.items():
            known = self._known.get(id_)
            if (known is not None and known.entry == entry) or time.monotonic() < self._stuck.get(id_, 0.0):
                continue
            if http.remaining() < min(_LEAST_S, self._seconds / 2):
                return
            try:
                self._inspect(http, id_, entry)
            except TimeoutError:
                self._stuck[id_] = time.monotonic() + _STUCK_S
                return
            except BadAnswer:
                # What an engine breaks off, as one that restarts does, says nothing of the container.
                self._stuck[id_] = time.monotonic() + _STUCK_S

    def _check(self, peer: Peer) -> None:
        """Hold what is new, or said by another process than before, against the kernel."""
        unchecked = [
            (id_, known, known.told) for id_, known in self._known.items() if known.told is not None and known.peer != peer
        ]
        if not unchecked:
            return
        seen = witness(peer)
        if seen is None:
            self._known.clear()
            raise BadAnswer("runs where no process can be seen from here, so its pids say nothing")
        for id_, known, told in unchecked:
            self._known[id_] = known._replace(peer=peer, container=seen.checked(told, self._path, self._runtime))

    def _helpers(self, http: UnixHttp) -> tuple[Container, ...]:
        """The namespaces of a swarm's networks, where the engine's own mounts show any."""
        paths = helpers(shared_mounts(http.peer()))
        if not paths:
            return ()
        status, body = http.get(_NETWORKS)
        return tuple(overlays(paths, networks(body))) if status == 200 else ()

    def _inspect(self, http: UnixHttp, id_: str, entry: int) -> None:
        """Raises OSError and BadAnswer where the engine did not get as far as to tell of the container."""
        status, body = http.get(f"/containers/{id_}/json")
        if status == 404:
            self._known[id_] = _Known(entry, None)
            return
        if status != 200:
            raise BadAnswer(f"answers HTTP {status}")
        try:
            container = inspected(body)
        except BadAnswer:
            self._known[id_] = _Known(entry, None, refused=True)
            return
        mine = container is None or container.owner.id == id_
        self._known[id_] = _Known(entry, container if mine else None, refused=not mine)

    def _notice(self, text: str) -> Notice:
        return Notice(self._runtime.value, text)

    def _reason(self, error: OSError | BadAnswer) -> tuple[str, ...]:
        if isinstance(error, FileNotFoundError) and not self._named:
            return ()
        if isinstance(error, TimeoutError):
            return (f"no answer within {self._seconds:g} s",)
        text = os.strerror(error.errno).lower() if isinstance(error, OSError) and error.errno else str(error)
        if isinstance(error, PermissionError) and os.geteuid() != 0:
            text += "; add yourself to the docker group or run as root"
        return (text,)


def _rank(known: _Known) -> tuple[bool, str, str]:
    """A container that lives in another's namespace has no sandbox of its own: the namespace is called after the other."""
    told = known.told
    return (True, "", "") if told is None else (told.sandbox is None, told.owner.name, told.owner.id)


def _without_credentials(host: str) -> str:
    scheme, separator, rest = host.partition("://")
    return scheme + separator + rest.rpartition("@")[2]
