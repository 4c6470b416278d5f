"""PID 1 of a lab: has it built, keeps it, and takes everything with it when it ends."""

import errno
import os
import select
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from netview.lab.channel import Channel
from netview.lab.mounts import mount_own
from netview.lab.process import Daemon, fork, spawn
from netview.lab.syscalls import PR_SET_NAME, prctl

STOPPED, KILLED, REFUSED, PID = b"s", b"k", b"r", b"p"
"""What is told to the process outside; REFUSED is followed by the reason, PID by the reaper's number."""


@dataclass(frozen=True, slots=True)
class Lab:
    """What is built in the private namespaces, and who lives there."""

    build: Callable[[], None]
    """Runs in a process of its own; an OSError is the kernel's refusal."""
    daemons: tuple[Daemon, ...] = ()


def reap(control: Channel, lab: Lab, app: Callable[[], int]) -> int:
    """Mount, build, start the daemons, run the app and return its exit status; ends early when `control` is closed outside."""
    comm = Path("/proc/thread-self/comm").read_bytes().strip()
    prctl(PR_SET_NAME, b"netview-reaper")
    with _ended_children() as ended:
        built = _supervise(control, ended, fork(lambda: _build(control, lab)))
        if built != 0:
            return _exit_status(built)
        child = fork(lambda: _run(control, comm, app))
        for daemon in lab.daemons:
            spawn(daemon)
        status = _supervise(control, ended, child)
        if status < 0:
            control.tell(KILLED)
        return _exit_status(status)


def refusal(error: OSError) -> bytes:
    """One line of what the kernel refused."""
    limit = " (a limit in /proc/sys/user)" if error.errno == errno.ENOSPC else ""
    return REFUSED + f"{error.filename or 'lab'}: {error.strerror or error}{limit}".encode()


def _build(control: Channel, lab: Lab) -> int:
    try:
        mount_own()
        lab.build()
    except OSError as error:
        control.tell(refusal(error))
        return 1
    return 0


def _run(control: Channel, comm: bytes, app: Callable[[], int]) -> int:
    control.close()
    prctl(PR_SET_NAME, comm)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return app()


@contextmanager
def _ended_children() -> Iterator[socket.socket]:
    """A socket that becomes readable whenever a child has ended or stopped."""
    ended, note = socket.socketpair()
    with ended, note:
        ended.setblocking(False)
        note.setblocking(False)
        signal.set_wakeup_fd(note.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        yield ended


def _supervise(control: Channel, ended: socket.socket, child: int) -> int:
    """Reap every child until this one has ended, and return its status, -n for signal n; hand on signals, tell of its stops."""
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(ended, select.POLLIN)
    while True:
        status = _reap_ended(control, child)
        if status is not None:
            return status
        for fd, _ in poll.poll():
            if fd == ended.fileno():
                ended.recv(4096)
            elif not _hand_on(control, child):
                return 1


def _reap_ended(control: Channel, child: int) -> int | None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return None
        if pid == 0:
            return None
        if pid != child:
            continue
        if os.WIFSTOPPED(status):
            control.tell(STOPPED)
        else:
            return os.waitstatus_to_exitcode(status)


def _exit_status(code: int) -> int:
    """128 + n for a process that signal n killed, as shells have it."""
    return code if code >= 0 else 128 - code


def _hand_on(control: Channel, child: int) -> bool:
    """Send the signal that the process outside was sent; False once that process is gone."""
    message = control.hear(1)
    if not message:
        return False
    # A second SIGCONT beside the shell's own, which reaches the whole process group, would make the app resume twice.
    if message[0] != signal.SIGCONT or _stopped(child):
        os.kill(child, message[0])
    return True


def _stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] == b"T"
