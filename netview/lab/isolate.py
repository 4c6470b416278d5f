"""A process tree in user, network, mount, pid, UTS and IPC namespaces of its own, that leaves nothing behind.

The caller's process stays outside: it waits, hands signals on, stops when the app stops, and mends the terminal if the app was
killed. A child of it makes the namespaces and forks the reaper, PID 1 inside, and ends; the reaper is then the caller's child.
The two share a channel: when the caller dies, however it dies, the reaper sees it closed and ends, and with PID 1 the kernel ends
every process inside, and with those the namespaces and mounts go.
"""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from netview.lab.channel import Channel, channel
from netview.lab.mounts import let_go_of_namespaces
from netview.lab.process import fork
from netview.lab.reaper import KILLED, PID, REFUSED, STOPPED, Lab, reap, refusal
from netview.lab.syscalls import PR_SET_CHILD_SUBREAPER, Clone, Mount, mount, prctl, unshare
from netview.lab.terminal import Terminal

HANDED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGCONT)
HOSTNAME = "lab-vm"


class DemoUnavailable(Exception):  # noqa: N818 - a state of the machine, not a mistake
    """The kernel allows no private lab; the message is one line that says what it refused."""


@dataclass(slots=True)
class _Told:
    """What came out of the lab."""

    reaper: int | None = None
    refusal: str | None = None
    killed: bool = False


def run_isolated(lab: Lab, app: Callable[[], int]) -> int:
    """Build the lab in new namespaces, run `app` there and return its status (128 + n where signal n killed it)."""
    terminal = Terminal()
    control, inner = channel()
    with control, _adopting(), _handing_on(control):
        with inner:
            child = fork(lambda: _enter(control, inner, lab, app))
        told = _attend(control, child)
        last = child if told.reaper is None else told.reaper
        status = os.waitstatus_to_exitcode(os.waitpid(last, 0)[1])
    if told.refusal is not None:
        raise DemoUnavailable(told.refusal)
    if told.killed or status < 0:
        terminal.restore()
    return status if status >= 0 else 128 - status


def _enter(control: Channel, inner: Channel, lab: Lab, app: Callable[[], int]) -> int:
    control.close()
    try:
        _unshare()
    except OSError as error:
        inner.tell(refusal(error))
        return 1
    reaper = fork(lambda: reap(inner, lab, app))
    inner.tell(PID + str(reaper).encode())
    return 0


def _unshare() -> None:
    uid, gid = os.geteuid(), os.getegid()
    with suppress(PermissionError):
        unshare(Clone.NEWNS)
        let_go_of_namespaces()
    unshare(Clone.NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    unshare(Clone.NEWNS | Clone.NEWNET | Clone.NEWPID | Clone.NEWUTS | Clone.NEWIPC)
    socket.sethostname(HOSTNAME)
    # Not private: a namespace that the host unmounts, as Docker does with a removed container's, would live on in here.
    mount("none", "/", flags=Mount.REC | Mount.SLAVE)


def _attend(control: Channel, child: int) -> _Told:
    """Listen until everybody inside is gone, and stop whenever the app does."""
    told = _Told()
    while message := control.hear():
        kind, rest = message[:1], message[1:].decode()
        if kind == PID:
            told.reaper = int(rest)
            os.waitpid(child, 0)
        elif kind == REFUSED:
            told.refusal = rest
        elif kind == KILLED:
            told.killed = True
        elif kind == STOPPED:
            os.kill(os.getpid(), signal.SIGSTOP)
    return told


@contextmanager
def _adopting() -> Iterator[None]:
    """Become the parent of grandchildren whose parent ends."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0)


@contextmanager
def _handing_on(control: Channel) -> Iterator[None]:
    """Send the numbers of the signals that this process is sent."""

    def send(number: int, frame: FrameType | None) -> None:
        del frame
        control.tell(bytes([number]))

    before = {number: signal.signal(number, send) for number in HANDED_ON}
    # The terminal stops a whole process group in the background: this one process stops only once the app has.
    before |= {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGTTOU, signal.SIGTTIN)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
