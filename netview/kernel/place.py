"""Where a namespace is read from: from inside, or through what another process opened there."""

import socket
from typing import BinaryIO, Protocol


class Place(Protocol):
    """Opens what a namespace is read with, for the caller to close: it pins the namespace."""

    def netlink(self, protocol: int) -> socket.socket:
        """A netlink socket of the namespace; raises OSError."""

    def asked(self, protocol: int, message: bytes) -> socket.socket:
        """The same with a message sent by who has the rights there that it takes: its answer waits."""

    def table(self, name: str) -> BinaryIO:
        """A file of the namespace's /proc/net; raises OSError."""

    def setting(self, name: str) -> BinaryIO:
        """A file of the namespace's /proc/sys/net; raises OSError."""


class _Here:
    """The namespace that the thread is in."""

    def netlink(self, protocol: int) -> socket.socket:
        # Any type does, but asyncio takes no other.
        return socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, protocol)

    def asked(self, protocol: int, message: bytes) -> socket.socket:
        made = self.netlink(protocol)
        try:
            made.send(message)
        except OSError:
            made.close()
            raise
        return made

    def table(self, name: str) -> BinaryIO:
        return open(f"/proc/thread-self/net/{name}", "rb")

    def setting(self, name: str) -> BinaryIO:
        return open(f"/proc/sys/net/{name}", "rb")


HERE: Place = _Here()
