"""What the main screen says about a list."""

from collections.abc import Iterable

from netview.derive.filter import as_address
from netview.live import Update
from netview.model import NOT_READ, Namespace, NamespaceId
from netview.text import safe
from netview.ui.columns import Cell, Context
from netview.ui.listing import Listing
from netview.ui.places import Place
from netview.ui.views.routes import ROUTES, ROUTES_HERE
from netview.ui.widgets.pieces import Line, Piece


def why_empty(place: Place, context: Context) -> Cell:
    """Why there is no row: a blank screen always says its reason."""
    known = None if place.namespace is None else context.snapshot.namespaces.get(place.namespace)
    if place.namespace is not None and known is None:
        return Cell("this namespace is gone", "warn")
    if place.listing.filtered:
        return Cell("no row matches; Esc clears the filter", "dim")
    if known is not None and known.tables.error is not None:
        return Cell(f"✗ {known.tables.error}", "warn")
    reason = _reason(place, (known,) if known is not None else context.snapshot.namespaces.values())
    if reason == NOT_READ:
        return Cell("reading…", "dim")
    if reason is not None and known is not None:
        return Cell(f"✗ {reason}", "warn")
    quiet = context.busy_only and place.view.hides_quiet
    return place.view.unread(context) or Cell("nothing has traffic; a shows all" if quiet else place.view.empty, "dim")


def _reason(place: Place, namespaces: Iterable[Namespace]) -> str | None:
    """Why what the list shows is not known of one of them."""
    told = (told for one in namespaces for told in one.tables.unknown)
    return next((one.reason for one in told if one.field in {place.view.id, place.view.id.removesuffix("-here")}), None)


def sought(place: Place, seen: tuple[NamespaceId, ...]) -> tuple[str, tuple[NamespaceId, ...]] | None:
    """The address that a list of routes is filtered by, and the namespaces whose routes are on the screen."""
    address = as_address(place.listing.query) if place.view in {ROUTES, ROUTES_HERE} else None
    return None if address is None else (address, seen)


def filter_chip(listing: Listing, update: Update | None) -> Line:
    """The filter and how much it keeps, or why it cannot be understood."""
    if listing.invalid is not None:
        return (Piece(f"filter: {safe(listing.query)} {safe(listing.invalid)} ", "bad"),)
    if not listing.query:
        return ()
    chip = Piece(f"filter: {safe(listing.query)} ({len(listing.entries)} of {listing.total}) ", "warn")
    return (chip, *_choice(listing, update))


def _choice(listing: Listing, update: Update | None) -> Line:
    """What the kernel's own choice among these routes looks like."""
    choice = None if update is None else update.choice
    if choice is None or listing.view not in {ROUTES, ROUTES_HERE} or as_address(listing.query) != choice.address:
        return ()
    if choice.routes:
        return (Piece("✓ the kernel's choice ", "good"),)
    reason = next(iter(choice.unknown.values()), None)
    return (Piece("no route, says the kernel " if reason is None else f"the kernel's choice: {safe(reason)} ", "warn"),)
