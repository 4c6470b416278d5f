"""A private namespace that has a number for every other one."""

import errno
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from netview.decode.nsid import NOT_ASSIGNED, RTM_GETNSID, RTM_NEWNSID, ask, assign, list_of, nsid, translate
from netview.kernel.enter import Door
from netview.kernel.events import Events
from netview.kernel.freed_numbers import FreedNumbers
from netview.kernel.netlink import RouteSocket
from netview.model import NamespaceId

# Linux 6.18 ends a dump of numbers with its first datagram, of 104 or more, silently: the others are asked for singly.
_CUT = 100


class Hub:
    """Translates any namespace's nsids into identities and hears what changes, without a trace in the namespaces themselves.

    Its numbers exist only in its own namespace, which ends with its socket; they pin nothing.
    """

    def __init__(self, door: Door) -> None:
        with door.inside_new():
            self.socket = RouteSocket()
            self._events = _events()
            self._freed = FreedNumbers()
        self.socket.be_strict()
        self._next = 2
        self._numbers: dict[NamespaceId, int] = {}
        self._names: dict[int, NamespaceId] = {}
        try:
            # Numbers take CAP_NET_ADMIN, without which the rest is of no use.
            self.socket.request(RTM_NEWNSID, assign(door.home, 1))
        except OSError:
            self.close()
            raise

    def add(self, namespace: NamespaceId, descriptor: int) -> None:
        """Give a namespace a number, once."""
        if namespace in self._numbers:
            return
        self.name(self._assigned(descriptor), namespace)

    def name(self, number: int, namespace: NamespaceId) -> None:
        """Know a namespace by its number, whatever it was called before."""
        self.unname(number)
        self._numbers[namespace] = number
        self._names[number] = namespace

    def unname(self, number: int) -> None:
        """Forget who has a number."""
        before = self._names.pop(number, None)
        if before is not None:
            self._numbers.pop(before, None)

    def name_of(self, number: int) -> NamespaceId | None:
        """Who has a number."""
        return self._names.get(number)

    def number_of(self, namespace: NamespaceId) -> int | None:
        """The number of a namespace."""
        return self._numbers.get(namespace)

    def freed(self) -> set[int] | None:
        """The numbers whose namespaces have ended since the last call, and whose names are forgotten now; None: any may have."""
        numbers = self._freed.freed()
        for number in numbers or ():
            self.unname(number)
        return numbers

    def nsids_of(self, namespace: NamespaceId) -> Mapping[int, NamespaceId]:
        """A namespace's own numbers for others, as far as those are known here."""
        number = self._numbers.get(namespace)
        if number is None:
            return {}
        try:
            pairs = [nsid(*found) for found in self.socket.dump(RTM_GETNSID, RTM_NEWNSID, list_of(number))]
            if len(pairs) >= _CUT:
                pairs += [(self._there(here, number), here) for here in self._names.keys() - {here for _, here in pairs}]
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            return {}  # It has ended since it was visited.
        return {there: self._names[here] for there, here in pairs if there != NOT_ASSIGNED and here in self._names}

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
        self._freed.close()
        self.socket.close()

    def _assigned(self, descriptor: int) -> int:
        while True:
            number = self._next
            self._next += 1
            try:
                self.socket.request(RTM_NEWNSID, assign(descriptor, number))
            except OSError as error:
                if error.errno != errno.EEXIST:
                    raise
                given = self._given(descriptor)
                if given != NOT_ASSIGNED:
                    return given
                continue  # The kernel gave this number to another namespace by itself.
            return number

    def _there(self, here: int, target: int) -> int:
        """Another namespace's number for one that has a number here."""
        try:
            answer = self.socket.request(RTM_GETNSID, translate(here, target))
        except FileNotFoundError:
            return NOT_ASSIGNED  # It has ended.
        return NOT_ASSIGNED if answer is None else nsid(*answer)[0]

    def _given(self, descriptor: int) -> int:
        answer = self.socket.request(RTM_GETNSID, ask(descriptor))
        return NOT_ASSIGNED if answer is None else nsid(*answer)[0]


def _events() -> Events | None:
    """Hearing other namespaces takes CAP_NET_BROADCAST, which a container's root does without."""
    try:
        return Events()
    except PermissionError:
        return None
