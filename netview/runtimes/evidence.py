"""What the kernel bears out of an engine's word: anybody may listen on a socket and speak like an engine."""

import fcntl
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from netview.decode.cgroup import Group, container
from netview.decode.procfs import nsfs_mounts
from netview.model import Claimant, Container, Runtime
from netview.runtimes.oci import Monitors
from netview.runtimes.proc import namespace, pids, process_file, process_status
from netview.runtimes.unix_http import Peer

_NS_GET_PARENT = 0xB702
# rootlesskit's --copy-up=/run: what was there lies below, and links lead to it by the paths that its dockerd knows.
_COPIED_UP = re.compile(r"^/run/\.ro\d+/")


@dataclass(frozen=True, slots=True)
class Witness:
    """The process that listens on an engine's socket, by SO_PEERCRED, and where it lives."""

    peer: Peer
    depth: int
    """Of its pid namespace below ours: 0 is our own."""
    below: Mapping[int, int]
    """Our pids by its own, of the processes in its pid namespace and under it; empty where that is our own."""
    mounts: frozenset[tuple[str, int]]
    """Paths and inodes of the network namespaces mounted in its mount namespace."""
    ours: bool
    """Whether that is our own mount namespace."""

    def checked(self, told: Container, socket: str, runtime: Runtime) -> Container:
        """The container with its pid in our numbering; it is only claimed where the kernel says otherwise."""
        pid = self._our_pid(told.pid)
        group = None if pid is None else _group(pid)
        mounted, inode = self._mounted(told.sandbox), None if pid is None else namespace(pid, "net")
        # A group that names no container leaves it to the sandbox, or to the monitor; one that names another settles it.
        if group is not None:
            borne_out = group.id == told.owner.id
        else:
            borne_out = (mounted is not None and inode == mounted) or _kept(pid, told.owner.id)
        if not borne_out:
            return replace(told, pid=pid, sandbox=None, claimed_by=Claimant(socket, self.peer.pid, self.peer.uid))
        # Podman may listen on Docker's socket: what it calls the group says whose the container is.
        made_by = Runtime.PODMAN if group is not None and group.runtime is Runtime.PODMAN else runtime
        sandbox = told.sandbox if self.ours and mounted is not None and inode in (None, mounted) else None
        return replace(told, owner=replace(told.owner, runtime=made_by), pid=pid, sandbox=sandbox)

    def _mounted(self, sandbox: str | None) -> int | None:
        """The inode mounted there, in the engine's own mount namespace."""
        if sandbox is None:
            return None
        # Mountinfo has resolved the link from /var/run to /run.
        paths = (sandbox, sandbox.removeprefix("/var"))
        return next((inode for path, inode in self.mounts if path in paths), None)

    def _our_pid(self, pid: int | None) -> int | None:
        """The process that the engine calls so, if it lives in the engine's pid namespace or below."""
        return pid if pid is None or self.depth == 0 else self.below.get(pid)


def witness(peer: Peer) -> Witness | None:
    """The listening process, or None where this pid namespace does not have it (SO_PEERCRED gives 0), or no longer."""
    pid = peer.pid
    told = process_status(pid) if pid else None
    mountinfo = process_file(pid, "mountinfo") if pid else None
    if told is None or mountinfo is None:
        return None
    depth = len(told.pids) - 1
    mounts = frozenset((_COPIED_UP.sub("/run/", path), inode) for inode, path in nsfs_mounts(mountinfo))
    return Witness(peer, depth, _below(namespace(pid, "pid"), depth) if depth else {}, mounts, _ours(pid))


def shared_mounts(peer: Peer) -> tuple[str, ...]:
    """Where the listening process has network namespaces mounted, if its mount namespace is ours."""
    mountinfo = process_file(peer.pid, "mountinfo") if peer.pid and _ours(peer.pid) else None
    return () if mountinfo is None else tuple(mount.path for mount in nsfs_mounts(mountinfo))


def _ours(pid: int) -> bool:
    """Whether its mount namespace is ours; one that may not be asked for is taken to be."""
    return namespace(pid, "mnt") in (None, namespace(os.getpid(), "mnt"))


def _kept(pid: int | None, id_: str) -> bool:
    """Whether the process is one that the container's monitor keeps, as a rootless one's without a sandbox of its own is."""
    found = None if pid is None else Monitors().above(pid)
    return found is not None and found.monitor.id == id_


def _group(pid: int) -> Group | None:
    cgroup = process_file(pid, "cgroup")
    return None if cgroup is None else container(cgroup)


def _below(ancestor: int | None, depth: int) -> dict[int, int]:
    """What is in a pid namespace and under it: our pid by the one there."""
    found = {}
    for pid in pids():
        told = process_status(pid)
        if told is not None and len(told.pids) > depth and _descends(pid, ancestor):
            found[told.pids[depth]] = pid
    return found


def _descends(pid: int, ancestor: int | None) -> bool:
    """Whether a process's pid namespace is this one or a descendant of it."""
    try:
        here = os.open(f"/proc/{pid}/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        while os.fstat(here).st_ino != ancestor:
            # EPERM above our own: that is not ours to see.
            above = fcntl.ioctl(here, _NS_GET_PARENT)
            os.close(here)
            here = above
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(here)
