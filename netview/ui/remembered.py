"""What the app takes up again at its next start: the last view, how each was sorted, and by what namespaces were listed."""

from netview.derive.grouping import GROUPINGS
from netview.ui.options import Remembered
from netview.ui.places import Place
from netview.ui.state import State

_OF_THEN = frozenset({"path", "trace"})
"""Views of what was asked for then: at the next start they would be empty."""


def recall(host: Place, state: State, kept: Remembered) -> None:
    """Open the last view, sorted and grouped as it was; a name that is no longer known is passed over."""
    state.grouping = next((known for known in GROUPINGS if known == kept.grouping), "none")
    for known in host.views:
        column, reverse = kept.sorts.get(known.id, (None, False))
        if any(each.id == column and each.value is not None for each in known.columns):
            listing = host.listing_of(known)
            listing.sort, listing.reverse = column, reverse
        if known.id == kept.view and known.id not in _OF_THEN:
            host.go_to(known.id)


def remember(host: Place, state: State) -> Remembered:
    """The view that is open, every sort that was chosen, and the grouping."""
    listings = ((view, host.listing_of(view)) for view in host.views)
    sorts = {view.id: (listing.sort, listing.reverse) for view, listing in listings if listing.sort is not None}
    return Remembered(host.view.id, sorts, state.grouping)
