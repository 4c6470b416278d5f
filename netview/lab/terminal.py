"""The terminal as it was before an application that could not put it back itself."""

import contextlib
import os
import signal
import sys
import termios

# Mouse reports, focus reports, bracketed paste and the kitty keyboard off, the cursor shown, the first screen back, colours off.
_LEAVE = b"\x1b[?1000;1002;1003;1006;1015;1004;2004l\x1b[<u\x1b[?25h\x1b[?1049l\x1b[0m\r"


class Terminal:
    """Remembers the settings of the terminal on standard input, if there is one."""

    def __init__(self) -> None:
        self._fd = _terminal()
        self._settings = None if self._fd is None else termios.tcgetattr(self._fd)

    def restore(self) -> None:
        """Put the settings and the screen back."""
        if self._fd is None or self._settings is None:
            return
        stop = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with contextlib.suppress(OSError, termios.error):
            os.write(self._fd, _LEAVE)
            termios.tcsetattr(self._fd, termios.TCSAFLUSH, self._settings)
        signal.signal(signal.SIGTTOU, stop)


def _terminal() -> int | None:
    try:
        fd = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return None
    return fd if os.isatty(fd) else None
