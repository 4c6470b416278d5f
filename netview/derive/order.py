"""The order people expect of names."""

import re
from functools import lru_cache

_DIGITS = re.compile(r"(\d+)", re.ASCII)

Natural = tuple[tuple[int, int, str], ...]


@lru_cache(maxsize=16384)
def natural(name: str) -> Natural:
    """A sort key that puts "eth2" before "eth10", without regard to case."""
    parts = _DIGITS.split(name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part) for part in parts if part)
