"""The mounts of this mount namespace, read again when the kernel says that they changed."""

import os
import select

_PIECE = 1 << 20


class Mounts:
    """Keeps /proc/thread-self/mountinfo open, which pins nothing but netview's own mount namespace."""

    def __init__(self) -> None:
        self._file = os.open("/proc/thread-self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLPRI)
        self._changed = True

    def fileno(self) -> int:
        """To be polled for POLLPRI; the kernel says it once, and `told` remembers it."""
        return self._file

    def told(self) -> None:
        """Somebody else has polled and was told of a change."""
        self._changed = True

    def changed(self) -> bool:
        """Whether they may differ from what was read last."""
        self._changed = self._changed or bool(self._poll.poll(0))
        return self._changed

    def read(self) -> bytes:
        """The file as it is now."""
        self._poll.poll(0)
        self._changed = False
        os.lseek(self._file, 0, os.SEEK_SET)
        pieces = []
        while piece := os.read(self._file, _PIECE):
            pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Close it."""
        os.close(self._file)
