"""What the main screen says about a list."""

from collections.abc import Iterable

from netview.model import NOT_READ, Namespace
from netview.text import safe
from netview.ui.columns import Cell, Context
from netview.ui.listing import Listing
from netview.ui.places import Place
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


def filter_chip(listing: Listing) -> Line:
    """The filter and how much it keeps, or why it cannot be understood."""
    if listing.invalid is not None:
        return (Piece(f"filter: {safe(listing.query)} {safe(listing.invalid)} ", "bad"),)
    if not listing.query:
        return ()
    return (Piece(f"filter: {safe(listing.query)} ({len(listing.entries)} of {listing.total}) ", "warn"),)
