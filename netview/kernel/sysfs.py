"""What netlink lacks about the home namespace's devices."""

import os
import time
from collections.abc import Mapping

from netview.model import Hardware, Link

_CLASS = "/sys/class/net"
# What they tell is made up, they are many, and each takes 30 µs.
_MADE_UP = frozenset({"veth"})
# What it takes to read, it rests at least this many times as long.
_REST = 100.0


class Devices:
    """Reads it again where home's links have changed, but seldom enough."""

    def __init__(self) -> None:
        self._links: Mapping[int, Link] | None = None
        self._hardware: Mapping[int, Hardware] = {}
        self._rests_until = float("-inf")

    def hardware(self, links: Mapping[int, Link]) -> Mapping[int, Hardware]:
        """By ifindex; the same object while nothing changes."""
        began = time.monotonic()
        if links is not self._links and began >= self._rests_until:
            found = hardware(links)
            self._hardware = self._hardware if found == self._hardware else found
            self._links = links
            ended = time.monotonic()
            self._rests_until = ended + _REST * (ended - began)
        return self._hardware


def hardware(links: Mapping[int, Link]) -> dict[int, Hardware]:
    """Speed, duplex and driver by ifindex of all but veths; empty where /sys shows another namespace than these links."""
    told = {link.name: link.ifindex for link in links.values() if link.kind not in _MADE_UP}
    try:
        directory = os.open(_CLASS, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        # A plain file there is no link (bonding_masters).
        with os.scandir(directory) as entries:
            shown = {entry.name for entry in entries if entry.is_symlink()}
        if shown != {link.name for link in links.values()}:
            return {}
        if any(_read(directory, name, "ifindex") != str(ifindex) for name, ifindex in told.items()):
            return {}
        return {ifindex: _hardware(directory, name) for name, ifindex in told.items()}
    except OSError:
        return {}
    finally:
        os.close(directory)


def _hardware(directory: int, name: str) -> Hardware:
    speed, duplex = _read(directory, name, "speed"), _read(directory, name, "duplex")
    try:
        driver = os.path.basename(os.readlink(f"{name}/device/driver", dir_fd=directory))
    except OSError:
        driver = None
    # A link without a speed says -1.
    mbps = int(speed) if speed is not None and speed.isdecimal() else None
    return Hardware(mbps, None if duplex == "unknown" else duplex, driver)


def _read(directory: int, name: str, what: str) -> str | None:
    try:
        descriptor = os.open(f"{name}/{what}", os.O_RDONLY | os.O_CLOEXEC, dir_fd=directory)
    except OSError:
        return None
    try:
        return os.read(descriptor, 64).decode("ascii", "replace").strip()
    except OSError:
        return None  # EINVAL: the device has no such thing, or is down.
    finally:
        os.close(descriptor)
