"""Views are definitions: a pure function that gives rows, and the columns that show them."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from netview.derive.filter import Told
from netview.derive.grouping import Grouping
from netview.derive.order import Natural
from netview.derive.recent import Age
from netview.derive.wiring import Folding, Group, forest
from netview.live import Entry, History
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.text import Units
from netview.ui.options import Metric

if TYPE_CHECKING:
    from netview.derive.path.choice import Choice
    from netview.live.followed import Followed
    from netview.model.finding import Diagnosis
    from netview.ui.trace_shown import TraceShown

SortValue = float | str | Natural | tuple[int, ...]


class Cell(NamedTuple):
    """A text and its role: a component class of the table without its prefix."""

    text: str
    role: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What rows and cells are made from."""

    snapshot: Snapshot
    history: History
    units: Units = "bit"
    metric: Metric = "rate"
    namespace: NamespaceId | None = None
    """The place that is open; None: the whole host."""
    bridge: LinkKey | None = None
    """The bridge that is open."""
    folding: Folding = field(default_factory=Folding)
    grouping: Grouping = "none"
    """What namespaces are listed by."""
    busy_only: bool = False
    """Rows without traffic stay away."""
    forest: Callable[[Snapshot], tuple[Group, ...]] = forest
    """The wires of a snapshot."""
    log: tuple[Entry, ...] = ()
    """What happened lately, the newest first."""
    path: "Followed | None" = None
    """The path that was asked for."""
    choice: "Choice | None" = None
    """The routes that the kernel takes to an address."""
    diagnosis: "Diagnosis | None" = None
    """What is wrong."""
    trace: "TraceShown | None" = None
    """The newest trace."""
    zero: Snapshot | None = None
    """Totals count from here on; None: they are the kernel's."""
    changed: Mapping[Hashable, Age] = field(default_factory=dict)
    """What changed a moment ago."""


class Row(Protocol):
    """What every row has; rows are light and hold no text that is made for people."""

    @property
    def key(self) -> Hashable:
        """Its identity from snapshot to snapshot."""

    @property
    def namespace(self) -> NamespaceId | None:
        """The namespace that it belongs to or leads into."""

    @property
    def link(self) -> LinkKey | None:
        """The link that it is about."""


class Item(NamedTuple):
    """A row about one fact of a namespace."""

    key: Hashable
    namespace: NamespaceId | None
    link: LinkKey | None
    fact: Any = None


class Target(NamedTuple):
    """What Enter opens."""

    namespace: NamespaceId | None = None
    """A namespace as a place of its own."""
    bridge: LinkKey | None = None
    """A bridge as a place of its own."""
    link: LinkKey | None = None
    """Both ends of a wire."""
    tab: str = "links"
    select: Hashable | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is called, sorted and written."""

    id: str
    title: str | Callable[[Context], str]
    text: Callable[[Any, Context], Cell | str]
    value: Callable[[Any, Context], SortValue | None] | None = None
    """What it sorts by; None: it does not sort. An unknown value sorts last."""
    least: int = 4
    most: int = 24
    right: bool = False
    live: bool = False
    """Its values change with every sample."""
    rank: int = 5
    """Of columns that do not fit the highest rank goes first."""
    wide: bool = False
    """Only where wide rows are asked for, or by scrolling to it."""
    pair: str = ""
    """Columns of the same pair go together."""
    stays: bool = False
    """Does not scroll away; the first column never does."""

    def heading(self, context: Context | None) -> str:
        """The title, which may depend on units and metric."""
        if isinstance(self.title, str):
            return self.title
        return "" if context is None else self.title(context)


@dataclass(frozen=True, slots=True)
class View:
    """One list: its rows, their columns and what a filter sees of them."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Context], tuple[Any, ...]]
    subject: Callable[[Any, Context], Told]
    brief: str = ""
    """The title where there is little room."""
    empty: str = "nothing here"
    about: str = ""
    """What the list is for and how one comes to a row: said beside it as long as there is none."""
    unread: Callable[[Context], Cell | None] = lambda _context: None
    """Why there are no rows to be had at all."""
    hides_quiet: bool = False
    """Rows without traffic can be hidden."""
    steady: bool = False
    """Which rows there are follows from the topology and what is open, and from nothing else."""
    groups: bool = False
    """Its rows can be listed by what they have in common."""
    tree: bool = False
    """Rows have a depth, and sort and filter keep them below their parents."""
    target: Callable[[Any, Context], Target | None] = lambda _row, _context: None
    gone: str | None = None
    """What is said of a row that has nothing to open."""
    crumbs: Callable[[Any, Context], tuple[str, ...]] = lambda _row, _context: ()
    """The way down to the selected row."""
    note: Callable[[Any, Context], tuple[tuple[str, str], ...]] = lambda _row, _context: ()
    """What of a row is cut in the list, to be read whole beside it: words before it, which may be empty, and it."""
    alive: Callable[[Any, Snapshot], bool] = lambda _row, _snapshot: False
    """Whether a row that is no longer listed still exists, folded away."""
