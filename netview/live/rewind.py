"""What a screen that stands still shows of earlier moments."""

from dataclasses import replace

from netview.live.poller import Update


def rewound(update: Update, ticks: int) -> Update:
    """The update as it was so many samples earlier, at most as far back as its history reaches.

    Rates and events are those of then. Totals are not kept: there are none. All else is as of the update itself.
    """
    history = update.history.before(ticks)
    if history.taken_at is None:
        return update
    at = history.taken_at
    return replace(
        update,
        snapshot=replace(update.snapshot, taken_at=at, counters={}, rates=history.newest()),
        history=history,
        events=(),
        log=tuple(entry for entry in update.log if entry.event.at <= at),
    )
