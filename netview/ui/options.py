"""How the app was asked to look."""

from collections.abc import Callable
from dataclasses import dataclass
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
    on_crash: Callable[[BaseException], str] | None = None
    """Writes the traceback somewhere private and returns the one line that says where."""
