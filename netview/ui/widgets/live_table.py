"""The one list widget: rows by the Line API, of which only the visible ones are ever written out."""

from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from textwrap import wrap
from typing import Any, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from netview.model import LinkKey, NamespaceId
from netview.text import plain, safe
from netview.ui.columns import Cell, Column, Context
from netview.ui.grid import GUTTER, Grid, fit
from netview.ui.listing import Entry

_ROLES = ("dim", "good", "warn", "bad", "busy", "name", "section")
_KEPT_STRIPS = 600
_OFF_SCREEN = Cell("")

Signature = tuple[object, ...]


class Written(NamedTuple):
    """What stands in a row, and in which moment of the counters it was written."""

    moment: object
    cells: tuple[Cell, ...]


class LiveTable(ScrollView, can_focus=True, inherit_bindings=False):
    """A header row that stays, a first column that stays, and rows that keep their identity."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "live-table--header",
        "live-table--cursor",
        "live-table--unfocused",
        "live-table--new",
        "live-table--gone",
        "live-table--found",
        *(f"live-table--{role}" for role in _ROLES),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", show=False, id="move-down"),
        Binding("k,up", "move(-1)", "up", show=False, id="move-up"),
        Binding("g,home", "edge(-1)", "first row", show=False, id="first"),
        Binding("G,end", "edge(1)", "last row", show=False, id="last"),
        Binding("pagedown", "page(1)", "page down", show=False, id="page-down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="page-up"),
        Binding("shift+right", "shift(1)", "columns to the right", show=False, id="columns-right"),
        Binding("shift+left", "shift(-1)", "columns to the left", show=False, id="columns-left"),
    ]

    class Moved(Message):
        """Another row is selected, or other rows are visible."""

        def __init__(self, *, by_user: bool) -> None:
            super().__init__()
            self.by_user = by_user

    class Opened(Message):
        """The selected row was clicked."""

    class Sorted(Message):
        """A column's title was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes="-ascii" if ascii_only else None)
        self.entries: tuple[Entry, ...] = ()
        self.cursor = 0
        self._grid = Grid(())
        self._shown: Context | None = None
        self._ascii = ascii_only
        self._message: Cell = Cell("reading the namespaces…", "dim")
        self._painted: dict[int, Signature] = {}
        self._strips: dict[Signature, Strip] = {}
        self._styles: dict[tuple[str, ...], Style] = {}
        self._written: dict[int, Written] = {}
        """What stands in the rows that were looked at, by their place among the entries."""
        self._unmeasured: list[tuple[Cell, ...]] = []
        self._marked: AbstractSet[Hashable] = frozenset()
        self._concerned: frozenset[object] = frozenset()
        """What the doctor found something about."""
        self._moment = object()
        """Another one as soon as a counter or how it is shown may be another."""
        self._told: tuple[tuple[str | None, bool], AbstractSet[Hashable], frozenset[object], Cell, object] | None = None
        """What else it was asked to show."""

    @property
    def current(self) -> Entry | None:
        """The selected entry."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    @property
    def first_column(self) -> int:
        """How many columns after the first are scrolled away."""
        return self._grid.first

    def visible_links(self) -> frozenset[LinkKey]:
        """The links of the rows on the screen."""
        rows = (entry.row for entry in self.entries[self.scroll_offset.y : self.scroll_offset.y + self._page])
        return frozenset(row.link for row in rows if row.link is not None)

    def visible_namespaces(self) -> tuple[NamespaceId, ...]:
        """The namespaces of the rows on the screen."""
        rows = (entry.row for entry in self.entries[self.scroll_offset.y : self.scroll_offset.y + self._page])
        return tuple(dict.fromkeys(row.namespace for row in rows if row.namespace is not None))

    def define(self, columns: tuple[Column, ...], *, first: int = 0, wide: bool = False) -> None:
        """Show other columns from now on; their rows come next."""
        self._grid = Grid(columns, first=first, wide=wide)
        self.entries, self._shown, self.cursor = (), None, 0
        self._painted.clear()
        self._written.clear()
        self.set_scroll(None, 0)

    def show(
        self,
        entries: tuple[Entry, ...],
        context: Context,
        selected: Hashable | None,
        *,
        sort: tuple[str | None, bool] = (None, False),
        marked: AbstractSet[Hashable] = frozenset(),
        message: Cell | None = None,
    ) -> None:
        """Show these entries; the selected key keeps its selection and its place on the screen."""
        before = self.cursor - self.scroll_offset.y
        concerned: frozenset[object] = frozenset() if context.diagnosis is None else context.diagnosis.concerned
        told = sort, frozenset(marked), concerned, message or Cell(""), context.choice
        still, shown = _is_still(self._shown, context), self._told
        same = entries is self.entries
        self.entries, self._shown, self._told = entries, context, told
        cursor, self.cursor = self.cursor, self._find(selected)
        if same and still and told == shown and cursor == self.cursor and self._painted:
            return
        if not same:
            # They stand as they stood only as long as nothing but counters moved.
            self._written.clear()
        if not still:
            self._moment = object()
        self._grid.sort, self._marked, self._concerned, self._message, _ = told
        size = Size(self.size.width, len(entries) + 1)
        if size != self.virtual_size:
            self.virtual_size = size
        if self.cursor - self.scroll_offset.y != before or not 0 <= before < self._page:
            self._into_view(self.cursor - before)
        self._update()

    def set_titles(self, title: str, subtitle: str) -> None:
        """What stands in the border; only where it differs, since setting it repaints everything."""
        wanted = [Content(plain(safe(text)) if self._ascii else safe(text)) for text in (title, subtitle)]
        if wanted != [self._border_title, self._border_subtitle]:
            self.border_title, self.border_subtitle = wanted

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self.virtual_size = Size(self.size.width, len(self.entries) + 1)
        self._into_view()
        self._repaint()
        self.post_message(self.Moved(by_user=False))

    def on_focus(self) -> None:
        """The cursor is bright."""
        self._repaint()

    def on_blur(self) -> None:
        """The cursor is dim."""
        self._repaint()

    def notify_style_update(self) -> None:
        """Another theme: every strip is made anew."""
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Rows came into view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._repaint()
            self.post_message(self.Moved(by_user=False))

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the titles, then rows."""
        signature = self._painted.get(y) or self._signature(y)
        self._painted[y] = signature
        strip = self._strips.get(signature)
        if strip is None:
            if len(self._strips) > _KEPT_STRIPS:
                self._strips.clear()
            strip = self._strips[signature] = self._strip(signature)
        return strip

    def select(self, key: Hashable) -> bool:
        """Select a row by its identity, if it is listed."""
        found = next((index for index, entry in enumerate(self.entries) if entry.row.key == key), None)
        if found is not None:
            self._go(found)
        return found is not None

    def action_move(self, step: int) -> None:
        """Select the row above or below."""
        self._go(self.cursor + step)

    def action_page(self, step: int) -> None:
        """Move by a screen."""
        self._go(self.cursor + step * max(1, self._page - 1))

    def action_edge(self, end: int) -> None:
        """Select the first or the last row."""
        self._go(0 if end < 0 else len(self.entries) - 1)

    def action_shift(self, step: int) -> None:
        """Scroll the columns; the first one stays."""
        self._grid.shift(step)
        self._written.clear()
        self._repaint()

    def on_click(self, event: events.Click) -> None:
        """Select, open or sort."""
        at = event.get_content_offset(self)
        if at is None:
            return
        if at.y == 0:
            column = self._grid.at(at.x)
            if column is not None and column.value is not None:
                self.post_message(self.Sorted(column.id))
            return
        index = at.y - 1 + self.scroll_offset.y
        if index >= len(self.entries):
            return
        if index == self.cursor:
            self.post_message(self.Opened())
        else:
            self._go(index)

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _find(self, selected: Hashable | None) -> int:
        if self.cursor < len(self.entries) and self.entries[self.cursor].row.key == selected:
            return self.cursor
        found = next((index for index, entry in enumerate(self.entries) if entry.row.key == selected), None)
        return found if found is not None else max(0, min(self.cursor, len(self.entries) - 1))

    def _go(self, index: int) -> None:
        self.cursor = max(0, min(index, len(self.entries) - 1))
        self._into_view()
        self._update()
        self.post_message(self.Moved(by_user=True))

    def _into_view(self, top: int | None = None) -> None:
        top = self.scroll_offset.y if top is None else top
        top = min(max(top, self.cursor - self._page + 1), self.cursor)
        self.set_scroll(None, max(0, min(top, len(self.entries) - self._page)))

    def _repaint(self) -> None:
        self._painted.clear()
        self._update()
        self.refresh()

    def _update(self) -> None:
        """Refresh the lines that changed, and no others."""
        if self._shown is None or not self.size.height:
            return
        cells = {y: self._cells(y) for y in range(1, self.size.height)}
        unmeasured, self._unmeasured = self._unmeasured, []
        if self._grid.measure(unmeasured, self._shown, self.size.width):
            self._painted.clear()
        changed: list[int] = []
        for y in range(self.size.height):
            signature = self._signature(y, cells.get(y))
            if self._painted.get(y) != signature:
                self._painted[y] = signature
                changed.append(y)
        if changed:
            runs = _runs(changed)
            self.refresh(*(Region(0, first, self.size.width, last - first + 1) for first, last in runs))

    def _entry(self, y: int) -> Entry | None:
        index = y - 1 + self.scroll_offset.y
        return self.entries[index] if index < len(self.entries) else None

    def _cells(self, y: int) -> tuple[Cell, ...] | None:
        entry, grid = self._entry(y), self._grid
        if entry is None:
            return None
        index = y - 1 + self.scroll_offset.y
        known = self._written.get(index)
        if known is not None and known.moment is self._moment:
            return known.cells
        written = [_OFF_SCREEN] * len(grid.columns) if known is None else list(known.cells)
        for at in grid.written if known is None else grid.live:
            written[at] = self._write(grid.columns[at].text(entry.row, entry.context))
        cells = tuple(written)
        if known is not None and cells == known.cells:
            cells = known.cells
        else:
            self._unmeasured.append(cells)
        self._written[index] = Written(self._moment, cells)
        return cells

    def _write(self, cell: Cell | str) -> Cell:
        found = Cell(cell) if isinstance(cell, str) else cell
        text = safe(found.text)
        return Cell(plain(text) if self._ascii else text, found.role)

    def _signature(self, y: int, cells: tuple[Cell, ...] | None = None) -> Signature:
        layout = (self._grid.placed, self.size.width)
        if y == 0:
            return ("header", self._grid.headings(self._shown, ascii_only=self._ascii), *layout)
        entry = self._entry(y)
        if entry is None:
            return ("message", self._message_line(y - 2) if not self.entries and y >= 2 else None, *layout)
        cursor = ("cursor" if self.has_focus else "unfocused") if y - 1 + self.scroll_offset.y == self.cursor else ""
        wished = ("marked" if entry.row.key in self._marked else "") or self._taken(entry)
        mark = entry.mark or wished or self._ailment(entry) or self._change(entry)
        return ("row", cells or self._cells(y), mark, cursor, *layout)

    def _message_line(self, number: int) -> Cell | None:
        """The message on as many lines as it needs."""
        said = self._write(self._message)
        lines = wrap(said.text, max(1, self.size.width - 2 * GUTTER))
        return Cell(lines[number], said.role) if number < len(lines) else None

    def _taken(self, entry: Entry) -> str:
        """Whether it is the route that the kernel takes."""
        choice = None if self._shown is None else self._shown.choice
        return "taken" if choice is not None and entry.row.key in choice.routes else ""

    def _change(self, entry: Entry) -> str:
        """Whether what the row is about, or something of it, changed a moment ago."""
        changed = {} if self._shown is None else self._shown.changed
        if not changed:
            return ""
        ages = {changed.get(key) for key in (entry.row.key, *getattr(entry.row, "ends", ()))}
        return "changed" if "fresh" in ages else "fading" if "fading" in ages else ""

    def _ailment(self, entry: Entry) -> str:
        """Whether something is wrong with what the row is about."""
        row, found = entry.row, self._concerned
        ails = found and (row.link in found or row.key in found or getattr(row, "wire", None) in found)
        return "found" if ails else ""

    def _strip(self, signature: Signature) -> Strip:
        kind, content, *rest = signature
        width = self.size.width
        base = self._base()
        parts: list[Any] = [content, *rest]
        if kind == "message":
            segments = [Segment("  " + content.text, self._style(base, content.role))] if isinstance(content, Cell) else []
        elif kind == "header":
            style = self._style(base, "header")
            segments = self._line(parts[0], style, [style] * len(self._grid.placed), "  ")
        else:
            segments = self._row(base, parts[0], mark=parts[1], cursor=parts[2])
            base = self._style(base, parts[2])
        return Strip(segments).adjust_cell_length(width, self._style(base, "header") if kind == "header" else base)

    def _row(self, base: Style, cells: tuple[Cell, ...], *, mark: str, cursor: str) -> list[Segment]:
        gutter = ("\u203a" if cursor else " ") + _SIGNS[mark]
        style = self._style(base, cursor)
        gone = mark == "gone"
        roles = [self._style(base, mark if gone else cells[place.column].role, cursor) for place in self._grid.placed]
        told = plain(gutter) if self._ascii else gutter
        if mark not in _FADING:
            return self._line(cells, style, roles, told)
        return [Segment(told, self._style(base, _FADING[mark], cursor)), *self._line(cells, style, roles, "")]

    def _line(self, cells: tuple[Cell, ...], style: Style, roles: list[Style], gutter: str) -> list[Segment]:
        segments: list[Segment] = []
        ellipsis = "~" if self._ascii else "…"
        placed, columns = self._grid.placed, self._grid.columns
        text, at = gutter, placed[0].at if placed else 0
        # What is of one style is one segment: segments cost more than text.
        for place, role in zip(placed, roles, strict=True):
            if role is not style:
                # With the gap before it: a space looks the same in any role's style.
                segments.append(Segment(text + " " * (place.at - at), style))
                text, style = "", role
            else:
                text += " " * (place.at - at)
            text += fit(cells[place.column].text, place.width, right=columns[place.column].right, ellipsis=ellipsis)
            at = place.at + place.width
        segments.append(Segment(text, style))
        return segments

    def _base(self) -> Style:
        """Its own style, which takes longer to work out than to write a row."""
        style = self._styles.get(())
        if style is None:
            style = self._styles[()] = self.rich_style
        return style

    def _style(self, base: Style, *roles: str) -> Style:
        style = self._styles.get(roles)
        if style is None:
            style = base
            for role in roles:
                if role:
                    style += self.get_component_rich_style(f"live-table--{role}", partial=True)
            # Those that look alike are one object.
            style = next((known for known in self._styles.values() if known == style), style)
            self._styles[roles] = style
        return style


_SIGNS = {
    "": " ",
    "new": "+",
    "newish": "+",
    "gone": "\u2212",
    "changed": "~",
    "fading": "~",
    "found": "⚠",
    "marked": "●",
    "taken": "✓",
}
_FADING = {"new": "new", "newish": "dim", "changed": "warn", "fading": "dim"}
"""Signs that have a colour of their own, which fades."""


def _runs(lines: list[int]) -> list[tuple[int, int]]:
    """The first and the last of those that follow one another."""
    runs: list[tuple[int, int]] = []
    for line in lines:
        if runs and runs[-1][1] == line - 1:
            runs[-1] = runs[-1][0], line
        else:
            runs.append((line, line))
    return runs


def _is_still(before: Context | None, now: Context) -> bool:
    """Whether live cells are what they were; a peak ends by itself."""
    return (
        before is not None
        and before.snapshot.rates is now.snapshot.rates
        and before.snapshot.counters is now.snapshot.counters
        and (before.units, before.metric) == (now.units, now.metric)
        and now.metric != "peak"
        and before.zero is now.zero
    )
