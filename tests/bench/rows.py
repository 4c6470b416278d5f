"""What was measured: rows of figures, beside what they are held against."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

Held = Literal["ratio", "value", "difference"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: figures of several runs, each beside the one that was taken in turn with it."""

    what: str
    unit: str
    ours: Sequence[float]
    beside: str = ""
    theirs: Sequence[float] = ()
    held: Held = "ratio"
    at_most: float | None = None
    """What the ratio, the figure itself or the difference may reach; None: told, not judged."""
    note: str = ""

    @property
    def results(self) -> list[float]:
        """What is held against `at_most`, a figure a run."""
        if self.held == "value" or not self.theirs:
            return list(self.ours)
        pairs = zip(self.ours, self.theirs, strict=True)
        return [one / other if self.held == "ratio" else one - other for one, other in pairs]

    @property
    def holds(self) -> bool | None:
        """Whether the median stays within; None where nothing is asked."""
        return None if self.at_most is None else median(self.results) <= self.at_most

    def as_json(self) -> dict[str, Any]:
        """All of it, with the medians."""
        return asdict(self) | {"results": self.results, "median": median(self.results), "holds": self.holds}


_HEADS = ("what", "netview", "beside", "", "median (least … most)", "at most", "")


def table(rows: Sequence[Row]) -> str:
    """The rows as text in columns."""
    lines = [_HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    results = row.results
    sign = {"ratio": " x", "value": f" {row.unit}", "difference": f" {row.unit}"}[row.held if row.theirs else "value"]
    spread = f" ({_number(min(results))} … {_number(max(results))})" if len(results) > 1 else ""
    return (
        row.what,
        f"{_number(median(row.ours))} {row.unit}",
        f"{_number(median(row.theirs))} {row.unit}" if row.theirs else "",
        " ".join(filter(None, (row.beside, f"[{row.note}]" if row.note else ""))),
        f"{_number(median(results))}{sign}{spread}",
        "" if row.at_most is None else f"{_number(row.at_most)}{sign}",
        {None: "", True: "holds", False: "MISSED"}[row.holds],
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
