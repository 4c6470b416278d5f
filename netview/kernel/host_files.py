"""What containers believe of their host, from files that their processes see."""

import errno
import os
from collections.abc import Iterable

from netview.kernel.expendable import Expendable
from netview.kernel.expendable_child import LONGEST
from netview.model import Process
from netview.model.host_facts import HostFacts
from netview.model.namespace import Unknown

_HANGS = "it did not answer in time"
_MOST = 8
"""Containers of one namespace whose files are read: a pod has several."""
_LINES, _LENGTH = 256, 256
"""What is kept of a file: more no one reads."""
_AT_ONCE = LONGEST - 1
"""Bytes; a file that has as many may have more."""
RESOLV_CONF = "/etc/resolv.conf"
"""How names are looked for (resolv.conf(5))."""


def roots(processes: Iterable[Process]) -> tuple[int, ...]:
    """The oldest process of each mount namespace among them: each container has its own files."""
    found: dict[int, int] = {}
    for process in processes:
        if len(found) == _MOST:
            break
        try:
            found.setdefault(os.stat(f"/proc/{process.pid}/ns/mnt").st_ino, process.pid)
        except OSError:
            continue  # It has ended, or may not be asked; so may its root.
    return tuple(found.values())


def host_facts(expendable: Expendable, pid: int) -> HostFacts:
    """The files of a process; whatever cannot be read is told as unknown."""
    unknown: list[Unknown] = []
    resolv, hosts, name = (_lines(expendable, pid, path, unknown) for path in (RESOLV_CONF, "/etc/hosts", "/etc/hostname"))
    hostname = next((line.strip() for line in name or () if line.strip()), None)
    return HostFacts(hostname, resolv, hosts, tuple(unknown))


def resolving(expendable: Expendable, pid: int) -> HostFacts:
    """The file by which a process looks for names, and no other."""
    unknown: list[Unknown] = []
    resolv = _lines(expendable, pid, RESOLV_CONF, unknown)
    return HostFacts(resolv_conf=resolv, unknown=tuple(unknown))


def _lines(expendable: Expendable, pid: int, path: str, unknown: list[Unknown]) -> tuple[str, ...] | None:
    if any(one.reason == _HANGS for one in unknown):
        unknown.append(Unknown(path, "not asked for: another file did not answer"))
        return None
    try:
        told = expendable.content(pid, path)
    except FileNotFoundError:
        return ()
    except OSError as error:
        reason = "its file system may hang" if error.errno == errno.ENOTSUP else error.strerror or str(error)
        unknown.append(Unknown(path, reason))
        return None
    if told is None:
        unknown.append(Unknown(path, _HANGS))
        return None
    lines = told.decode("utf-8", "surrogateescape").splitlines()
    kept = tuple(line[:_LENGTH] for line in lines[:_LINES])
    if len(kept) < len(lines) or len(told) >= _AT_ONCE or any(len(line) > _LENGTH for line in lines):
        unknown.append(Unknown(path, f"more than is told: at most {_LINES} lines of {_LENGTH} characters are"))
    return kept
