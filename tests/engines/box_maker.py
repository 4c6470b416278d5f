"""Processes as an engine leaves them: box_maker.py ROOT GROUP…; the pid of each is printed, and they stay when it ends.

Each sleeps in a control group, network, pid and mount namespace of its own, below one root for all.
"""

import ctypes
import os
import sys
from pathlib import Path

NEWNS, NEWPID, NEWNET = 0x20000, 0x20000000, 0x40000000
_RECURSIVELY_PRIVATE = 0x44000


def made(root: str, group: Path, libc: ctypes.CDLL) -> int:
    """One of them; its pid."""
    group.mkdir(parents=True)
    read, write = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        (group / "cgroup.procs").write_text("0")
        if libc.unshare(NEWNS | NEWPID | NEWNET) or libc.mount(b"none", b"/", None, _RECURSIVELY_PRIVATE, None):
            os._exit(1)
        pid = os.fork()
        if pid == 0:
            # Who started this program waits for the end of what it prints.
            os.closerange(0, 3)
            os.chroot(root)
            os.chdir("/")
            os.execv("/bin/sleep", ["sleep", "3600"])  # noqa: S606 - it is what a box runs
        os.write(write, str(pid).encode())
        os._exit(0)
    os.close(write)
    pid = int(os.read(read, 16))
    os.close(read)
    os.waitpid(keeper, 0)
    return pid


if __name__ == "__main__":
    libc = ctypes.CDLL(None, use_errno=True)
    for group in sys.argv[2:]:
        print(made(sys.argv[1], Path(group), libc))  # noqa: T201
