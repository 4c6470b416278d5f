"""Labels and annotations as people read them: an engine lets one have a megabyte."""

from collections.abc import Mapping

_READABLE, _MOST = 256, 64
"""Characters of one text, and how many labels of one container."""


def readable(text: str) -> str:
    """What people read of a text; what was cut off is marked by an ellipsis."""
    return text if len(text) <= _READABLE else text[: _READABLE - 1] + "…"


def labels(told: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Names and values, sorted by name; the first 64."""
    return tuple((readable(name), readable(value)) for name, value in sorted(told.items())[:_MOST])
