"""The network as Mermaid draws it, for Markdown pages: `netview snapshot -o mermaid`."""

from collections.abc import Iterator, Mapping
from itertools import chain

from netview.derive.graph import Box, EdgeKind, Outside, graph
from netview.export.words import link_lines, nothing, outside_line, title
from netview.model import LinkKey, Snapshot

_LINE = {EdgeKind.WIRE: "===", EdgeKind.PORT: "---", EdgeKind.LOWER: "-.-", EdgeKind.REMOTE: "-.-"}
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:/-_·")


def lines(snapshot: Snapshot) -> Iterator[str]:
    """A flowchart, line by line; names are entities where they hold anything but letters, digits and . , : / - _."""
    drawn = graph(snapshot)
    ends: list[LinkKey | Outside] = [place.key for box in drawn.boxes for place in box.places]
    numbers = {end: number for number, end in enumerate(chain(ends, drawn.outsides))}
    yield "flowchart LR"
    for number, box in enumerate(drawn.boxes):
        yield from _box(number, box, numbers)
    for outside in drawn.outsides:
        yield f"  x{numbers[outside]}([{_quoted(outside_line(outside))}])"
    for edge in drawn.edges:
        yield f"  x{numbers[edge.one]} {_LINE[edge.kind]} x{numbers[edge.other]}"


def _box(number: int, box: Box, numbers: Mapping[LinkKey | Outside, int]) -> Iterator[str]:
    yield f"  subgraph n{number}[{_quoted(*title(box))}]"
    if not box.places:
        yield f"    e{number}[{_quoted(nothing(box))}]"
    for place in box.places:
        yield f"    x{numbers[place.key]}[{_quoted(*link_lines(box, place))}]"
    yield "  end"


def _quoted(*text: str) -> str:
    """A label that neither Markdown nor HTML nor Mermaid's own syntax can be read into."""
    return '"' + "<br/>".join("".join(char if char in _PLAIN else f"#{ord(char)};" for char in line) for line in text) + '"'
