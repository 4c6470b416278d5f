"""Whose a namespace is."""

from dataclasses import dataclass
from typing import NamedTuple

from netview.model.enums import Runtime


@dataclass(frozen=True, slots=True)
class Pod:
    """A Kubernetes pod."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A port of a container made reachable on the host."""

    host_address: str | None
    host_port: int | None
    """None: exposed only."""
    port: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner of a namespace; a pod's namespace has several."""

    runtime: Runtime
    id: str
    name: str
    pod: Pod | None = None
    networks: tuple[str, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    image: str | None = None
    """As its engine names it; None: not told."""
    state: str | None = None
    """The engine's word: "running", "paused"; None: not told."""
    labels: tuple[tuple[str, str], ...] = ()
    """As set on the container, cut where they are longer than anyone reads."""
    annotations: tuple[tuple[str, str], ...] = ()
    """Of its OCI bundle, cut in the same way; where an engine was asked there are none."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who says what the kernel does not bear out: the process that listens on a socket, by SO_PEERCRED."""

    socket: str
    pid: int
    """0: one that this pid namespace does not have."""
    uid: int

    def __str__(self) -> str:
        return f"{self.socket} (pid {self.pid}, uid {self.uid})"


@dataclass(frozen=True, slots=True)
class Claim:
    """An owner that is only said to be one."""

    owner: Owner
    by: Claimant

    def __str__(self) -> str:
        return f"{self.owner.name}, claimed by {self.by}"


@dataclass(frozen=True, slots=True)
class Container:
    """A running container as its engine tells it, with what ties it to a namespace."""

    owner: Owner
    pid: int | None
    """Of its first process."""
    sandbox: str | None = None
    """Path of its namespace's mount."""
    host_network: bool = False
    claimed_by: Claimant | None = None
    """Who says so against what the kernel says; None: the kernel bears it out."""


class EngineAnswer(NamedTuple):
    """What engines say at one moment, and which of them that is."""

    containers: tuple[Container, ...] = ()
    heard: frozenset[str] = frozenset()
    """The engines that have told of all their containers once and are heard still; what others may run is not known."""
