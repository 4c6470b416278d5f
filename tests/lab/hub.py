"""Word of the end of network namespaces, from a namespace that keeps none of them."""

import socket
import struct
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from netview.lab.build import netlink
from netview.lab.netns import inside
from netview.lab.syscalls import Clone, unshare

RTNLGRP_NSID, RTM_DELNSID = 28, 89


class Hub:
    """A private namespace with an nsid for each of some others, told of each one's end."""

    def __init__(self, paths: Sequence[Path]) -> None:
        with inside(None):
            unshare(Clone.NEWNET)
            self._events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            self._events.bind((0, 1 << (RTNLGRP_NSID - 1)))
            with netlink() as near:
                for path in paths:
                    with path.open("rb") as namespace:
                        near.set_netnsid(fd=namespace.fileno())
        self.alive = len(paths)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._events.close()

    def all_gone(self, seconds: float = 5.0) -> bool:
        """Whether every namespace has ended, at most so long from now."""
        deadline = time.monotonic() + seconds
        while self.alive and (left := deadline - time.monotonic()) > 0:
            self._events.settimeout(left)
            try:
                event = self._events.recv(4096)
            except TimeoutError:
                return False
            self.alive -= struct.unpack_from("=4xH", event)[0] == RTM_DELNSID
        return not self.alive


def of_lab(reaper: int) -> list[Path]:
    """Every namespace of a lab."""
    run = Path(f"/proc/{reaper}/root/run")
    mounts = [path for folder in ("netns", "docker/netns") if (run / folder).exists() for path in (run / folder).iterdir()]
    return [Path(f"/proc/{reaper}/ns/net"), *mounts]
