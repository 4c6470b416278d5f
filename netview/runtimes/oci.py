"""A container without its engine's word: from the monitor beside it and the bundle that it was made of."""

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from netview.decode.bundle import Bundle, bundle
from netview.decode.cgroup import container, leaves
from netview.decode.monitor import Monitor, monitor
from netview.decode.storage import image
from netview.model import Owner, Runtime
from netview.runtimes.proc import process_file, process_path, process_status

SIZE = 4 * 2**20
"""Bytes of a file that is read; annotations may be long."""
_LISTS = ("containers.json", "volatile-containers.json")
"""Of containers/storage; the second holds those that are removed once they end."""
_SHORT = 12
_GENERATIONS = 16


class Known(NamedTuple):
    """A container as its files tell it."""

    owner: Owner
    sandbox: bool = False
    """Whether it only holds a pod's namespaces."""


class _Found(NamedTuple):
    """A monitor and its pid."""

    pid: int
    monitor: Monitor


class Monitors:
    """The monitors beside containers, for one look at many: most processes have the same few above them."""

    def __init__(self) -> None:
        self._from: dict[int, _Found | None] = {}

    def above(self, pid: int) -> _Found | None:
        """The nearest one above a process that lives in our own pid namespace, if it is in no container itself."""
        told = process_status(pid)
        found: _Found | None = None
        passed: list[int] = []
        while told is not None and told.parent and len(passed) < _GENERATIONS:
            parent = told.parent
            if parent in self._from:
                found = self._from[parent]
                break
            passed.append(parent)
            told = process_status(parent)
            cmdline = process_file(parent, "cmdline") if told is not None and len(told.pids) == 1 else None
            seen = None if cmdline is None else monitor(cmdline)
            if seen is not None:
                cgroup = process_file(parent, "cgroup")
                found = _Found(parent, seen) if cgroup is not None and container(cgroup) is None else None
                break
        self._from |= dict.fromkeys(passed, found)
        return found


def identified(pid: int, id_: str, runtime: Runtime | None, monitors: Monitors | None = None) -> Known:
    """The container of an id that the process's group names."""
    found = (monitors or Monitors()).above(pid)
    told = None if found is None else _bundle(found, id_)
    mine = found if found is not None and found.monitor.id == id_ else None
    made_by = (told and told.runtime) or runtime or (found and found.monitor.runtime) or Runtime.CONTAINERD
    name = (told and told.name) or (mine and mine.monitor.name) or id_[:_SHORT]
    owner = _with_bundle(Owner(made_by, id_, name), told)
    if owner.image is None and mine is not None and made_by is Runtime.PODMAN:
        owner = replace(owner, image=_stored_image(mine))
    return Known(owner, bool(told and told.sandbox))


def named(pid: int, cgroup: bytes, monitors: Monitors | None = None) -> Known | None:
    """The container of a process whose group no engine has marked: containerd calls it as the container; None: it is in none."""
    found = (monitors or Monitors()).above(pid)
    if found is None:
        return None
    told = found.monitor
    if told.bundle is not None or told.runtime is Runtime.DOCKER:
        # conmon keeps one container, Docker's shim too, and a rootless one may have no group of its own.
        return identified(pid, told.id, None, monitors)
    for id_ in leaves(cgroup):
        made = _bundle(found, id_)
        if made is not None:
            return Known(_with_bundle(Owner(made.runtime or told.runtime, id_, made.name or id_), made), made.sandbox)
    return None


def _with_bundle(owner: Owner, told: Bundle | None) -> Owner:
    if told is None:
        return owner
    connected = replace(owner, pod=told.pod, networks=told.networks, ports=told.ports)
    return replace(connected, image=told.image, labels=told.labels, annotations=told.annotations)


def _bundle(found: _Found, id_: str) -> Bundle | None:
    """The bundle of a container that the monitor keeps; only what belongs to the monitor's own user is read."""
    try:
        content = _content(found, _folder(found, id_) / "config.json")
    except (OSError, ValueError):
        return None
    return None if content is None else bundle(content)


def _stored_image(found: _Found) -> str | None:
    """The image of conmon's container as containers/storage lists it, two folders above the bundle."""
    folder = Path(found.monitor.bundle or "")
    if folder.parts[-2:] != (found.monitor.id, "userdata"):
        return None
    for name in _LISTS:
        try:
            content = _content(found, folder.parents[1] / name)
        except (OSError, ValueError):
            continue
        told = None if content is None else image(content, found.monitor.id)
        if told is not None:
            return told
    return None


def _content(found: _Found, path: Path) -> bytes | None:
    """A regular file of the monitor's own user, or None where it is something else; raises OSError and ValueError."""
    user = process_path(found.pid).stat().st_uid
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags), "rb") as file:
        told = os.fstat(file.fileno())
        if not stat.S_ISREG(told.st_mode) or told.st_uid != user or told.st_size > SIZE:
            return None
        return file.read(SIZE)


def _folder(found: _Found, id_: str) -> Path:
    """Raises OSError and ValueError where there is none."""
    if found.monitor.bundle is not None:
        if found.monitor.id != id_:
            raise FileNotFoundError
        return Path(found.monitor.bundle)
    # A pod's containers have one shim; their bundles lie side by side.
    return (process_path(found.pid) / "cwd").readlink().with_name(id_)
