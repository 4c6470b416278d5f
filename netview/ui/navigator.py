"""The way down and up, and across a wire and back."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple

from netview.derive.pair import main_link
from netview.derive.wiring import Wire, WireId, forest
from netview.model import LinkKey, Snapshot
from netview.ui.columns import Target
from netview.ui.listing import Listing
from netview.ui.places import HOST_VIEWS, Place, bridge_place, namespace_place

if TYPE_CHECKING:
    from netview.derive.find import Match

CRUMB = " \u203a "


class _Origin(NamedTuple):
    """Where the user was before crossing a wire."""

    stack: tuple[Place, ...]
    tab: int
    selected: Hashable | None


class Navigator:
    """A stack of places; the host is always below."""

    def __init__(self, home: str = "host") -> None:
        self.host = Place(home)
        self.stack = [self.host]
        self._origin: _Origin | None = None
        self._arrived: tuple[Listing, LinkKey] | None = None

    @property
    def place(self) -> Place:
        """Where the user is."""
        return self.stack[-1]

    @property
    def listing(self) -> Listing:
        """What is listed there."""
        return self.place.listing

    def crumbs(self) -> tuple[str, ...]:
        """The labels of the places, from the host down."""
        return tuple(place.label for place in self.stack)

    def open(self, snapshot: Snapshot, target: Target) -> None:
        """Go down into a namespace or a bridge."""
        if target.bridge is not None:
            self.stack.append(bridge_place(snapshot, target.bridge))
        elif target.namespace is not None:
            self.stack.append(namespace_place(snapshot, target.namespace))
            self.place.go_to(target.tab)
        if target.select is not None:
            self.listing.selected = target.select

    def up(self) -> bool:
        """Leave the place; False at the host."""
        if len(self.stack) == 1:
            return False
        self.stack.pop()
        return True

    def to_view(self, index: int) -> None:
        """One of the host's views, from anywhere."""
        if index < len(HOST_VIEWS):
            del self.stack[1:]
            self.host.tab = index

    def reveal(self, snapshot: Snapshot, match: "Match") -> WireId | None:
        """Select what was looked for: its wire, and then the branch that must be open for it; else its link or its namespace."""
        link = match.link
        if link is None and match.namespace != snapshot.home:
            link = main_link(snapshot, match.namespace)
        for group in forest(snapshot):
            wire = next((wire for wire in (group.head, *group.members) if link is not None and link in wire.ends), None)
            if wire is not None:
                self.to_view(0)
                self.listing.selected = wire.key
                return group.head.key
        self.to_view(2 if link is None else 1)
        self.listing.selected = link or match.namespace
        return None

    def choose(self, wire: Wire) -> None:
        """Have it selected in each of the host's lists."""
        chosen = {"wiring": wire.key, "interfaces": wire.wire, "namespaces": wire.namespace}
        for view in self.host.views:
            if chosen.get(view.id) is not None:
                self.host.listing_of(view).selected = chosen[view.id]

    def across(self, snapshot: Snapshot, link: LinkKey) -> bool:
        """To the other end of a wire; from there back to exactly where that began. False: it cannot be seen."""
        if self._origin is not None and self._arrived == (self.listing, link):
            back, self._origin, self._arrived = self._origin, None, None
            self.stack = list(back.stack)
            self.place.tab = back.tab
            self.listing.selected = back.selected
            return True
        ref = snapshot.peer(link)
        far = None if ref is None else ref.key
        if far is None or snapshot.link(far) is None:
            return False
        self._origin = _Origin(tuple(self.stack), self.place.tab, self.listing.selected)
        if any(entry.row.key == far for entry in self.listing.entries):
            self.listing.selected = far
        else:
            self.stack = [*self.stack, namespace_place(snapshot, far.namespace)]
            self.listing.selected = far
        self._arrived = (self.listing, far)
        return True
