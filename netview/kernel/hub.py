"""A private namespace that has a number for every other one."""

import errno
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from netview.decode.nsid import NOT_ASSIGNED, RTM_GETNSID, RTM_NEWNSID, ask, assign, list_of, nsid
from netview.kernel.enter import Door
from netview.kernel.events import Events
from netview.kernel.netlink import RouteSocket
from netview.model import NamespaceId


class Hub:
    """Translates any namespace's nsids into identities and hears what changes, without a trace in the namespaces themselves.

    Its numbers exist only in its own namespace, which ends with its socket; they pin nothing.
    """

    def __init__(self, door: Door) -> None:
        with door.inside_new():
            self._socket = RouteSocket()
            self._events = _events()
        self._socket.be_strict()
        self._next = 2
        self._numbers: dict[NamespaceId, int] = {}
        self._names: dict[int, NamespaceId] = {}
        try:
            # Numbers take CAP_NET_ADMIN, without which the rest is of no use.
            self._socket.request(RTM_NEWNSID, assign(door.home, 1))
        except OSError:
            self.close()
            raise

    def add(self, namespace: NamespaceId, descriptor: int) -> None:
        """Give a namespace a number, once."""
        if namespace in self._numbers:
            return
        number = self._next
        try:
            self._socket.request(RTM_NEWNSID, assign(descriptor, number))
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise
            number = self._given(descriptor)
        self._next += 1
        self._numbers[namespace] = number
        self._names[number] = namespace

    def nsids_of(self, namespace: NamespaceId) -> Mapping[int, NamespaceId]:
        """A namespace's own numbers for others, as far as those are known here."""
        number = self._numbers.get(namespace)
        if number is None:
            return {}
        try:
            pairs = [nsid(*found) for found in self._socket.dump(RTM_GETNSID, RTM_NEWNSID, list_of(number))]
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            return {}  # It has ended since it was visited.
        return {there: self._names[here] for there, here in pairs if here in self._names}

    def changed(self) -> AbstractSet[NamespaceId] | None:
        """The namespaces that told of a change since the last call, or None where nothing tells.

        Raises EventsLostError where any may have changed.
        """
        if self._events is None:
            return None
        return {self._names[number] for number in self._events.changed() if number in self._names}

    def keep(self, alive: set[NamespaceId]) -> None:
        """Forget the namespaces that are gone; the kernel has freed their numbers."""
        for namespace in self._numbers.keys() - alive:
            del self._names[self._numbers.pop(namespace)]

    def close(self) -> None:
        """End the private namespace."""
        if self._events is not None:
            self._events.close()
        self._socket.close()

    def _given(self, descriptor: int) -> int:
        answer = self._socket.request(RTM_GETNSID, ask(descriptor))
        return NOT_ASSIGNED if answer is None else nsid(*answer)[0]


def _events() -> Events | None:
    """Hearing other namespaces takes CAP_NET_BROADCAST, which a container's root does without."""
    try:
        return Events()
    except PermissionError:
        return None
