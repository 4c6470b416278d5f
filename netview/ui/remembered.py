"""What the app takes up again at its next start: the last view, and how each was sorted."""

from collections.abc import Mapping

from netview.ui.places import Place

Sorts = Mapping[str, tuple[str, bool]]
"""By view: the column, and whether its order is turned round. Absent: the view's own order."""


def recall(host: Place, view: str | None, sorts: Sorts) -> None:
    """Open the last view and sort as it was; a name that is no longer known is passed over."""
    for known in host.views:
        column, reverse = sorts.get(known.id, (None, False))
        if any(each.id == column and each.value is not None for each in known.columns):
            listing = host.listing_of(known)
            listing.sort, listing.reverse = column, reverse
        if known.id == view:
            host.go_to(known.id)


def remember(host: Place) -> tuple[str, Sorts]:
    """The view that is open, and every sort that was chosen."""
    listings = ((view, host.listing_of(view)) for view in host.views)
    return host.view.id, {view.id: (listing.sort, listing.reverse) for view, listing in listings if listing.sort is not None}
