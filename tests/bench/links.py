"""Changes of links by others, in whatever namespace."""

import fcntl
import socket
import struct
import time
from types import TracebackType
from typing import Self

from netview.kernel.enter import Door
from tests.bench.machine import NETNS

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _UP = 0x8913, 0x8914, 1


class Flipper:
    """Takes a link of a container up and down through a socket that stays there."""

    def __init__(self, container: str, name: str) -> None:
        self.name = name
        self.at = self.took_s = 0.0
        """When the last change was asked for, on the monotonic clock, and how long the kernel took."""
        door = Door()
        with (NETNS / container).open() as file, door.inside(file.fileno()):
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        door.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._socket.close()

    def flip(self) -> str:
        """Change it; the word that is to be read of it then."""
        flags = self._ask(_SIOCGIFFLAGS, 0) ^ _UP
        self.at = time.monotonic()
        self._ask(_SIOCSIFFLAGS, flags)
        self.took_s = time.monotonic() - self.at
        return r"(up|unknown|lower\w*)" if flags & _UP else "down"

    def _ask(self, call: int, flags: int) -> int:
        asked = struct.pack("16sh14x", self.name.encode(), flags)
        return int(struct.unpack("16sh14x", fcntl.ioctl(self._socket, call, asked))[1])
