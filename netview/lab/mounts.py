"""The file systems of a lab: fresh where they show the kernel, and nothing of the machine's other namespaces."""

import errno
from contextlib import suppress
from pathlib import Path

from netview.decode.procfs import nsfs_mounts
from netview.lab.syscalls import Mount, mount, unmount


def mount_own() -> None:
    """A fresh /proc, /sys and /run that show the new namespaces; the machine's named namespaces are out of reach."""
    nothing_runs = Mount.NOSUID | Mount.NODEV | Mount.NOEXEC
    mount("proc", "/proc", "proc", nothing_runs)
    mount("sysfs", "/sys", "sysfs", nothing_runs)
    mount("tmpfs", "/run", "tmpfs", Mount.NOSUID | Mount.NODEV, "mode=755")
    for inherited in nsfs_mounts(Path("/proc/self/mountinfo").read_bytes()):
        # A mount that came from another user namespace cannot be taken away, only covered.
        with suppress(FileNotFoundError):
            _cover(inherited.path)


def let_go_of_namespaces() -> None:
    """In a mount namespace of one's own, before anything else: its copies of the machine's mounts would keep namespaces alive.

    Only root may: from another user namespace a mount that came along cannot be taken away.
    """
    # With none left there is no unmount to hear of, and what an engine mounts later is none of the lab's.
    mount("none", "/", flags=Mount.REC | Mount.PRIVATE)
    for inherited in nsfs_mounts(Path("/proc/self/mountinfo").read_bytes()):
        _take_away(inherited.path)


def _take_away(path: str) -> None:
    try:
        unmount(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        # The host was faster, or this root is one of a user namespace only.
        if error.errno != errno.EINVAL:
            raise


def _cover(path: str) -> None:
    """Put /dev/null over a file, or an empty directory over the nearest parent that can be reached."""
    try:
        mount("/dev/null", path, flags=Mount.BIND)
    except PermissionError:
        for parent in Path(path).parents:
            with suppress(PermissionError):
                mount("tmpfs", str(parent), "tmpfs", Mount.NOSUID | Mount.NODEV, "mode=755")
                return
