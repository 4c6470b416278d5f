"""Where the user is: the host, or a namespace or a bridge that was opened."""

from dataclasses import dataclass, field

from netview.model import LinkKey, NamespaceId, Snapshot
from netview.text import UNKNOWN
from netview.ui.columns import View
from netview.ui.listing import Listing
from netview.ui.views.addresses import ADDRESSES
from netview.ui.views.bridges import BRIDGES
from netview.ui.views.doctor import DOCTOR
from netview.ui.views.events import EVENTS
from netview.ui.views.fdb import FDB
from netview.ui.views.interfaces import INTERFACES, LINKS
from netview.ui.views.namespaces import NAMESPACES
from netview.ui.views.neighbours import NEIGHBOURS
from netview.ui.views.path import PATH
from netview.ui.views.ports import PORTS
from netview.ui.views.processes import PROCESSES
from netview.ui.views.routes import ROUTES, ROUTES_HERE
from netview.ui.views.rules import RULES
from netview.ui.views.sockets import SOCKETS
from netview.ui.views.trace import TRACE
from netview.ui.views.wiring import WIRING

HOST_VIEWS = (WIRING, INTERFACES, NAMESPACES, ROUTES, BRIDGES, EVENTS, PATH, DOCTOR, TRACE)
NAMESPACE_VIEWS = (LINKS, ADDRESSES, ROUTES_HERE, RULES, NEIGHBOURS, FDB, SOCKETS, PROCESSES)
BRIDGE_VIEWS = (PORTS, FDB)


@dataclass(slots=True)
class Place:
    """One level of the breadcrumb, with its tabs and what was done in them."""

    label: str
    views: tuple[View, ...] = HOST_VIEWS
    namespace: NamespaceId | None = None
    bridge: LinkKey | None = None
    tab: int = 0
    _listings: dict[str, Listing] = field(default_factory=dict)

    @property
    def view(self) -> View:
        """The tab that is open."""
        return self.views[self.tab]

    @property
    def listing(self) -> Listing:
        """The list in the open tab."""
        return self.listing_of(self.view)

    def listing_of(self, view: View) -> Listing:
        """The list in a tab; made when first needed."""
        if view.id not in self._listings:
            self._listings[view.id] = Listing(view)
        return self._listings[view.id]

    def go_to(self, tab: str) -> None:
        """Open a tab by its id."""
        self.tab = next(index for index, view in enumerate(self.views) if view.id == tab)

    def next_tab(self, step: int) -> None:
        """Open the tab beside."""
        self.tab = (self.tab + step) % len(self.views)


def namespace_place(snapshot: Snapshot, namespace: NamespaceId) -> Place:
    """A namespace as a place of its own."""
    known = snapshot.namespaces.get(namespace)
    return Place(UNKNOWN if known is None else known.label, NAMESPACE_VIEWS, namespace)


def bridge_place(snapshot: Snapshot, bridge: LinkKey) -> Place:
    """A bridge as a place of its own."""
    link = snapshot.link(bridge)
    return Place(UNKNOWN if link is None else link.name, BRIDGE_VIEWS, bridge.namespace, bridge)
