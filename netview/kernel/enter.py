"""In and out of a network namespace, for one thread."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

from netview.kernel.stranded import StrandedError

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Door:
    """Leads the thread that made it into other namespaces and back home; holds nothing open but home itself."""

    def __init__(self) -> None:
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def home(self) -> int:
        """A descriptor of the namespace that the thread is at home in."""
        return self._home

    @contextmanager
    def inside(self, namespace: int) -> Iterator[None]:
        """Be in the namespace behind a descriptor; raises OSError where entering is not allowed."""
        try:
            _check(_libc.setns(namespace, _CLONE_NEWNET))
            yield
        finally:
            # No call of Python's own stands between an error and the way home: it could fail, too.
            if _libc.setns(self._home, _CLONE_NEWNET):
                self._stay()

    @contextmanager
    def inside_new(self) -> Iterator[None]:
        """Be in a new, private namespace; it ends with the last socket made in it."""
        try:
            _check(_libc.unshare(_CLONE_NEWNET))
            yield
        finally:
            if _libc.setns(self._home, _CLONE_NEWNET):
                self._stay()

    def close(self) -> None:
        """Let go of home."""
        os.close(self._home)

    def _stay(self) -> None:
        """Raise StrandedError where this is not home: who may not enter anything may not enter home, but has not left it."""
        code = ctypes.get_errno()
        if os.stat("/proc/thread-self/ns/net").st_ino != os.fstat(self._home).st_ino:
            raise StrandedError(f"no way back to the home namespace: {os.strerror(code)}")


def _check(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
