"""Tracing instances of netview's own in tracefs: one that a killed netview has left is removed by the next start."""

from contextlib import suppress
from pathlib import Path

PLACES = (Path("/sys/kernel/tracing"), Path("/sys/kernel/debug/tracing"))
PREFIX = "netview_"


def remove_left_over(places: tuple[Path, ...] = PLACES) -> None:
    """What a netview that was killed has left; the kernel removes none that somebody still reads."""
    for place in places:
        with suppress(OSError):
            for one in (place / "instances").iterdir():
                if one.name.startswith(PREFIX):
                    remove(one)


def remove(instance: Path) -> None:
    """Remove one, if it is there and nobody reads it."""
    with suppress(OSError):
        instance.rmdir()
