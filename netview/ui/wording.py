"""What the main screen says about a list."""

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
    unknown = () if known is None else known.tables.unknown
    reason = next((told.reason for told in unknown if told.field == place.view.id), None)
    if reason is not None:
        return Cell(f"✗ {reason}", "warn")
    unread = place.view.unread(context)
    if unread is not None:
        return unread
    return Cell("nothing has traffic; a shows all" if context.busy_only and place.view.hides_quiet else place.view.empty, "dim")


def filter_chip(listing: Listing) -> Line:
    """The filter and how much it keeps, or why it cannot be understood."""
    if listing.invalid is not None:
        return (Piece(f"filter: {safe(listing.query)} {safe(listing.invalid)} ", "bad"),)
    if not listing.query:
        return ()
    return (Piece(f"filter: {safe(listing.query)} ({len(listing.entries)} of {listing.total}) ", "warn"),)
