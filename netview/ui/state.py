"""What the app shows and how, shared by its screens."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from netview.derive.grouping import GROUPINGS, Grouping
from netview.derive.recent import recent
from netview.derive.wiring import Folding, Group, Quiet, WireId, forest
from netview.live import History, Update
from netview.model import LinkKey, LinkRates, NamespaceId, Snapshot
from netview.text import Units
from netview.ui.columns import Context
from netview.ui.headline import Headline
from netview.ui.lasting import Lasting
from netview.ui.listing import SETTLE_S
from netview.ui.options import METRICS, Metric, Options

if TYPE_CHECKING:
    from netview.derive.path.ends import Query
    from netview.ui.trace_shown import TraceShown


@dataclass(slots=True)
class State:
    """The newest snapshot and the user's wishes."""

    options: Options
    interval: float
    units: Units
    metric: Metric = "rate"
    paused: bool = False
    wide: bool = False
    query: "Query | None" = None
    """The path that is asked for."""
    trace: "TraceShown | None" = None
    """The newest trace."""
    quiet: Quiet = Quiet.FOLDED
    grouping: Grouping = "none"
    zero: Snapshot | None = None
    """When totals were set to zero; None: they are the kernel's."""
    mark: Snapshot | None = None
    """What later snapshots are compared with."""
    held: Update | None = None
    """What was shown when the picture was held."""
    back: int = 0
    """How many samples before that are looked at."""
    update: Update | None = None
    """What is shown; older than `newest` while paused."""
    newest: Update | None = None
    stale_s: float | None = None
    """How long nothing has come that was due; None while samples come."""
    touched_at: float = 0.0
    collapsed: set[WireId] = field(default_factory=set)
    unfolded: set[WireId] = field(default_factory=set)
    headline: Headline = field(default_factory=Headline)
    forest: Lasting[tuple[Group, ...]] = field(default_factory=lambda: Lasting(forest))
    _ranking: Mapping[LinkKey, LinkRates] = field(default_factory=dict)
    _ranked_at: float = 0.0

    @property
    def snapshot(self) -> Snapshot | None:
        """What is shown."""
        return None if self.update is None else self.update.snapshot

    @property
    def history(self) -> History:
        """The rates that are kept."""
        return History() if self.update is None else self.update.history

    def take(self, update: Update) -> bool:
        """Take the newest; whether it is to be shown."""
        self.newest = update
        self.stale_s = None
        if self.paused and self.update is not None:
            return False
        self.update = update
        now = update.snapshot.taken_at
        if not self._ranking or (abs(now - self._ranked_at) >= SETTLE_S and abs(now - self.touched_at) >= SETTLE_S):
            self._ranking, self._ranked_at = update.snapshot.rates, now
        return True

    def touch(self) -> None:
        """A key was pressed: what is folded holds still for a moment."""
        if self.update is not None:
            self.touched_at = self.update.snapshot.taken_at

    def pause(self) -> None:
        """Hold the picture, or go on with the newest."""
        self.paused = not self.paused
        if self.paused and self.update is not None:
            self.update = self.held = replace(self.update, history=self.update.history.copy())
            return
        self.held, self.back = None, 0
        if self.newest is not None:
            self.take(self.newest)

    def rewind(self, ticks: int) -> None:
        """Of what is held look at so many samples earlier, as far as history reaches."""
        if self.held is not None:
            self.back = max(0, min(self.back + ticks, self.held.history.reach))
            self.update = self.held
            if self.back:
                from netview.live.rewind import rewound  # noqa: PLC0415 - later than the first frame

                self.update = rewound(self.held, self.back)

    def next_metric(self) -> None:
        """The traffic columns show the next metric."""
        self.metric = METRICS[(METRICS.index(self.metric) + 1) % len(METRICS)]

    def next_grouping(self) -> Grouping:
        """Namespaces are listed by the next thing that they may have in common."""
        self.grouping = GROUPINGS[(GROUPINGS.index(self.grouping) + 1) % len(GROUPINGS)]
        return self.grouping

    def switch_units(self) -> None:
        """Bits or bytes."""
        self.units = "byte" if self.units == "bit" else "bit"

    def context(
        self, update: Update, *, namespace: NamespaceId | None, bridge: LinkKey | None, rows: int, whole: bool
    ) -> Context:
        """What rows are made from; `whole` opens every fold, for a filter looks everywhere."""
        folding = Folding(
            frozenset() if whole else frozenset(self.collapsed),
            frozenset(self.unfolded),
            2 * rows,
            Quiet.SHOWN if whole else self.quiet,
            self._ranking,
        )
        busy_only = self.quiet is Quiet.HIDDEN
        known = (update.snapshot, update.history, self.units, self.metric, namespace, bridge)
        return Context(
            *known,
            folding,
            self.grouping,
            busy_only,
            self.forest,
            update.log,
            update.path,
            update.choice,
            update.diagnosis,
            self.trace,
            self.zero,
            recent((entry.event for entry in update.log), update.snapshot.taken_at),
        )
