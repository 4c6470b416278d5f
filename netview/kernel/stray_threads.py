"""Threads that have descriptors or mounts of their own: what those hold, their process does not show."""

import os

from netview.kernel.syscalls import share_files

_MOST = 1000


def stray_threads(pid: int) -> frozenset[int]:
    """By their numbers, by which /proc knows them like processes; of a crowd of threads the first thousand are asked."""
    try:
        if os.stat(f"/proc/{pid}/task").st_nlink <= 3:
            return frozenset()
        mounts = os.readlink(f"/proc/{pid}/ns/mnt")
        threads = [int(name) for name in os.listdir(f"/proc/{pid}/task")[:_MOST]]
    except OSError:
        return frozenset()
    return frozenset(thread for thread in threads if thread != pid and _astray(pid, thread, mounts))


def _astray(pid: int, thread: int, mounts: str) -> bool:
    try:
        return os.readlink(f"/proc/{thread}/ns/mnt") != mounts or not share_files(pid, thread)
    except OSError:
        return False
