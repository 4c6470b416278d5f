"""Code run inside a lab's namespaces, on threads that end there."""

import os
import threading
from collections.abc import Callable
from typing import Literal, Protocol, TypeVar

from netview.derive.build import build
from netview.kernel.enter import Door
from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.model import LinkKey, LinkRef, NamespaceId, Sample, Snapshot
from tests.kernel.lab import Lab

T = TypeVar("T")
Backend = Literal["native", "pyroute2"]
BACKENDS: tuple[Backend, ...] = ("native", "pyroute2")


class Places(Protocol):
    """Knows where namespaces are mounted."""

    def path(self, name: str) -> str:
        """The mount."""


def at_home_in(lab: Places, name: str, work: Callable[[], T]) -> T:
    """What the work gives on a thread whose home is a namespace of the lab."""
    results: list[T] = []
    failures: list[BaseException] = []

    def go() -> None:
        door, descriptor = Door(), os.open(lab.path(name), os.O_RDONLY)
        try:
            with door.inside(descriptor):
                os.close(descriptor)
                results.append(work())
        except BaseException as error:  # noqa: BLE001  # it is raised again below
            failures.append(error)
        finally:
            door.close()

    thread = threading.Thread(target=go)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


def sample(lab: Lab, backend: Backend = "native", home: str = "host") -> Sample:
    """One sample, taken as if netview had been started in a namespace of the lab."""

    def take() -> Sample:
        source = LiveSource(backend, thorough=True)
        try:
            return source.sample(Want())
        finally:
            source.close()

    return at_home_in(lab, home, take)


def snapshot(lab: Lab, backend: Backend = "native", home: str = "host") -> Snapshot:
    """The same, resolved."""
    return build(sample(lab, backend, home))


def place(seen: Sample | Snapshot, lab: Lab, name: str) -> NamespaceId:
    """The identity of a namespace of the lab."""
    known = seen.found.values() if isinstance(seen, Sample) else (namespace.found for namespace in seen.namespaces.values())
    return next(found.id for found in known if lab.full(name) in found.names)


def link(seen: Snapshot, lab: Lab, name: str, ifname: str) -> LinkKey:
    """The identity of a link of the lab."""
    namespace = seen.namespaces[place(seen, lab, name)]
    return LinkKey(namespace.id, next(found.ifindex for found in namespace.links.values() if found.name == ifname))


def peer(seen: Snapshot, lab: Lab, name: str, ifname: str) -> LinkRef | None:
    """What is known of the other end of a link of the lab."""
    return seen.peer(link(seen, lab, name, ifname))
