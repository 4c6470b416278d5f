"""What the kernel, and systemd-networkd, write down of a namespace in files; reading them loads no module."""

import ctypes
import errno
import os
from fcntl import ioctl
from pathlib import Path
from socket import AF_INET, SOCK_CLOEXEC, SOCK_DGRAM, if_indextoname, socket
from struct import Struct

from netview.decode.conntrack import connection
from netview.derive.path.questions import Backlog, Checksums, Managed, Tracked
from netview.kernel.place import Place

_MOST = 4 << 20
_SIOCETHTOOL, _ETHTOOL_GTXCSUM = 0x8946, 0x16
_VALUE, _REQUEST = Struct("=II"), Struct("16sP16x")
_FIRST = Path("/proc/1/ns/net")
_LINKS = Path("/run/systemd/netif/links")
_CONFIGURES = frozenset({"configuring", "configured"})


def tracked(place: Place) -> Tracked:
    """UDP connections; raises OSError, also where there are too many to read now and then."""
    with place.table("nf_conntrack") as file:
        text = file.read(_MOST)
    if len(text) == _MOST:
        raise OSError(errno.E2BIG, "there are too many connections to read")
    found = (connection(line) for line in text.splitlines() if b" udp " in line)
    return Tracked(tuple(one for one in found if one is not None))


def backlog(place: Place) -> Backlog:
    """The counters of all processors (/proc/net/softnet_stat); raises OSError."""
    with place.table("softnet_stat") as file:
        rows = [line.split() for line in file.read(_MOST).splitlines()]
    processed, dropped, squeezed = (sum(int(row[at], 16) for row in rows) for at in range(3))
    return Backlog(processed, dropped, squeezed)


def managed(links: Path = _LINKS, first: Path = _FIRST) -> Managed:
    """Links of the namespace that systemd-networkd is in; none where the thread is in another. Raises OSError."""
    if not links.is_dir():
        return Managed(frozenset())
    if first.stat().st_ino != Path("/proc/thread-self/ns/net").stat().st_ino:
        return Managed(frozenset())
    found = set()
    for entry in os.scandir(links):
        if entry.name.isdigit():
            lines = Path(entry.path).read_text(encoding="utf-8", errors="replace").splitlines()
            told = dict(line.split("=", 1) for line in lines if "=" in line)
            if told.get("ADMIN_STATE") in _CONFIGURES:
                found.add(int(entry.name))
    return Managed(frozenset(found))


def checksums(ifindex: int) -> Checksums:
    """Whether a link of the namespace that the thread is in has them made by hardware (ETHTOOL_GTXCSUM); raises OSError."""
    value = ctypes.create_string_buffer(_VALUE.pack(_ETHTOOL_GTXCSUM, 0), _VALUE.size)
    with socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC) as asked:
        name = if_indextoname(ifindex).encode("utf-8", "surrogateescape")
        ioctl(asked, _SIOCETHTOOL, _REQUEST.pack(name, ctypes.addressof(value)))
    return Checksums(bool(_VALUE.unpack(value.raw)[1]))
