"""A file system that never answers."""

import contextlib
import os
import select
import struct
import subprocess
import threading
from pathlib import Path
from typing import Self

from tests.require import missing

_IN, _OUT, _INIT = struct.Struct("=IIQ"), struct.Struct("=IiQ"), 26
_LONGEST = 1 << 17


class Hanging:
    """A FUSE mount in a process's mount namespace that comes up, and then answers nothing at all."""

    def __init__(self, pid: int, folder: Path) -> None:
        self.asked = 0
        """How often."""
        self._pid, self._folder = pid, folder
        self._ended = False
        # The question of one who was killed meanwhile is no longer there to be read.
        self._thread = threading.Thread(target=self._count, daemon=True)

    def __enter__(self) -> Self:
        if not Path("/dev/fuse").exists():
            missing("needs /dev/fuse")
        self._fuse = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK)
        options = f"fd={self._fuse},rootmode=40000,user_id=0,group_id=0"
        argv = [*self._there(), "mount", "-i", "-t", "fuse", "-o", options, "none", str(self._folder)]
        done = subprocess.run(argv, check=False, capture_output=True, text=True, pass_fds=(self._fuse,))
        if done.returncode:
            os.close(self._fuse)
            missing(f"FUSE cannot be mounted: {done.stderr.strip()}")
        self._come_up()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._thread.join()
        os.close(self._fuse)
        subprocess.run([*self._there(), "umount", "--lazy", str(self._folder)], check=False)

    def _come_up(self) -> None:
        """Answer FUSE_INIT, before which the kernel keeps all other requests back."""
        select.select([self._fuse], [], [], 10)
        _, operation, unique = _IN.unpack_from(os.read(self._fuse, _LONGEST))
        assert operation == _INIT
        body = struct.pack("=IIII48x", 7, 31, 0, 0)
        os.write(self._fuse, _OUT.pack(_OUT.size + len(body), 0, unique) + body)

    def _count(self) -> None:
        while not self._ended:
            if select.select([self._fuse], [], [], 0.01)[0]:
                with contextlib.suppress(BlockingIOError, FileNotFoundError):
                    self.asked += bool(os.read(self._fuse, _LONGEST))

    def _there(self) -> list[str]:
        return ["nsenter", f"--mount=/proc/{self._pid}/ns/mnt"]
