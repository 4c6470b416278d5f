"""How the app was asked to look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from netview.text import Units

Metric = Literal["rate", "packets", "total", "drops", "peak"]
ThemeName = Literal["dark", "light", "safe", "contrast", "ansi", "mono"]

METRICS: tuple[Metric, ...] = ("rate", "packets", "total", "drops", "peak")


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
    view: str | None = None
    """The view to begin with, by its name."""
    sorts: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    """By view: the column to sort by, and whether its order is turned round."""
    on_leave: Callable[[str, Mapping[str, tuple[str, bool]]], None] | None = None
    """Keeps the last view and the sorts."""
    on_crash: Callable[[BaseException], str] | None = None
    """Writes the traceback somewhere private and returns the one line that says where."""
