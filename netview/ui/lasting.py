"""What is made from a snapshot once a topology."""

from collections.abc import Callable
from typing import Generic, TypeVar

from netview.model import Snapshot

Made = TypeVar("Made")


class Lasting(Generic[Made]):
    """Made anew when the topology changes: counters alone leave it as it is."""

    def __init__(self, make: Callable[[Snapshot], Made]) -> None:
        self._make = make
        self._kept: tuple[Snapshot, Made] | None = None

    def __call__(self, snapshot: Snapshot) -> Made:
        """What was made of this snapshot's topology."""
        kept = self._kept
        made = kept[1] if kept is not None and same_topology(kept[0], snapshot) else self._make(snapshot)
        self._kept = (snapshot, made)
        return made


def same_topology(one: Snapshot, other: Snapshot) -> bool:
    """Whether two snapshots differ at most in counters."""
    return (
        one.namespaces is other.namespaces
        and one.peers is other.peers
        and one.lowers is other.lowers
        and one.ports is other.ports
    )
