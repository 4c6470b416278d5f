"""Reads namespaces that take rights which this user has in their user namespace alone, such as those of rootless containers."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from netview.kernel import envoy_child
from netview.kernel.envoy_child import REQUEST
from netview.kernel.helper import Helper
from netview.kernel.place import Place
from netview.kernel.user_namespace import own_user_namespace

# A process is made for each request, on a busy machine too; it never waits for anything.
_PATIENCE_S = 1.5
# What is in a namespace may stop who enters it, each time.
_GRUDGE_S = 10.0
_NO_PROTOCOL = -1


class Envoy:
    """Has another process enter a user namespace, which a thread cannot, and open there what is read here."""

    def __init__(self) -> None:
        self._helper = Helper(envoy_child.__file__, _PATIENCE_S, _GRUDGE_S)

    @contextmanager
    def at(self, namespace: int) -> Iterator[Place]:
        """The namespace behind a descriptor; raises PermissionError where its user namespace is not this user's."""
        user = own_user_namespace(namespace)
        try:
            yield _Through(self._helper, user, namespace)
        finally:
            os.close(user)

    def close(self) -> None:
        """End the process."""
        self._helper.close()


class _Through:
    """A namespace that this thread does not enter."""

    def __init__(self, helper: Helper, user: int, namespace: int) -> None:
        self._helper = helper
        self._inside = user, namespace

    def netlink(self, protocol: int) -> socket.socket:
        return self.asked(protocol, b"")

    def asked(self, protocol: int, message: bytes) -> socket.socket:
        return socket.socket(fileno=self._opened(REQUEST.pack(protocol) + message))

    def table(self, name: str) -> BinaryIO:
        return self._file(f"/proc/self/net/{name}")

    def setting(self, name: str) -> BinaryIO:
        return self._file(f"/proc/sys/net/{name}")

    def _file(self, path: str) -> BinaryIO:
        return open(self._opened(REQUEST.pack(_NO_PROTOCOL) + os.fsencode(path)), "rb")

    def _opened(self, request: bytes) -> int:
        descriptor = self._helper.descriptor(os.fstat(self._inside[1]).st_ino, request, self._inside)
        if descriptor is None:
            raise TimeoutError("its user namespace was not entered in time")
        return descriptor
