"""Network namespaces with a name: a bind mount keeps each one, as `ip netns add` and Docker do it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netview.lab.syscalls import Clone, Mount, mount, setns, unmount, unshare

RUN_NETNS = Path("/run/netns")
_OWN = "/proc/thread-self/ns/net"


def create(name: str, directory: Path = RUN_NETNS) -> Path:
    """Make a network namespace and return the mount that keeps it."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.touch(exist_ok=False)
    with _home():
        unshare(Clone.NEWNET)
        mount(_OWN, str(path), flags=Mount.BIND)
    return path


def delete(path: Path) -> None:
    """Take the mount away; the namespace goes once no process and no file holds it."""
    unmount(str(path))
    path.unlink()


def enter(path: Path) -> None:
    """Put this thread into the namespace for good."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        setns(fd, Clone.NEWNET)
    finally:
        os.close(fd)


@contextmanager
def inside(path: Path | None) -> Iterator[None]:
    """Put this thread into the namespace and back; None: where it is already."""
    with _home():
        if path is not None:
            enter(path)
        yield


@contextmanager
def _home() -> Iterator[None]:
    fd = os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield
    finally:
        setns(fd, Clone.NEWNET)
        os.close(fd)
