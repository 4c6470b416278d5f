"""The characters that the app draws itself, for UTF-8 and for ASCII terminals."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; each is one column wide but `pair`."""

    down: str = "↓"
    up: str = "↑"
    pair: str = "⇄"
    crumb: str = "›"
    expanded: str = "▾"
    collapsed: str = "▸"
    branch: str = "├"
    last_branch: str = "└"
    ascending: str = "▲"
    descending: str = "▼"
    ellipsis: str = "…"
    live: str = "●"
    paused: str = "‖"
    warning: str = "⚠"
    dot: str = "·"
    cross: str = "✗"
    cursor: str = "›"
    new: str = "+"
    gone: str = "−"  # noqa: RUF001 - the sign is as wide as the plus
    left: str = "←"
    right: str = "→"


UNICODE = Glyphs()
ASCII = Glyphs(
    down="v",
    up="^",
    pair="<>",
    crumb=">",
    expanded="-",
    collapsed="+",
    branch="|",
    last_branch="`",
    ascending="^",
    descending="v",
    ellipsis="~",
    live="*",
    paused="=",
    warning="!",
    dot="-",
    cross="x",
    cursor=">",
    new="+",
    gone="-",
    left="<",
    right=">",
)
