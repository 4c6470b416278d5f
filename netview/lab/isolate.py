"""A process tree in user, network, mount, pid, UTS and IPC namespaces of its own, that leaves nothing behind.

The caller's process stays outside: it waits, hands signals on, stops when the app stops, and mends the terminal if the app was
killed. A child of it makes the namespaces and forks the reaper, PID 1 inside, and ends; the reaper is then the caller's child.
The two share a socket: when the caller dies, however it dies, the reaper sees it closed and ends, and with PID 1 the kernel ends
every process inside, and with those the namespaces and mounts go.
"""

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from netview.lab.process import fork
from netview.lab.reaper import KILLED, PID, REFUSED, STOPPED, Lab, reap, refusal
from netview.lab.syscalls import PR_SET_CHILD_SUBREAPER, Clone, Mount, mount, prctl, unshare
from netview.lab.terminal import Terminal

HANDED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGCONT)
HOSTNAME = "lab-vm"


class DemoUnavailable(Exception):  # noqa: N818 - a state of the machine, not a mistake
    """The kernel allows no private lab; the message is one line that says what it refused."""


def run_isolated(lab: Lab, app: Callable[[], int]) -> int:
    """Build the lab in new namespaces, run `app` there and return its status (128 + n where signal n killed it)."""
    terminal = Terminal()
    control, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with control, _adopting(), _handing_on(control):
        with inner:
            child = fork(lambda: _enter(control, inner, lab, app))
        reaper, reason, killed = _attend(control)
        os.waitpid(child, 0)
        status = 0 if reaper is None else os.waitstatus_to_exitcode(os.waitpid(reaper, 0)[1])
    if reason is not None:
        raise DemoUnavailable(reason)
    if killed or status < 0:
        terminal.restore()
    return status if status >= 0 else 128 - status


def _enter(control: socket.socket, inner: socket.socket, lab: Lab, app: Callable[[], int]) -> int:
    control.close()
    try:
        _unshare()
    except OSError as error:
        inner.send(refusal(error))
        return 1
    reaper = fork(lambda: reap(inner, lab, app))
    inner.send(PID + str(reaper).encode())
    return 0


def _unshare() -> None:
    uid, gid = os.geteuid(), os.getegid()
    unshare(Clone.NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    unshare(Clone.NEWNS | Clone.NEWNET | Clone.NEWPID | Clone.NEWUTS | Clone.NEWIPC)
    socket.sethostname(HOSTNAME)
    mount("none", "/", flags=Mount.REC | Mount.PRIVATE)


def _attend(control: socket.socket) -> tuple[int | None, str | None, bool]:
    """Listen until everybody inside is gone: the reaper's pid, why the kernel refused, whether the app was killed."""
    reaper, reason, killed = None, None, False
    while message := control.recv(4096):
        kind, rest = message[:1], message[1:].decode()
        if kind == PID:
            reaper = int(rest)
        elif kind == REFUSED:
            reason = rest
        elif kind == KILLED:
            killed = True
        elif kind == STOPPED:
            os.kill(os.getpid(), signal.SIGSTOP)
    return reaper, reason, killed


@contextmanager
def _adopting() -> Iterator[None]:
    """Become the parent of grandchildren whose parent ends."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0)


@contextmanager
def _handing_on(control: socket.socket) -> Iterator[None]:
    """Send the numbers of the signals that this process is sent."""

    def send(number: int, frame: FrameType | None) -> None:
        del frame
        with contextlib.suppress(OSError):
            control.send(bytes([number]), socket.MSG_NOSIGNAL)

    before = {number: signal.signal(number, send) for number in HANDED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
