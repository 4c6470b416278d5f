"""The raw facts of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from netview.model.host_facts import HostFacts
from netview.model.ids import LinkKey, NamespaceId
from netview.model.link import Hardware
from netview.model.namespace import Found, Tables
from netview.model.owner import Container
from netview.model.socket import Sockets
from netview.model.stats import LinkStats


class Notice(NamedTuple):
    """One line about a source that could not be read in full."""

    source: str
    """ "docker", "kernel", "processes", …"""
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What the kernel and the engines said at one moment, undigested. Unchanged tables are the same object as before."""

    taken_at: float
    """Seconds since the epoch, UTC."""
    kernel: str
    hostname: str
    user: str
    home: NamespaceId
    """The namespace netview was started in."""
    found: Mapping[NamespaceId, Found]
    tables: Mapping[NamespaceId, Tables]
    counters: Mapping[LinkKey, LinkStats]
    read_at: Mapping[LinkKey, float]
    """When each link's bytes and packets were counted, in seconds of one monotonic clock."""
    hardware: Mapping[int, Hardware]
    """By ifindex of the home namespace; empty where /sys shows another namespace."""
    containers: tuple[Container, ...] = ()
    heard: frozenset[str] = frozenset()
    """Whose word the containers are: engines that have told all of theirs."""
    notices: tuple[Notice, ...] = ()
    sockets: Mapping[NamespaceId, Sockets] = field(default_factory=dict)
    """Only where they were asked for."""
    mirrored: Mapping[LinkKey, float] = field(default_factory=dict)
    """Links whose bytes and packets are their peer's, swapped; when their own errors and drops were read, by that clock."""
    facts: Mapping[int, HostFacts] = field(default_factory=dict)
    """What processes see as their host, by pid; only where it was asked for."""
