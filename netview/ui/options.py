"""How the app was asked to look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from netview.text import Units

Metric = Literal["rate", "packets", "total", "drops", "peak"]
ThemeName = Literal["dark", "light", "safe", "contrast", "ansi", "mono"]

METRICS: tuple[Metric, ...] = ("rate", "packets", "total", "drops", "peak")


class Remembered(NamedTuple):
    """What the app takes up again at its next start."""

    view: str | None = None
    """The last view, by its name."""
    sorts: Mapping[str, tuple[str, bool]] = MappingProxyType({})
    """By view: the column, and whether its order is turned round. Absent: the view's own order."""
    grouping: str = "none"
    """What namespaces are listed by."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line decides for the app before it is made."""

    mode: str = "LIVE"
    """The header's word: "LIVE", "DEMO", "RECORDED" or "REPLAY"."""
    units: Units = "bit"
    ascii: bool = False
    """Every glyph that the app draws is ASCII."""
    open_on: str | None = None
    """A container, link, address, MAC or pid."""
    theme: ThemeName = "dark"
    """ "mono" for NO_COLOR, "ansi" for terminals of few colours."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys that are not the app's own, by action."""
    warnings: tuple[str, ...] = ()
    """Told when the app has started."""
    remembered: Remembered = field(default_factory=Remembered)
    """How it was left the last time."""
    on_leave: Callable[[Remembered], None] | None = None
    """Keeps that for the next time."""
    save: Callable[[str, str, str], tuple[str, bool]] | None = None
    """Writes a new file from its stem, suffix and text; what to say of it, and whether that succeeded."""
    on_crash: Callable[[BaseException], str] | None = None
    """Writes the traceback somewhere private and returns the one line that says where."""
