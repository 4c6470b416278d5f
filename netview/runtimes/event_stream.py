"""An engine's stream of events, as a bell: what it says does not matter, that it says something does."""

import socket
import struct
from contextlib import suppress
from select import POLLIN, poll

from netview.runtimes.reach import Reach, connect

TARGET = "/events?filters=%7B%22type%22%3A%5B%22container%22%2C%22network%22%5D%7D"
"""Of containers and networks alone."""
_REQUEST = f"GET {TARGET} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
_WITHIN_S = 1.0
_PIECE = 2**16


class EventStream:
    """Rings when the engine tells of anything, and when it hangs up; for one thread, but `wake`."""

    def __init__(self, path: str, reach: Reach | None = None) -> None:
        self._path = path
        self._reach = reach
        self._socket: socket.socket | None = None
        self._ends: tuple[socket.socket, socket.socket] | None = None
        """What is written into the one ends the wait for the other."""

    @property
    def listening(self) -> bool:
        """Whether it would ring."""
        return self._socket is not None

    def open(self) -> None:
        """Begin to listen; one that does not speak so, or not within a second, stays closed."""
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # A full backlog: see netview.runtimes.unix_http.
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", int(_WITHIN_S), 0))
            connect(stream, self._path, self._reach)
            stream.settimeout(_WITHIN_S)
            stream.sendall(_REQUEST)
            head = stream.recv(_PIECE)
        except OSError:
            stream.close()
            return
        if not head.startswith((b"HTTP/1.1 200 ", b"HTTP/1.0 200 ")):
            stream.close()
            return
        stream.setblocking(False)
        self._ends = self._ends or socket.socketpair()
        self._socket = stream

    def wait(self, seconds: float) -> bool:
        """Whether it rang within so many seconds; what it said is read away, 64 KiB at most."""
        if self._socket is None or self._ends is None:
            return False
        waiting = poll()
        waiting.register(self._ends[0], POLLIN)
        waiting.register(self._socket, POLLIN)
        if self._socket.fileno() not in {descriptor for descriptor, _ in waiting.poll(seconds * 1000)}:
            return False
        try:
            told = self._socket.recv(_PIECE)
        except BlockingIOError:
            return False
        except OSError:
            told = b""
        if not told:
            self.hang_up()
        return True

    def wake(self) -> None:
        """End the wait under way, and every later one; from any thread."""
        with suppress(OSError):
            if self._ends is not None:
                self._ends[1].send(b"!")

    def hang_up(self) -> None:
        """Listen no more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def close(self) -> None:
        """Let go of everything."""
        self.hang_up()
        for end in self._ends or ():
            end.close()
