"""The network as a drawing: home on the left, every other namespace on the right, wires as curves between them.

┌ host ───────────────┐        ┌ nginx-1 ──────────┐
│ docker0             │    ┌───┤ eth0 172.17.0.2   │
│   veth9c02e56       ├────┘   └───────────────────┘
│   veth5a5cdcf       ├────┐   ┌ nginx-2 ──────────┐
└─────────────────────┘    └───┤ eth0 172.17.0.3   │
                               └───────────────────┘
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain

from netview.derive.graph import Box, Edge, EdgeKind, Graph, Outside, graph
from netview.export.words import link_lines, nothing, outside_line, title
from netview.model import LinkKey, NamespaceId, Snapshot

_LINE, _PADDING, _GAP, _INDENT = 18, 10, 16, 18
_LEFT, _BOX, _CORRIDOR, _MARGIN = 40, 340, 220, 24
_RIGHT = _LEFT + _BOX + _CORRIDOR
_LETTERS = 50
"""As many letters as a line of a box has room for."""
_STYLE = (
    "text{font:12px 'DejaVu Sans',Verdana,sans-serif;fill:#1f2328}.n{font-weight:bold}.s{fill:#59636e}"
    "rect{fill:#ffffff;stroke:#59636e}.b{fill:#ddf4ff;stroke:#0969da}.l{fill:#f6f8fa;stroke:#d1d9e0}.o{stroke-dasharray:4 3}"
    "path{fill:none;stroke-width:1.5}.wire{stroke:#0969da;stroke-width:2}.lower{stroke:#59636e;stroke-dasharray:5 3}"
    ".remote{stroke:#8250df;stroke-dasharray:2 3}"
)


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a link or an end outside is drawn."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


Slots = Mapping[LinkKey | Outside, _Slot]


def lines(snapshot: Snapshot) -> Iterator[str]:
    """An SVG 1.1 document that asks nothing of the outside, line by line."""
    drawn = graph(snapshot)
    slots: dict[LinkKey | Outside, _Slot] = {}
    home = [box for box in drawn.boxes if box.namespace.home]
    others = [box for box in drawn.boxes if not box.namespace.home]
    left, left_end = _column(home, _LEFT, slots)
    right, right_end = _column(_by_wires(others, drawn, slots), _RIGHT, slots)
    outsides, outside_end = _outsides(drawn.outsides, right_end, slots)
    width, height = _RIGHT + _BOX + _LEFT + _MARGIN, max(left_end, outside_end) + _MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    yield f"<title>{_text(snapshot.hostname)}</title><style>{_STYLE}</style>"
    yield f'<rect width="{width}" height="{height}" style="stroke:none"/>'
    yield from chain(left, right, outsides)
    for edge in drawn.edges:
        if edge.kind is not EdgeKind.PORT:
            yield _curve(edge, slots)
    yield "</svg>"


def _by_wires(boxes: Sequence[Box], drawn: Graph, slots: Slots) -> list[Box]:
    """In the order of what they are wired to in home, and each beside those it is wired to, so that curves seldom cross."""
    wired: dict[NamespaceId, list[NamespaceId]] = {}
    heights: dict[NamespaceId, int] = {}
    for edge in drawn.edges:
        if isinstance(edge.other, LinkKey):
            for one, other in ((edge.one, edge.other), (edge.other, edge.one)):
                wired.setdefault(one.namespace, []).append(other.namespace)
                if other in slots:
                    heights[one.namespace] = min(slots[other].y, heights.get(one.namespace, slots[other].y))
    last = max(heights.values(), default=0) + 1
    waiting = {box.namespace.id: box for box in sorted(boxes, key=lambda box: heights.get(box.namespace.id, last))}
    ordered: list[Box] = []
    while waiting:
        nearest = [next(iter(waiting))]
        while nearest:
            box = waiting.pop(nearest.pop(), None)
            if box is not None:
                ordered.append(box)
                nearest += [id_ for id_ in reversed(wired.get(box.namespace.id, [])) if id_ not in heights]
    return ordered


def _column(boxes: Sequence[Box], x: int, slots: dict[LinkKey | Outside, _Slot]) -> tuple[list[str], int]:
    """The boxes below each other, and where the last one ends; fills in the slots of their links."""
    parts: list[str] = []
    y = _MARGIN
    for box in boxes:
        inner, end = _contents(box, x, y, slots)
        parts.append(f'<rect x="{x}" y="{y}" width="{_BOX}" height="{end - y}" rx="6"/>')
        parts += inner
        y = end + _GAP
    return parts, y


def _contents(box: Box, x: int, y: int, slots: dict[LinkKey | Outside, _Slot]) -> tuple[list[str], int]:
    name, *rest = title(box)
    parts = [_words(name, x + _PADDING, y + _LINE, "n")]
    parts += [_words(line, x + _PADDING, y + _LINE * (2 + number), "s") for number, line in enumerate(rest)]
    y += _LINE * (1 + len(rest)) + _PADDING
    if not box.places:
        parts.append(_words(nothing(box), x + _PADDING, y + _LINE, "s"))
        y += _LINE + _PADDING
    for place in box.places:
        text = link_lines(box, place)
        indent = _PADDING + _INDENT * place.depth
        slot = _Slot(x + indent, y, _BOX - indent - _PADDING, _LINE * len(text) + 6)
        slots[place.key] = slot
        parts += _slot(slot, text, "b" if place.link.bridge is not None else "l")
        y += slot.height + 6
    return parts, y + 4


def _outsides(outsides: Sequence[Outside], y: int, slots: dict[LinkKey | Outside, _Slot]) -> tuple[list[str], int]:
    parts: list[str] = []
    for outside in outsides:
        slot = slots[outside] = _Slot(_RIGHT, y, _BOX, _LINE + 6)
        parts += _slot(slot, (outside_line(outside),), "o")
        y += slot.height + 8
    return parts, y


def _slot(slot: _Slot, text: Sequence[str], kind: str) -> Iterator[str]:
    yield f'<rect class="{kind}" x="{slot.x}" y="{slot.y}" width="{slot.width}" height="{slot.height}" rx="4"/>'
    for number, line in enumerate(text):
        yield _words(line, slot.x + 8, slot.y + _LINE * (number + 1) - 3, "s" if number else "")


def _curve(edge: Edge, slots: Slots) -> str:
    """From side to side across the corridor; two ends in one column are joined around its outer side."""
    one, other = sorted((slots[edge.one], slots[edge.other]), key=lambda slot: slot.x >= _RIGHT)
    left, right = one.x < _RIGHT, other.x < _RIGHT
    start = one.x + one.width if left and not right else (one.x if left else one.x + one.width)
    end = other.x if left and not right else (other.x if right else other.x + other.width)
    bend = _CORRIDOR // 2 if left and not right else 0
    reach = 0 if bend else (-_LEFT if left else _LEFT + _MARGIN // 2)
    first, second = (start + bend, end - bend) if bend else (start + reach, end + reach)
    path = f"M{start} {one.middle}C{first} {one.middle} {second} {other.middle} {end} {other.middle}"
    return f'<path class="{edge.kind.value}" d="{path}"/>'


def _words(line: str, x: int, y: int, kind: str) -> str:
    shown = line if len(line) <= _LETTERS else f"{line[: _LETTERS - 1]}…"
    full = "" if shown == line else f"<title>{_text(line)}</title>"
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{style}>{_text(shown)}{full}</text>'


def _text(text: str) -> str:
    return escape(text, quote=True)
