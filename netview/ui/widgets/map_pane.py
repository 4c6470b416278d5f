"""The map as it is seen and walked through; only lines that changed are painted."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from netview.derive.wiring import WireId
from netview.text import plain
from netview.ui.map.drawing import Drawing, Item
from netview.ui.widgets.pieces import Line, Piece

_STYLES = ("value", "label", "title", "good", "warn", "bad", "active")


class MapPane(ScrollView, can_focus=True, inherit_bindings=False):
    """A drawing with one item selected; vertical scroll only."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"map-pane--{style}" for style in _STYLES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "aside(-1)", "left", show=False, id="map-left"),
        Binding("l,right", "aside(1)", "right", show=False, id="map-right"),
        Binding("k,up", "across(-1)", "up", show=False, id="map-up"),
        Binding("j,down", "across(1)", "down", show=False, id="map-down"),
        Binding("g,home", "edge(0)", "first", show=False, id="map-first"),
        Binding("G,end", "edge(-1)", "last", show=False, id="map-last"),
        Binding("pageup", "page(-1)", "page up", show=False, id="map-page-up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="map-page-down"),
    ]

    class Moved(Message):
        """Another item is selected, or others are visible."""

    class Opened(Message):
        """The selected item was clicked."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self._ascii = ascii_only
        self._drawing: Drawing | None = None
        self._message = ""
        self._lines: dict[int, Line] = {}
        self._styles: dict[str, Style] = {}
        self._index = 0

    @property
    def current(self) -> Item | None:
        """The selected item."""
        items = () if self._drawing is None else self._drawing.items
        return items[self._index] if self._index < len(items) else None

    def shown(self) -> tuple[Item, ...]:
        """The items on the screen."""
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        items = () if self._drawing is None else self._drawing.items
        return tuple(item for item in items if item.y < bottom and item.y + item.height > top)

    def show(self, drawing: Drawing | None, selected: WireId | None, message: str = "") -> None:
        """Show a drawing; what is selected stays so as long as it is there, else what comes into its place is."""
        self._drawing, self._message = drawing, message
        items = () if drawing is None else drawing.items
        found = next((index for index, item in enumerate(items) if item.wire.key == selected), None)
        self._index = min(self._index, max(0, len(items) - 1)) if found is None else found
        size = Size(self.size.width, 1 if drawing is None else drawing.height)
        if size != self.virtual_size:
            self.virtual_size = size
        self._into_view()
        self._update()

    def on_resize(self) -> None:
        """Another width is drawn anew by the screen."""
        self._lines.clear()

    def notify_style_update(self) -> None:
        """Another theme."""
        super().notify_style_update()
        self._styles.clear()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines came into view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._lines.clear()
            self.refresh()
            self.post_message(self.Moved())

    def render_line(self, y: int) -> Strip:
        """One line of the drawing."""
        segments = [Segment(plain(text) if self._ascii else text, self._style(style)) for text, style in self._line(y)]
        return Strip(segments).adjust_cell_length(self.size.width, self._style("value"))

    def action_aside(self, step: int) -> None:
        """The item before or after."""
        self._go(self._index + step)

    def action_across(self, step: int) -> None:
        """The nearest item in the next line up or down that has one."""
        here = self.current
        if here is None or self._drawing is None:
            return
        rows = sorted({item.y for item in self._drawing.items if (item.y - here.y) * step > 0}, key=lambda y: abs(y - here.y))
        if rows:
            self._nearest(here.x, rows[0])

    def action_edge(self, end: int) -> None:
        """The first or the last item."""
        self._go(0 if end == 0 else len(() if self._drawing is None else self._drawing.items) - 1)

    def action_page(self, step: int) -> None:
        """A screen further."""
        here = self.current
        if here is None or self._drawing is None:
            return
        wanted = here.y + step * max(1, self.size.height - 2)
        rows = sorted({item.y for item in self._drawing.items}, key=lambda y: abs(y - wanted))
        self._nearest(here.x, rows[0])

    def on_click(self, event: events.Click) -> None:
        """Select what is there, or open it."""
        at = event.get_content_offset(self)
        if at is None or self._drawing is None:
            return
        y = at.y + self.scroll_offset.y
        there = [item for item in self._drawing.items if item.y <= y < item.y + item.height and item.x <= at.x]
        if not there:
            return
        hit = max(there, key=lambda item: item.x)
        if hit is self.current:
            self.post_message(self.Opened())
        else:
            self._go(self._drawing.items.index(hit))

    def _nearest(self, x: int, y: int) -> None:
        items = () if self._drawing is None else self._drawing.items
        self._go(min((index for index, item in enumerate(items) if item.y == y), key=lambda index: abs(items[index].x - x)))

    def _go(self, index: int) -> None:
        items = () if self._drawing is None else self._drawing.items
        self._index = max(0, min(index, len(items) - 1))
        self._into_view()
        self._update()
        self.post_message(self.Moved())

    def _into_view(self) -> None:
        here = self.current
        if here is None:
            return
        # The first item has the drawing's own title above it.
        first = 0 if self._index == 0 else here.y
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if first < top:
            top = first
        elif here.y + here.height + 1 > top + height:
            top = here.y + here.height + 1 - height
        self.set_scroll(None, max(0, min(top, self.virtual_size.height - height)))

    def _update(self) -> None:
        """Refresh the lines that changed, and no others."""
        for y in range(self.size.height):
            before = self._lines.pop(y, None)
            if self._line(y) != before:
                self.refresh(Region(0, y, self.size.width, 1))

    def _line(self, y: int) -> Line:
        """What stands there; written once for each drawing."""
        line = self._lines.get(y)
        if line is None:
            line = self._lines[y] = self._written(y)
        return line

    def _written(self, y: int) -> Line:
        drawing, at = self._drawing, y + self.scroll_offset.y
        if drawing is None or not drawing.items:
            return (Piece(f"  {self._message}", "label"),) if y == 1 else ()
        here = self.current
        return drawing.line(at, None if here is None else here.wire.key) if at < drawing.height else ()

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"map-pane--{name}")
        return style
