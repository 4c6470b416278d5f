"""Which parts the kernel has at hand: asking one that is not there would load it."""

import os
from pathlib import Path

_met: set[str] = set()


def at_hand(names: frozenset[str], proc: Path = Path("/proc"), folder: Path | None = None) -> frozenset[str]:
    """Those of some modules that are loaded or built in; all where the kernel has no modules."""
    try:
        listed = (proc / "modules").read_bytes()
    except FileNotFoundError:
        # A kernel that has no modules loads none; a /proc that shows processes alone says nothing about that.
        if (proc / "sys/kernel/ostype").exists() and not (proc / "sys/kernel/modprobe").exists():
            return names
        listed = b""
    except OSError:
        listed = b""
    there = {line.partition(b" ")[0] for line in listed.splitlines()}
    modules = Path("/lib/modules", os.uname().release) if folder is None else folder
    try:
        built_in = (modules / "modules.builtin").read_bytes()
    except OSError:
        built_in = b""
    there |= {line.rpartition(b"/")[2].partition(b".")[0] for line in built_in.splitlines()}
    return frozenset(name for name in names if name.encode() in there)


def is_at_hand(name: str) -> bool:
    """Whether one is; once it was, it stays: modules that are in use are not unloaded."""
    if name not in _met and at_hand(frozenset({name})):
        _met.add(name)
    return name in _met
