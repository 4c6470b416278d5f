"""How an engine's socket is reached where its path leads elsewhere from here."""

import os
import socket
from collections.abc import Callable

Reach = Callable[[], int | None]
"""Finds the socket: a descriptor, for the caller to close; None: its file system hangs. Raises OSError."""


def connect(connection: socket.socket, path: str, reach: Reach | None) -> None:
    """Connect to a path, or to what is reached in its place; raises OSError, TimeoutError where that hangs."""
    if reach is None:
        connection.connect(path)
        return
    descriptor = reach()
    if descriptor is None:
        raise TimeoutError
    try:
        connection.connect(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
