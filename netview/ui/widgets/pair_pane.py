"""The pane that shows a wire."""

from textwrap import wrap
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from netview.derive.pair import Pair, pair
from netview.live import History
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.text import UNKNOWN, Units, plain, safe
from netview.ui.widgets.pair_lines import sections, title
from netview.ui.widgets.pair_rates import Rates, rate_lines, rates_of
from netview.ui.widgets.pieces import Item, Line, Piece, item_lines


class _Shown(NamedTuple):
    """What the pane was last asked to show."""

    pair: Pair | None
    rates: Rates | None
    instead: str
    """Said where there is no link."""
    units: Units = "bit"
    metric: str = "rate"
    ascii: bool = False
    note: tuple[Item, ...] = ()


class PairPane(ScrollView):
    """Both ends of one wire side by side, live.

    ┌ nginx-1 eth0 ⇄ veth9c02e56 ───────────────┐
    │in nginx-1             on docker0, port 1  │
    │eth0 #2                veth9c02e56 #7      │
    │172.17.0.2/16          forwarding          │
    │02:42:ac:11:00:02      52:81:0b:24:3d:da   │
    │mtu 1500 up            mtu 1500 up         │
    │↓ ▁▂▅▇▇▅  8.1 Mbit/s peak 9.4 M · 60 s     │
    │↑ ▁▁▁▂▁▁   21 kbit/s peak 80 k  · 60 s     │
    │default via 172.17.0.1 · 1 neighbour       │
    │            eth0          veth9c02e56      │
    │              rx     tx     rx     tx      │
    │bytes      7.7Mi   21Ki   21Ki  7.7Mi      │
    └───────────────────────────────── 9 more ──┘
    """

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "lines(1)", "down, in the pane", show=False, id="pane-down"),
        Binding("k,up", "lines(-1)", "up, in the pane", show=False, id="pane-up"),
        Binding("g,home", "lines(-1000)", "first line of the pane", show=False, id="pane-top"),
        Binding("G,end", "lines(1000)", "last line of the pane", show=False, id="pane-bottom"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "pair-pane--value",
        "pair-pane--label",
        "pair-pane--name",
        "pair-pane--where",
        "pair-pane--into",
        "pair-pane--out",
        "pair-pane--problem",
        "pair-pane--unknown",
    }
    DEFAULT_CSS = """
    PairPane {
        border: round $border-blurred;
        border-title-color: $secondary;
        border-subtitle-color: $foreground-muted;
        background: $background;
        scrollbar-size: 0 0;
        overflow-x: hidden;
        &:focus { border: round $border; }
        &.-ascii { border: ascii $border-blurred; }
        &.-ascii:focus { border: ascii $border; }
        .pair-pane--value { color: $foreground; }
        .pair-pane--label { color: $foreground-muted; }
        .pair-pane--name { color: $foreground; text-style: bold; }
        .pair-pane--where { color: $secondary; }
        .pair-pane--into { color: $success; }
        .pair-pane--out { color: $accent; }
        .pair-pane--problem { color: $error; text-style: bold; }
        .pair-pane--unknown { color: $warning; text-style: italic; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id, classes=classes)
        self._shown = _Shown(None, None, "reading the kernel…")
        self._key: LinkKey | NamespaceId | None = None
        self._asked: tuple[Snapshot | None, LinkKey | NamespaceId | None, str] = (None, None, "")
        self._lines: tuple[Line, ...] = ()
        self._styles: dict[str, Style] = {}

    def show(
        self,
        snapshot: Snapshot | None,
        key: LinkKey | NamespaceId | None,
        history: History,
        *,
        units: Units,
        metric: str,
        ascii: bool,  # noqa: A002  (the option's name)
        note: tuple[Item, ...] = (),
    ) -> None:
        """Show a link's wire, or a namespace's main one, below a note; only the lines that differ are painted again."""
        asked = (snapshot, key, metric)
        if asked == self._asked:
            facts, rates = self._shown.pair, self._shown.rates
        else:
            facts = None if snapshot is None or key is None else pair(snapshot, key)
            rates = None if snapshot is None or facts is None else rates_of(facts.flow, snapshot, history, metric)
        self._asked = asked
        self._shown = _Shown(facts, rates, _why_nothing(snapshot, key), units, metric, ascii, note)
        self.set_class(ascii, "-ascii")
        if key != self._key:
            self._key = key
            self.scroll_home(animate=False)
        self._lay_out()

    def action_lines(self, count: int) -> None:
        """Scroll by lines, at once."""
        self.scroll_relative(y=count, animate=False)

    def on_resize(self, event: Resize) -> None:
        """Fit the lines to the new width."""
        del event
        self._lay_out()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Keep count of what is below."""
        super().watch_scroll_y(old_value, new_value)
        self._say_what_is_below()

    def notify_style_update(self) -> None:
        """Another theme: look the component styles up again."""
        super().notify_style_update()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        number = y + round(self.scroll_offset.y)
        width = self.size.width
        line = self._lines[number] if number < len(self._lines) else ()
        segments = [Segment(piece.text, self._style(piece.style)) for piece in line]
        return Strip(segments).adjust_cell_length(width, self.rich_style).simplify()

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self.get_component_rich_style(f"pair-pane--{name}")
        return self._styles[name]

    def _lay_out(self) -> None:
        width, height = self.content_size
        if not width:
            return
        lines = self._made(width, height)
        before, self._lines = self._lines, lines
        self.virtual_size = Size(width, len(lines))
        for number in range(max(len(lines), len(before))):
            if lines[number : number + 1] != before[number : number + 1]:
                self.refresh_line(number)
        self._set_title()
        self._say_what_is_below()

    def _made(self, width: int, height: int) -> tuple[Line, ...]:
        shown = self._shown
        told = [line for label, text in shown.note for line in item_lines(((safe(label), safe(text)),), width)]
        note: list[Line] = [*told, ()] if told else []
        if shown.pair is None or shown.rates is None:
            instead = [] if told and self._key is None else [(Piece(text, "label"),) for text in wrap(shown.instead, width)]
            return tuple(_plain(line, ascii=shown.ascii) for line in (*note, *instead))
        live = rate_lines(shown.rates, width, units=shown.units, metric=shown.metric, ascii=shown.ascii)
        parts = sections(shown.pair, live, width)
        gap: tuple[Line, ...] = ((),) if sum(map(len, parts)) + len(parts) <= height else ()
        lines = note + [line for part in parts for line in (*part, *gap)]
        return tuple(_plain(line, ascii=shown.ascii) for line in lines)

    def _set_title(self) -> None:
        text = "" if self._shown.pair is None else title(self._shown.pair)
        self._set_border("title", plain(text) if self._shown.ascii else text)

    def _say_what_is_below(self) -> None:
        below = len(self._lines) - round(self.scroll_offset.y) - self.content_size.height
        self._set_border("subtitle", f"{below} more" if below > 0 and self.content_size.height else "")

    def _set_border(self, which: str, text: str) -> None:
        """As Content, in which nothing is markup; only where it differs, since setting it repaints everything."""
        content = Content(text)
        if which == "title" and content != self._border_title:
            self.border_title = content
        elif which == "subtitle" and content != self._border_subtitle:
            self.border_subtitle = content


def _why_nothing(snapshot: Snapshot | None, key: LinkKey | NamespaceId | None) -> str:
    if snapshot is None:
        return "reading the kernel…"
    if key is None:
        return "nothing selected"
    if isinstance(key, LinkKey):
        return f"link #{key.ifindex} is gone"
    namespace = snapshot.namespaces.get(key)
    if namespace is None:
        return "this namespace is gone"
    return f"{UNKNOWN} {safe(namespace.tables.error)}" if namespace.tables.error else "no links in this namespace"


def _plain(line: Line, *, ascii: bool) -> Line:  # noqa: A002  (the option's name)
    return tuple(Piece(plain(piece.text), piece.style) for piece in line) if ascii else line
