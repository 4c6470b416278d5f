"""One moment, as text, JSON or a drawing."""

from typing import TYPE_CHECKING

from netview.front import Settings, matches, moment, tell, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from netview.model import Snapshot


def tree(settings: Settings, name: str | None = None) -> int:
    """The wiring as text; a name that nothing bears is told instead."""
    from netview.export.tree import lines

    now = moment(settings)
    if name is not None:
        matches(now, name)
    write("\n".join(lines(now)) + "\n", ascii_only=settings.ascii)
    return 0


def json(settings: Settings) -> int:
    """The JSON contract; what could not be read goes to stderr."""
    from netview.export.json import encode

    return _written(moment(settings), encode, ascii_only=True)


def dot(settings: Settings) -> int:
    """The network as a graph in Graphviz' language."""
    from netview.export.dot import lines

    return _drawn(settings, lines)


def mermaid(settings: Settings) -> int:
    """The network as a flowchart in Mermaid's language."""
    from netview.export.mermaid import lines

    return _drawn(settings, lines)


def svg(settings: Settings) -> int:
    """The network as a drawing."""
    from netview.export.svg import lines

    return _drawn(settings, lines)


def _drawn(settings: Settings, lines: "Callable[[Snapshot], Iterator[str]]") -> int:
    """In UTF-8 whatever the locale, as those who draw it expect."""
    return _written(moment(settings), lambda now: "\n".join(lines(now)), ascii_only=False)


def _written(now: "Snapshot", text: "Callable[[Snapshot], str]", *, ascii_only: bool) -> int:
    write(text(now) + "\n", ascii_only=ascii_only)
    for notice in now.notices:
        tell(f"{notice.source}: {notice.text}")
    return 0
