"""What is made from a snapshot once a topology."""

from collections.abc import Callable
from typing import Generic, TypeVar

from netview.model import Namespace, Snapshot, Tables

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
    """Whether two snapshots differ at most in counters and in neighbours, which age all the time."""
    return (
        one.peers is other.peers
        and one.lowers is other.lowers
        and one.ports is other.ports
        and (
            one.namespaces is other.namespaces
            or (
                list(one.namespaces) == list(other.namespaces)
                and all(map(_alike, one.namespaces.values(), other.namespaces.values()))
            )
        )
    )


def _alike(one: Namespace, other: Namespace) -> bool:
    return one is other or (
        one.found is other.found
        and one.owners is other.owners
        and one.claims is other.claims
        and one.label == other.label
        and one.home == other.home
        and _but_neighbours(one.tables) == _but_neighbours(other.tables)
    )


def _but_neighbours(tables: Tables) -> tuple[object, ...]:
    return tuple(getattr(tables, name) for name in Tables.__slots__ if name != "neighbours")
