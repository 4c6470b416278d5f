"""What is dropped: counters of some namespaces, and the kernel's reasons from a tracing instance of netview's own."""

import errno
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from select import POLLIN, poll
from socket import if_nametoindex

from netview.decode.drops import (
    QDISCS,
    RTM_GETQDISC,
    RTM_NEWQDISC,
    conntrack_counters,
    device_counters,
    drop_reason,
    lost_events,
    protocol6_counters,
    protocol_counters,
    qdisc_counter,
    softnet_counters,
)
from netview.decode.netlink import MalformedError
from netview.kernel.guest import Guest
from netview.kernel.netlink import RouteSocket
from netview.kernel.place import HERE
from netview.kernel.tracing_instances import PLACES, PREFIX, remove, remove_left_over
from netview.model import NamespaceId
from netview.model.drops import DropCounter, DropReason

_EVENT = "events/skb/kfree_skb/enable"
_READ = 1 << 16
_FIRST_PIDS = 0xEFFFFFFC
"""The inode of the machine's first PID namespace (PROC_PID_INIT_INO)."""
Counters = Mapping[DropCounter, int]


class TracePipe:
    """The lines of a trace, as reasons."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor`: does not block."""
        self._descriptor = descriptor
        self._poll = poll()
        self._poll.register(descriptor, POLLIN)
        self._rest = b""
        self.lost = 0
        """Reasons that the kernel had no room for."""

    @property
    def is_behind(self) -> bool:
        """Whether there is more to read."""
        return bool(self._poll.poll(0))

    def read(self, seconds: float) -> Iterator[DropReason]:
        """What was dropped since the last call, at once; it waits and reads so many seconds at most, however much there is."""
        ends = time.monotonic() + seconds
        self._poll.poll(seconds * 1000)
        while True:
            try:
                data = os.read(self._descriptor, _READ)
            except BlockingIOError:
                return
            if not data:
                return
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                self.lost += lost_events(line)
                found = drop_reason(line)
                if found is not None:
                    yield found
            if time.monotonic() >= ends:
                return


class Reasons:
    """The kernel's reasons for each drop, by an instance of tracefs that is removed at the end, and by the next start."""

    def __init__(self, places: tuple[Path, ...] = PLACES) -> None:
        """Raises OSError where there is no tracefs, or where it may not be used."""
        tracefs = next((place for place in places if (place / "instances").is_dir()), None)
        if tracefs is None:
            raise OSError(errno.ENOENT, f"tracefs is not mounted: mount -t tracefs none {places[0]}")
        remove_left_over((tracefs,))
        self._instance = tracefs / "instances" / f"{PREFIX}{token_hex(4)}"
        self._instance.mkdir()
        try:
            self._descriptor = os.open(self._instance / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            (self._instance / _EVENT).write_text("1")
        except OSError:
            self.close()
            raise
        self.pipe = TracePipe(self._descriptor)

    def close(self) -> None:
        """Remove the instance."""
        with suppress(AttributeError, OSError):
            os.close(self._descriptor)
        remove(self._instance)


class DropWatch:
    """Reads the counters of some namespaces again and again, for one thread."""

    def __init__(self, targets: Mapping[NamespaceId, int]) -> None:
        """`targets`: inodes."""
        self._guest = Guest()
        self._targets = targets
        self.unread: dict[NamespaceId, str] = {}
        """Why a namespace could not be read."""

    def counters(self, home: NamespaceId) -> dict[NamespaceId, Counters]:
        """Of each namespace; the machine's own are with home."""
        found: dict[NamespaceId, Counters] = {}
        for name, inode in self._targets.items():
            try:
                with self._guest.inside(name, inode):
                    found[name] = dict(_here(machine=name == home))
            except OSError as error:
                self.unread[name] = error.strerror or str(error)
        return found

    def close(self) -> None:
        """Let go of home."""
        self._guest.close()


def namespace_of(pid: int) -> int | None:
    """The inode of a process's namespace; None: it has ended, may not be asked, or has another number here.

    A trace gives the numbers that processes have in the machine's first PID namespace.
    """
    try:
        if Path("/proc/self/ns/pid").stat().st_ino != _FIRST_PIDS:
            return None
        return Path(f"/proc/{pid}/ns/net").stat().st_ino
    except OSError:
        return None


def _here(*, machine: bool) -> Iterator[tuple[DropCounter, int]]:
    """The counters of the namespace that the thread is in."""
    read = (("snmp", protocol_counters), ("netstat", protocol_counters), ("snmp6", protocol6_counters))
    tables = (*read, ("stat/nf_conntrack", conntrack_counters), *((("softnet_stat", softnet_counters),) if machine else ()))
    for table, decode in tables:
        with suppress(FileNotFoundError), HERE.table(table) as file:
            yield from decode(file.read())
    with HERE.table("dev") as file:
        told = list(device_counters(file.read()))
    for name, word, value in told:
        with suppress(OSError):  # A link may go, or get another name, meanwhile.
            yield DropCounter("interface", word, if_nametoindex(name)), value
    with RouteSocket() as socket, suppress(MalformedError):
        for message in socket.dump(RTM_GETQDISC, RTM_NEWQDISC, QDISCS):
            counter = qdisc_counter(*message)
            if counter is not None:
                yield counter
