"""The app that runs behind a page."""

import os
import signal

_PR_SET_PDEATHSIG = 1


def is_behind_page() -> bool:
    """Whether `netview serve` started this process for a page in a browser."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def end_with_server() -> None:
    """End when the server does, however that dies."""
    import ctypes  # noqa: PLC0415  # every other start does without

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
