"""Which namespace a socket was made in: it stays there, and keeps it alive, wherever its process goes."""

import errno
import os
from collections.abc import Iterator, Mapping

from netview.kernel.openers import open_by_socket
from netview.kernel.syscalls import pidfd_open

_DENIED = frozenset({errno.EPERM, errno.EACCES})


class HeldSockets:
    """Asks each socket once: a socket's inode is not given anew while it lives."""

    def __init__(self) -> None:
        self._lately: dict[int, int | None] = {}
        self._before: dict[int, int | None] = {}
        """The namespace's inode by the socket's; None: it may not be asked."""
        self.asked = 0
        """How many were ever asked."""

    def age(self) -> None:
        """Forget the sockets that were not met since the last call."""
        self._before, self._lately = self._lately, {}

    def namespaces(self, pid: int, sockets: Mapping[int, int]) -> Iterator[tuple[int, int | None]]:
        """Each of a process's sockets, by its inode, with the inode of its namespace; None: it may not be asked."""
        pidfd: int | None = None
        try:
            for inode, descriptor in sockets.items():
                if inode not in self._lately:
                    if inode in self._before:
                        self._lately[inode] = self._before[inode]
                    else:
                        pidfd = pidfd_open(pid) if pidfd is None else pidfd
                        if not self._ask(pidfd, descriptor, inode):
                            continue
                yield inode, self._lately[inode]
        except OSError:
            return  # The process has ended.
        finally:
            if pidfd is not None:
                os.close(pidfd)

    def _ask(self, pidfd: int, descriptor: int, inode: int) -> bool:
        """Whether it was there to be asked."""
        self.asked += 1
        try:
            namespace = open_by_socket(pidfd, descriptor, inode)
        except OSError as error:
            if error.errno not in _DENIED:
                return False
            self._lately[inode] = None
            return True
        try:
            self._lately[inode] = os.fstat(namespace).st_ino
        finally:
            os.close(namespace)
        return True
