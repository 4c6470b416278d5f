"""The network as Graphviz draws it: `netview snapshot -o dot | dot -Tsvg`."""

from collections.abc import Iterator

from netview.derive.graph import Box, EdgeKind, Graph, Outside, graph
from netview.export.words import link_lines, nothing, outside_line, title
from netview.model import LinkKey, Snapshot
from netview.text import safe

_STYLE = {
    EdgeKind.WIRE: 'color="#1f6feb", penwidth=2',
    EdgeKind.PORT: "weight=8",
    EdgeKind.LOWER: "style=dashed",
    EdgeKind.REMOTE: 'style=dotted, color="#8250df"',
}

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "&": "&amp;"})


def lines(snapshot: Snapshot) -> Iterator[str]:
    """An undirected graph in the DOT language, line by line."""
    drawn = graph(snapshot)
    yield "graph netview {"
    yield '  graph [rankdir=LR, fontname="Helvetica", labeljust=l];'
    yield '  node [shape=box, fontname="Helvetica", fontsize=10, margin="0.08,0.04"];'
    yield '  edge [color="#57606a"];'
    for number, box in enumerate(drawn.boxes):
        yield from _box(number, box)
    yield from _outsides(drawn)
    for edge in drawn.edges:
        yield f"  {_end(edge.one)} -- {_end(edge.other)} [{_STYLE[edge.kind]}];"
    yield "}"


def _box(number: int, box: Box) -> Iterator[str]:
    yield f"  subgraph cluster_{number} {{"
    colour = "black" if box.namespace.home else "gray60"
    yield f"    label={_quoted(*title(box))}; style=rounded; color={colour};"
    if not box.places:
        # A cluster without a node is not drawn.
        yield f"    {_identifier('empty', box.namespace.id)} [shape=plaintext, label={_quoted(nothing(box))}];"
    for place in box.places:
        shape = ', style=filled, fillcolor="#ddf4ff"' if place.link.bridge is not None else ""
        yield f"    {_end(place.key)} [label={_quoted(*link_lines(box, place))}{shape}];"
    yield "  }"


def _outsides(drawn: Graph) -> Iterator[str]:
    for outside in drawn.outsides:
        yield f"  {_end(outside)} [shape=ellipse, style=dashed, label={_quoted(outside_line(outside))}];"


def _end(end: LinkKey | Outside) -> str:
    if isinstance(end, LinkKey):
        return _identifier("link", end.namespace, str(end.ifindex))
    return _identifier(*end)


def _identifier(*words: str) -> str:
    return _quoted(safe(" ".join(words)))


def _quoted(*text: str) -> str:
    r"""A quoted string; Graphviz takes a backslash for an escape of its own, such as \N, and & for an entity of HTML."""
    return '"' + r"\n".join(line.translate(_ESCAPES) for line in text) + '"'
