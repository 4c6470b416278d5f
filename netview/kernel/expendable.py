"""A process for what may hang for good: opening a path below a container's root."""

import os

from netview.kernel import expendable_child
from netview.kernel.expendable_child import CONTENT, NAMESPACE, REQUEST, SOCKET
from netview.kernel.helper import Helper

_PATIENCE_S = 0.2
# A path that hung once most likely hangs again.
_GRUDGE_S = 60.0


class Expendable:
    """Asks a helper, which is killed when it hangs."""

    def __init__(self) -> None:
        self._helper = Helper(expendable_child.__file__, _PATIENCE_S, _GRUDGE_S)

    def namespace(self, pid: int, path: str) -> int | None:
        """A descriptor of the namespace mounted at a path that a process sees; None: it hangs. Raises OSError."""
        return self._helper.descriptor((pid, path), REQUEST.pack(NAMESPACE, pid) + os.fsencode(path))

    def content(self, pid: int, path: str) -> bytes | None:
        """The first 64 KiB of a regular file at a path that a process sees; None: it hangs. Raises OSError.

        ENOTSUP: its file system may hang, and is not asked.
        """
        return self._helper.content((pid, path), REQUEST.pack(CONTENT, pid) + os.fsencode(path))

    def socket(self, pid: int, path: str) -> int | None:
        """A descriptor of the socket at a path that a process sees, to connect to; None: it hangs. Raises OSError.

        ENOTSUP: its file system may hang, and is not asked.
        """
        return self._helper.descriptor((pid, path), REQUEST.pack(SOCKET, pid) + os.fsencode(path))

    def close(self) -> None:
        """Kill the helper."""
        self._helper.close()
