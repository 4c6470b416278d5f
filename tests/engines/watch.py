"""A poller that runs beside a test, as it does under the app."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from netview.kernel.live_source import LiveSource
from netview.live import Poller, Update, Want
from netview.model import LinkKey, Namespace, Snapshot
from netview.runtimes.docker import DockerEngine
from tests.engines.docker_lab import DockerLab
from tests.kernel.lab import wait


class Watch:
    """Samples of this machine, the lab on it and its engine, half a second apart."""

    def __init__(self, lab: DockerLab) -> None:
        self.snapshots: list[Snapshot] = []
        self._poller = Poller(LiveSource(), [DockerEngine(str(lab.socket), named=True)], interval=0.5)

    def __enter__(self) -> Self:
        self._poller.start(self._take)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._poller.stop(10)

    def until(self, condition: Callable[[Snapshot], bool], seconds: float = 10.0) -> None:
        """Wait for a snapshot that is so."""
        assert wait(lambda: bool(self.snapshots) and condition(self.snapshots[-1]), seconds)

    def open(self, label: str) -> Namespace:
        """Show a container's namespace, as the app does with the place that is open."""
        self.until(lambda snapshot: label in labels(snapshot))
        namespace = next(n for n in self.snapshots[-1].namespaces.values() if n.label == label)
        self._poller.want(Want(frozenset(LinkKey(namespace.id, ifindex) for ifindex in namespace.links), namespace.id))
        return namespace

    def _take(self, update: Update) -> None:
        self.snapshots.append(update.snapshot)


def labels(snapshot: Snapshot) -> set[str]:
    """What the namespaces are called."""
    return {namespace.label for namespace in snapshot.namespaces.values()}
