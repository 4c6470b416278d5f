"""Processes in full, for the namespace that is open."""

from collections.abc import Iterable

from netview.model import Process

# A command line may change at any time, but reading all of them at every beat is dear.
_FRESH_READINGS = 10


class InFull:
    """Reads user, command line and start of processes, remembering them for a few beats."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], Process] = {}
        self._readings = 0

    def read(self, processes: Iterable[Process]) -> tuple[Process, ...]:
        """Each in full; one that is gone stays as it was."""
        if self._readings % _FRESH_READINGS == 0:
            self._known = {}
        self._readings += 1
        told = tuple(self._known.get((process.pid, process.comm)) or _full(process) for process in processes)
        self._known = {(process.pid, process.comm): process for process in told}
        return told


def _full(process: Process) -> Process:
    # psutil takes 18 ms to import, and only an open namespace needs it.
    import psutil  # noqa: PLC0415

    try:
        told = psutil.Process(process.pid)
        with told.oneshot():
            return Process(process.pid, process.comm, told.username(), tuple(told.cmdline()), told.create_time())
    except psutil.Error:
        return process
