"""A thread that stays in touch with some namespaces for a while: in by whatever leads there, out when nobody else is left."""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from netview.kernel.discover import Discovery, Sighting
from netview.kernel.enter import Door
from netview.kernel.expendable import Expendable
from netview.kernel.opened import opened
from netview.kernel.place import HERE
from netview.model import NamespaceId

_SO_NETNS_COOKIE = 71


class Entered(NamedTuple):
    """A namespace that the thread is in."""

    descriptor: int
    sighting: Sighting | None
    """What leads there; None: home, which is there as long as the process."""


class Guest:
    """Finds and enters namespaces for the one thread that made it, without any other thread's help."""

    def __init__(self) -> None:
        self.door = Door()
        self._expendable = Expendable()
        self._home = os.fstat(self.door.home).st_ino
        self._found = Discovery(thorough=True).sweep().sightings

    def close(self) -> None:
        """Let go of home."""
        self._expendable.close()
        self.door.close()

    @contextmanager
    def inside(self, namespace: NamespaceId, inode: int) -> Iterator[Entered]:
        """Be in a namespace; raises OSError where it is gone, or may not be entered."""
        if inode == self._home:
            _check(namespace)
            yield Entered(self.door.home, None)
            return
        sighting = self._found.get(inode)
        if sighting is None:
            raise _gone()
        with opened(sighting, self._expendable.namespace) as descriptor:
            if descriptor is None:
                raise _gone()
            with self.door.inside(descriptor):
                _check(namespace)
                yield Entered(descriptor, sighting)

    def is_held(self, sighting: Sighting | None) -> bool:
        """Whether anything but this process leads to a namespace; what leads there now is what is tried first the next time."""
        if sighting is None:
            return True
        try:
            with opened(sighting, self._expendable.namespace) as descriptor:
                if descriptor is not None:
                    return True
        except OSError:
            return True
        again = Discovery().sweep().sightings.get(sighting.inode)
        if again is None:
            return False
        sighting.openers[:] = again.openers
        return True


def _gone() -> OSError:
    return ProcessLookupError(errno.ESRCH, "it is gone")


def _check(namespace: NamespaceId) -> None:
    """An inode may be another namespace's by now; raises ProcessLookupError."""
    with HERE.netlink(socket.NETLINK_ROUTE) as asked:
        try:
            cookie = int.from_bytes(asked.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8), sys.byteorder)
        except OSError:
            return  # Before Linux 5.14 namespaces have no other identity.
    if namespace.startswith("c") and namespace != f"c{cookie}":
        raise _gone()
