"""A mistake of netview's own, told in one safe line."""

import os
import tempfile
import traceback
from pathlib import Path

from netview.archive import RecordingError, create
from netview.text import safe

_LONGEST = 200


def report(error: BaseException) -> str:
    """Put the traceback, without locals, into a file that only the user may read; one line that names it."""
    said = safe(f"{type(error).__name__}: {error}".removesuffix(": "))
    if len(said) > _LONGEST:
        said = said[:_LONGEST] + "…"
    return f"netview: a mistake of netview's own: {said}; {_written(error)}"


def _written(error: BaseException) -> str:
    lines = "".join(traceback.format_exception(error)).splitlines()
    path = Path(tempfile.gettempdir()) / f"netview-{os.getpid()}-{os.urandom(4).hex()}.txt"
    try:
        with create(path) as file:
            file.write("".join(safe(line) + "\n" for line in lines).encode())
    except (OSError, RecordingError) as reason:
        return f"its traceback could not be written: {safe(str(reason))}"
    return f"its traceback is in {path}"
