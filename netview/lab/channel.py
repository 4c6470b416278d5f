"""What a lab and the process outside of it tell each other through.

Two pipes and no pair of sockets: a socket stays in the network namespace that it was made in, so that whoever looks around inside
would meet a namespace that nobody there may ask for.
"""

import os
from contextlib import suppress
from select import PIPE_BUF
from typing import Self


class Channel:
    """One end; everything that is told arrives as one message, in the direction out of the lab."""

    def __init__(self, reading: int, writing: int) -> None:
        """Takes both descriptors over."""
        self._reading, self._writing = reading, writing

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """Readable when something was told, or everybody at the other end is gone."""
        return self._reading

    def tell(self, message: bytes) -> None:
        """To the other end, if anybody is there."""
        with suppress(OSError):
            os.write(self._writing, message[:PIPE_BUF])

    def hear(self, most: int = 4096) -> bytes:
        """What was told next; nothing where everybody at the other end is gone."""
        return os.read(self._reading, most)

    def close(self) -> None:
        """In this process; once."""
        os.close(self._reading)
        os.close(self._writing)


def channel() -> tuple[Channel, Channel]:
    """The end outside, and the one inside."""
    inward, outward = os.pipe(), os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
    return Channel(outward[0], inward[1]), Channel(inward[0], outward[1])
