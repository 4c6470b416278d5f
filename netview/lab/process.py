"""Forked processes that end for themselves, and what they are called."""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from netview.lab.netns import enter
from netview.lab.syscalls import PR_SET_NAME, prctl


@dataclass(frozen=True, slots=True)
class Daemon:
    """A process of a lab."""

    namespace: Path | None
    """The mount of the network namespace it lives in; None: the one of its parent."""
    comm: str
    """What /proc/<pid>/comm says, at most 15 bytes."""
    command: str
    """What /proc/<pid>/cmdline says, cut to the room that there is."""
    run: Callable[[], None]


def fork(work: Callable[[], int]) -> int:
    """The pid of a new process that does the work, with every signal as the kernel has it, and exits with the returned status."""
    _flush()
    pid = os.fork()
    if pid == 0:
        _end_with(work)
    return pid


def spawn(daemon: Daemon) -> int:
    """The pid of a new process in a session of its own, away from the terminal."""
    return fork(lambda: _daemonize(daemon))


def _daemonize(daemon: Daemon) -> int:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.closerange(3, 1 << 16)
    if daemon.namespace is not None:
        enter(daemon.namespace)
    prctl(PR_SET_NAME, os.fsencode(daemon.comm)[:15])
    _set_command(os.fsencode(daemon.command))
    daemon.run()
    return 0


def _end_with(work: Callable[[], int]) -> None:
    status = 1
    try:
        _reset_signals()
        status = work()
    finally:
        # A forked child never returns into its parent's stack, so it reports for itself what nobody above can.
        failure = sys.exception()
        if failure is not None:
            sys.excepthook(type(failure), failure, failure.__traceback__)
        with contextlib.suppress(OSError, ValueError):
            _flush()
        os._exit(status)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # One that was closed before the start.
            stream.flush()


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _set_command(command: bytes) -> None:
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    room = end - start
    if room < 2:
        return
    # A last byte other than NUL makes the kernel show the text up to its first NUL, as for setproctitle(3).
    ctypes.memmove(start, command[: room - 2].ljust(room - 1, b"\0") + b"\1", room)
