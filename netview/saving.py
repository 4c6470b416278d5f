"""Exports of a view: new files in the directory that netview was started in, for the user who started it."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from netview.archive import RecordingError, create

_MOST = 1000
"""Names that are tried before one gives up."""


class SavingError(Exception):
    """What keeps a file from being written; the message is one line."""


def save(environ: Mapping[str, str], stem: str, suffix: str, text: str) -> str:
    """Write a file that is new, is not reached through a link, and that its owner alone may read; the name it got.

    Under sudo it belongs to the invoking user. Raises SavingError.
    """
    for number in range(1, _MOST):
        path = Path(f"{stem}.{suffix}" if number == 1 else f"{stem}-{number}.{suffix}")
        with suppress(RecordingError):
            return _written(path, text, environ)
        if not path.is_symlink() and not path.exists():
            break
    raise SavingError(f"{path} cannot be written here: start netview in a directory of yours")


def _written(path: Path, text: str, environ: Mapping[str, str]) -> str:
    with create(path) as file:
        if os.geteuid() == 0 and environ.get("SUDO_UID", "").isdigit() and environ.get("SUDO_GID", "").isdigit():
            os.fchown(file.fileno(), int(environ["SUDO_UID"]), int(environ["SUDO_GID"]))
        data = text.encode("utf-8", "backslashreplace")
        while data:
            data = data[file.write(data) :]
    return str(path)
