"""Real namespaces, and the check that a test leaves nothing behind."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernel import topology
from tests.kernel.lab import NETNS, Lab, wait
from tests.require import missing


@dataclass(frozen=True, slots=True)
class Traces:
    """What a careless reader of namespaces leaves behind."""

    files: frozenset[tuple[str, str]]
    threads: frozenset[str]
    inside: frozenset[str]
    mounts: frozenset[str]
    links: frozenset[str]


def _traces() -> Traces:
    inside = dict(_targets("/proc/self/task", "ns/net"))
    return Traces(
        files=frozenset(_targets("/proc/self/fd")),
        threads=frozenset(inside),
        inside=frozenset(inside.values()),
        mounts=frozenset(name for name in _names(NETNS) if name.startswith(f"nvt{os.getpid()}x")),
        links=frozenset(_names(Path("/sys/class/net"))),
    )


def _targets(folder: str, below: str = "") -> Iterator[tuple[str, str]]:
    for entry in Path(folder).iterdir():
        try:
            yield entry.name, str((entry / below).readlink())
        except (FileNotFoundError, ProcessLookupError):
            continue  # A thread that has just ended, or the descriptor of this listing itself.


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()] if folder.is_dir() else []


@pytest.fixture(scope="session", autouse=True)
def _rights() -> None:
    if os.geteuid() != 0:
        missing("network namespaces are made by root")
    for tool in ("ip", "bridge", "nsenter"):
        if shutil.which(tool) is None:
            missing(f"needs the command {tool}")


@pytest.fixture(autouse=True)
def _nothing_left(_rights: None) -> Iterator[None]:
    before = _traces()
    assert before.inside == {str(Path("/proc/self/ns/net").readlink())}
    yield
    wait(lambda: _traces().files <= before.files and _traces().threads <= before.threads, 2.0)
    after = _traces()
    assert after.files - before.files == set()
    assert after.threads - before.threads == set(), threading.enumerate()
    assert after.inside == before.inside
    assert after.mounts - before.mounts == set()
    assert after.links - before.links == set()


@pytest.fixture
def lab() -> Iterator[Lab]:
    """An empty lab of the test's own."""
    made = Lab()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="session")
def rich(_rights: None) -> Iterator[Lab]:
    """The rich lab, for tests that only look at it."""
    made = Lab()
    try:
        topology.build(made)
        yield made
    finally:
        made.close()
