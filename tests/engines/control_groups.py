"""The control groups that a test gives to processes in an engine's place."""

from collections.abc import Iterable, Sequence
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_INTO = 'for group; do [ "$group" = -- ] && break; echo $$ > "$group/cgroup.procs"; shift; done; shift; exec "$@"'


def hierarchies() -> list[Path]:
    """The roots of all of them: one, or version 1's as well."""
    return sorted(path.parent for path in _ROOT.glob("*/cgroup.procs")) or [_ROOT]


def ready(roots: Iterable[Path]) -> list[Path]:
    """Those that take a process at once: version 1's cpuset wants to be told of processors first."""
    return [path for path in roots if path.name != "cpuset"]


def inside(groups: Iterable[Path], argv: Sequence[str]) -> list[str]:
    """A command line that steps into the groups, and becomes another one."""
    return ["sh", "-c", _INTO, "sh", *map(str, groups), "--", *argv]
