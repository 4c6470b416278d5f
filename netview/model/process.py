"""A process inside a namespace."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """A process, or a thread whose namespace differs from its process's. All text is raw and chosen by the process."""

    pid: int
    comm: str
    user: str | None = None
    """None: not read (only an open namespace's processes are read in full)."""
    command: tuple[str, ...] | None = None
    """argv; None: not read."""
    started_at: float | None = None
    """Seconds since the epoch; None: not read."""
