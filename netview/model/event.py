"""What appeared, changed or went between two moments."""

from collections.abc import Hashable
from typing import Literal, NamedTuple

from netview.model.address import Address
from netview.model.ids import NamespaceId
from netview.model.link import Link
from netview.model.namespace import Namespace
from netview.model.owner import Owner
from netview.model.route import Route

EventKind = Literal["new", "changed", "gone"]
EventObject = Literal["namespace", "link", "address", "route", "owner"]
Fact = Namespace | Link | Address | Route | Owner


class Event(NamedTuple):
    """One change of one object."""

    at: float
    """Seconds since the epoch: the moment that is the first to show it."""
    kind: EventKind
    object: EventObject
    namespace: NamespaceId
    """Where it is or was."""
    label: str
    """That namespace's name for people, raw."""
    key: Hashable
    """Tells it from the others of its kind in that namespace."""
    before: Fact | None
    """None: it is new."""
    after: Fact | None
    """None: it is gone."""
