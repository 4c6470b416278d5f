"""What could not be read, and what would help, each in one line."""

import os

from netview.kernel.discover import Sweep
from netview.model import Notice


def notices(sweep: Sweep, handicap: str | None, *, everywhere: bool, dropped: int = 0) -> tuple[Notice, ...]:
    """Of a look over the machine, and of where changes are heard; `handicap` is why netview has no namespace of its own.

    So many events were `dropped` since the beginning.
    """
    told = []
    if handicap is not None:
        polled = "changes elsewhere are polled, peers known at home and in what this user made"
        told.append(Notice("kernel", f"no namespace for netview itself ({handicap}): {polled}"))
    elif not everywhere:
        told.append(Notice("kernel", "changes elsewhere than at home are polled: hearing them needs CAP_NET_BROADCAST"))
    if sweep.hidden:
        remedy = ": run as root, or with CAP_SYS_PTRACE and CAP_SYS_ADMIN" if os.geteuid() else ""
        text = f"{_processes(sweep.hidden)} may not be asked for a namespace (permission denied){remedy}"
        told.append(Notice("processes", text))
    if sweep.unasked:
        text = f"{_processes(sweep.unasked)} may not be asked what is held open: namespaces that nothing else holds are missing"
        told.append(Notice("processes", text))
    if sweep.uncounted:
        have = "has" if sweep.uncounted == 1 else "have"
        told.append(Notice("processes", f"{_processes(sweep.uncounted)} {have} more descriptors than are looked at"))
    if sweep.unshown and os.geteuid():
        told.append(Notice("processes", "/proc is mounted with hidepid and leaves out those of other users: run as root"))
    if dropped:
        events = "1 event was" if dropped == 1 else f"{dropped} events were"
        told.append(Notice("kernel", f"{events} dropped before netview could hear of them; everything was read anew then"))
    return tuple(told)


def _processes(count: int) -> str:
    return "1 process" if count == 1 else f"{count} processes"
