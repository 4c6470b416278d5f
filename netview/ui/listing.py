"""One list as it is used: what is selected, sorted and filtered, and what just came or went."""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from netview.derive.filter import Filter, InvalidFilterError, Told, parse
from netview.derive.order import natural
from netview.derive.recent import FRESH_S
from netview.model import Snapshot
from netview.ui.columns import Column, Context, SortValue, View
from netview.ui.lasting import Lasting, same_topology

LINGER_S = 10.0
SETTLE_S = 3.0
"""A sort on a live value re-orders no oftener, and not so soon after a key."""


class Moment:
    """What rows are read in: those that are alive share one, which goes on without them."""

    __slots__ = ("context",)

    def __init__(self, context: Context) -> None:
        self.context = context


class Entry(NamedTuple):
    """A row as it stands in the list."""

    row: Any
    moment: Moment
    """Of a row that is gone, the last one that knew it."""
    mark: str = ""
    """ "new", "newish" a little later, "gone", or nothing."""

    @property
    def context(self) -> Context:
        """What its cells are made from."""
        return self.moment.context


class Listing:
    """The entries of a view from snapshot to snapshot; everything is keyed by identity."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.selected: Hashable | None = None
        self.sort: str | None = None
        self.reverse = False
        self.query = ""
        self.invalid: str | None = None
        self.entries: tuple[Entry, ...] = ()
        self.total = 0
        self.first_column = 0
        self.marked: set[Hashable] = set()
        """Rows that were marked; one that has gone is marked when it comes again."""
        self._filter = Filter()
        self._subjects = Lasting(_no_subjects)
        self._moment: Moment | None = None
        self._wish: object = None
        """What the entries were made for."""
        self._alive: dict[Hashable, Entry] = {}
        self._seen: dict[Hashable, float] = {}
        self._gone: dict[Hashable, tuple[Entry, float]] = {}
        self._rank: dict[Hashable, int] = {}
        self._sorted_at = self._touched_at = 0.0
        self._came_at = float("-inf")
        """When the newest row came."""

    @property
    def filtered(self) -> bool:
        """Whether a filter is on."""
        return bool(self._filter.tests)

    def touch(self) -> None:
        """A key was pressed: rows hold still for a moment."""
        if self._moment is not None:
            self._touched_at = self._moment.context.snapshot.taken_at

    def search(self, query: str) -> None:
        """Filter by what was typed; what cannot be understood is said, and the last filter stays."""
        self.query = query
        try:
            self._filter, self.invalid = parse(query), None
        except InvalidFilterError as error:
            self.invalid = str(error)

    def sort_by(self, column: str | None) -> None:
        """Sort by a column; the same one again turns the order round."""
        if column == self.sort and column is not None:
            self.reverse = not self.reverse
        else:
            self.sort = column
            self.reverse = column is not None and self._column(column).live
        self._rank = {}

    def next_sort(self) -> None:
        """Sort by the next column that sorts; after the last one in the view's own order."""
        names: list[str | None] = [column.id for column in self.view.columns if column.value is not None]
        names.append(None)
        self.sort_by(names[(names.index(self.sort) + 1) % len(names)] if self.sort in names else names[0])

    def turn(self) -> None:
        """Turn the order round."""
        self.reverse = not self.reverse
        self._rank = {}

    def update(self, context: Context) -> tuple[Entry, ...]:
        """The entries of a new snapshot, or of a changed wish."""
        place, tree = (context.namespace, context.bridge), (context.grouping, context.folding.collapsed)
        wish = (self.sort, self.reverse, self.query, context.busy_only, *place, *tree)
        if self._moment is not None and wish == self._wish and self._stands(self._moment.context, context):
            self._moment.context = context
            return self.entries
        self._wish = wish
        rows = self.view.rows(context)
        self.total = len(rows)
        moment = Moment(context)
        self._account(rows, moment)
        kept = self._kept(rows, context)
        ordered = self._ordered(kept, context)
        self._moment = moment
        self.entries = self._with_gone(ordered, moment)
        return self.entries

    def _stands(self, before: Context, context: Context) -> bool:
        """Whether the same rows stand in the same order: of thousands only those on the screen are looked at then."""
        live = self._filter.live or context.busy_only or (self.sort is not None and self._column(self.sort).live)
        settled = not self._gone and not 0 <= context.snapshot.taken_at - self._came_at < LINGER_S
        return self.view.steady and settled and not live and same_topology(before.snapshot, context.snapshot)

    def first_match(self) -> Hashable | None:
        """The first row that the filter itself keeps, not one that stands there for what is below it."""
        if not self.filtered:
            return None
        listed = (entry for entry in self.entries if not (self.view.tree and entry.row.expandable and entry.row.link is None))
        return next((entry.row.key for entry in listed if self._filter(self.view.subject(entry.row, entry.context))), None)

    def _column(self, name: str) -> Column:
        return next(column for column in self.view.columns if column.id == name)

    def _account(self, rows: tuple[Any, ...], moment: Moment) -> None:
        """Tell rows that came and rows that went."""
        context, before = moment.context, self._moment
        now = context.snapshot.taken_at
        alive = {row.key: Entry(row, moment) for row in rows}
        for key in alive.keys() - self._seen.keys():
            known = before is None or self.view.alive(alive[key].row, before.context.snapshot)
            self._seen[key] = now - 2 * LINGER_S if known else now
            self._came_at = max(self._came_at, self._seen[key])
        for key, entry in self._alive.items():
            if key not in alive and not self.view.alive(entry.row, context.snapshot):
                self._gone[key] = (entry._replace(mark="gone"), now)
                self._seen.pop(key, None)
        for key in [key for key, (_, at) in self._gone.items() if key in alive or not 0 <= now - at < LINGER_S]:
            del self._gone[key]
        self._alive = alive

    def _kept(self, rows: tuple[Any, ...], context: Context) -> list[Any]:
        if not self.filtered:
            return list(rows)
        known = {} if self._filter.live else self._subjects(context.snapshot)

        def keep(row: Any) -> bool:
            subject = known.get(row.key)
            if subject is None:
                subject = known[row.key] = self.view.subject(row, context)
            return self._filter(subject)

        return _with_parents(rows, keep) if self.view.tree else [row for row in rows if keep(row)]

    def _ordered(self, rows: list[Any], context: Context) -> list[Any]:
        if self.sort is None:
            return list(reversed(rows)) if self.reverse and not self.view.tree else rows
        column, now = self._column(self.sort), context.snapshot.taken_at
        settled = now - self._sorted_at >= SETTLE_S and now - self._touched_at >= SETTLE_S
        if self._rank and column.live and not settled:
            rank = self._rank
            return _sorted(rows, lambda row: rank.get(row.key, len(rank)), tree=self.view.tree)
        ordered = _sorted(rows, _sort_key(column, context, self.reverse), tree=self.view.tree)
        self._rank = {row.key: index for index, row in enumerate(ordered)}
        self._sorted_at = now
        return ordered

    def _with_gone(self, rows: list[Any], moment: Moment) -> tuple[Entry, ...]:
        now = moment.context.snapshot.taken_at
        after = self._gone_after({row.key for row in rows}) if self._gone else {}
        entries = list(after.get(None, ()))
        seen = self._seen
        for row in rows:
            since = now - seen[row.key]
            mark = "" if not 0 <= since < LINGER_S else "new" if since < FRESH_S else "newish"
            entries.append(Entry(row, moment, mark))
            entries.extend(after.get(row.key, ()))
        return tuple(entries)

    def _gone_after(self, present: set[Hashable]) -> dict[Hashable | None, list[Entry]]:
        """What is gone, below the row that it stood below."""
        after: dict[Hashable | None, list[Entry]] = {}
        anchor: Hashable | None = None
        for listed in self.entries:
            key = listed.row.key
            if key in present:
                anchor = key
            elif key in self._gone:
                entry = self._gone[key][0]
                if not self.filtered or self._filter(self.view.subject(entry.row, entry.context)):
                    after.setdefault(anchor, []).append(entry)
        return after


def _no_subjects(_snapshot: Snapshot) -> dict[Hashable, Told]:
    """What a filter sees of rows; filled as it looks, so that typing is quick."""
    return {}


def _sort_key(column: Column, context: Context, reverse: bool) -> Callable[[Any], Any]:
    value = column.value or (lambda _row, _context: None)

    def key(row: Any) -> tuple[bool, Any]:
        found = value(row, context)
        if found is None:
            return True, 0
        if isinstance(found, str):
            found = natural(found)
        return False, _Backwards(found) if reverse else found

    return key


class _Backwards:
    """Sorts the other way round, so that unknown values stay last."""

    def __init__(self, value: SortValue) -> None:
        self._value: Any = value

    def __lt__(self, other: "_Backwards") -> bool:
        return bool(other._value < self._value)


def _sorted(rows: list[Any], key: Callable[[Any], Any], *, tree: bool) -> list[Any]:
    """Rows in order; in a tree siblings below their parent, and what is folded last."""
    if not tree:
        return sorted(rows, key=key)
    result: list[Any] = []
    for head, below in _families(rows, rows[0].depth if rows else 0):
        siblings = [row for row in below if not row.folded]
        result.append((key(head), head, _sorted(siblings, key, tree=True) + [row for row in below if row.folded]))
    result.sort(key=lambda family: family[0])
    return _branches([row for _, head, below in result for row in (head, *below)])


def _families(rows: list[Any], depth: int) -> list[tuple[Any, list[Any]]]:
    families: list[tuple[Any, list[Any]]] = []
    for row in rows:
        if row.depth <= depth:
            families.append((row, []))
        else:
            families[-1][1].append(row)
    return families


def _with_parents(rows: tuple[Any, ...], keep: Callable[[Any], bool]) -> list[Any]:
    """The rows that are kept, below all their parents."""
    kept: list[Any] = []
    depth = 0
    for row in reversed(rows):
        if row.depth < depth or (not row.expandable and keep(row)) or (row.expandable and row.link is not None and keep(row)):
            kept.append(row)
            depth = row.depth
        elif row.depth == 0:
            depth = 0
    kept.reverse()
    return _branches(kept)


def _branches(rows: list[Any]) -> list[Any]:
    """The rows with their `last` set anew."""
    result: list[Any] = []
    ends: dict[int, bool] = {}
    for row in reversed(rows):
        last = ends.get(row.depth, True)
        ends[row.depth] = False
        for deeper in [depth for depth in ends if depth > row.depth]:
            del ends[deeper]
        result.append(row if row.last == last or row.depth == 0 else row._replace(last=last))
    result.reverse()
    return result
