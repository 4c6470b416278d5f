"""The app, or the tree where no terminal can hold it."""

import errno
import gc
import os
import signal
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, TextIO

from netview.front import Settings, mistake, opened
from netview.serve.page_app import end_with_server, is_behind_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from netview.config import Config
    from netview.ui.options import Remembered, ThemeName

_FEW_COLOURS = frozenset({"xterm", "linux", "screen"})


def show(settings: Settings, name: str | None) -> int:
    """The app; the tree where no terminal can hold it."""
    if is_behind_page():
        end_with_server()
    elif not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)) or os.environ.get("TERM") == "dumb":
        from netview.commands.snapshot import tree

        return tree(settings, name)
    gc.disable()  # What is made before the first frame is never garbage; the app turns it on again.
    from netview.live import Poller
    from netview.ui.app import NetviewApp
    from netview.ui.messages import Failed
    from netview.ui.options import Options, Remembered

    source, engines = opened(settings)
    remembered, on_leave = _memory() if settings.mode == "LIVE" else (Remembered(), None)
    options = Options(
        mode=settings.mode,
        units=settings.units,
        ascii=settings.ascii,
        open_on=name,
        theme=settings.theme or _theme(),
        keymap={} if settings.config is None else settings.config.keys,
        warnings=() if settings.config is None else _ignored(settings.config),
        remembered=remembered,
        on_leave=on_leave,
        save=None if is_behind_page() else _save,
        on_crash=_behind_page if is_behind_page() else mistake,
    )
    app = NetviewApp(Poller(source, engines, interval=settings.interval, answer=source.answer), options)
    kept = threading.excepthook

    def end(crash: threading.ExceptHookArgs) -> None:
        if _hung_up(crash.exc_value):
            # Nobody is left to show anything to, and Textual would wait for good for the thread that wrote to the terminal.
            os._exit(128 + signal.SIGHUP)
        kept(crash)
        if crash.thread is not None and crash.thread.name.startswith("netview-"):
            app.post_message(Failed())

    threading.excepthook = end
    returned = app.run(mouse=not settings.no_mouse)
    return returned if isinstance(returned, int) else app.return_code or 0


def _behind_page(error: BaseException) -> str:
    """The line that says what ended the app of a page."""
    if isinstance(error, BrokenPipeError):
        return "netview: the page's server has gone"  # No mistake of netview's own: nothing of it is kept.
    return mistake(error)


def _save(stem: str, suffix: str, text: str) -> tuple[str, bool]:
    """A new file here, for the app's exports."""
    from netview.saving import SavingError, save

    try:
        return f"saved as {save(os.environ, stem, suffix, text)}", True
    except SavingError as error:
        return str(error), False


def _memory() -> "tuple[Remembered, Callable[[Remembered], None] | None]":
    """How the app was left the last time, and what keeps that."""
    from netview.memory import place, recall, remember
    from netview.ui.options import Remembered

    path = place(os.environ)
    return (Remembered(), None) if path is None else (recall(path), partial(remember, path))


def _ignored(config: "Config") -> tuple[str, ...]:
    """What the configuration says and nobody understands."""
    if not config.keys:
        return config.ignored
    from netview.ui.keys import keys

    return config.ignored + config.unknown_actions(keys().keys())


def _hung_up(error: BaseException | None) -> bool:
    """Whether this is what the thread that Textual writes with is told of a terminal that has gone."""
    return isinstance(error, OSError) and error.errno == errno.EIO


def _is_terminal(stream: TextIO | None) -> bool:
    """A stream that was closed before the start is None."""
    return stream is not None and stream.isatty()


def _theme() -> "ThemeName":
    """The terminal's own colours where it has few, none where it was told to use none."""
    if os.environ.get("NO_COLOR"):
        return "mono"
    return "ansi" if os.environ.get("TERM") in _FEW_COLOURS else "dark"
