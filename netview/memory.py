"""What netview remembers between two runs, in the user's XDG state directory; nothing is lost where it cannot be kept."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from netview.ui.options import Remembered

LARGEST = 1 << 16


def place(environ: Mapping[str, str]) -> Path | None:
    """The file; None under sudo, where nothing of the user's is written, and without a home."""
    if os.geteuid() == 0 and environ.get("SUDO_UID", "0") != "0":
        return None
    base, home = environ.get("XDG_STATE_HOME", ""), environ.get("HOME", "")
    if not base.startswith("/"):
        if not home.startswith("/"):
            return None
        base = f"{home}/.local/state"
    return Path(base, "netview", "state.json")


def recall(path: Path) -> Remembered:
    """How the app was left; a file that makes no sense is as good as none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            found = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return Remembered()
    known: dict[str, Any] = found if isinstance(found, dict) else {}
    view, sorts, grouping = known.get("view"), known.get("sorts"), known.get("grouping")
    entries = sorts.items() if isinstance(sorts, dict) else ()
    return Remembered(
        view if isinstance(view, str) else None,
        {name: entry for name, value in entries if (entry := _sort(value)) is not None},
        grouping if isinstance(grouping, str) else "none",
    )


def remember(path: Path, kept: Remembered) -> None:
    """Write it anew, whole or not at all; where that is not allowed, forget it."""
    text = json.dumps({"view": kept.view, "sorts": dict(kept.sorts), "grouping": kept.grouping}, indent=1)
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".state-", delete=False) as file:
            file.write(text + "\n")
        Path(file.name).replace(path)


def _sort(value: object) -> tuple[str, bool] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    column, reverse = value
    return (column, reverse) if isinstance(column, str) and isinstance(reverse, bool) else None
