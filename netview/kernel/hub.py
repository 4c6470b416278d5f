"""A private namespace that has a number for every other one."""

import errno
from collections.abc import Collection, Mapping

from netview.decode.netlink import HEADER
from netview.decode.nsid import NOT_ASSIGNED, RTM_GETNSID, RTM_NEWNSID, ask, assign, list_of, nsid, translate
from netview.kernel.enter import Door
from netview.kernel.events import Events, Told, named
from netview.kernel.freed_numbers import FreedNumbers
from netview.kernel.netlink import RouteSocket
from netview.model import NamespaceId

# Linux 6.18 ends a dump of numbers with its first datagram, of 104 or more, silently: the others are asked for singly.
_CUT = 100
_HOME = 1


class Hub:
    """Translates any namespace's nsids into identities and hears what changes, without a trace in the namespaces themselves.

    Its numbers exist only in its own namespace, which ends with its socket; they pin nothing.
    """

    def __init__(self, door: Door) -> None:
        with door.inside_new():
            self.socket = RouteSocket()
            heard = _events()
            self._freed = FreedNumbers()
        self.everywhere = heard is not None
        """Whether every namespace that has a number is heard; else home alone."""
        self._events = Events(everywhere=False) if heard is None else heard
        self.socket.be_strict()
        self._next = 2
        self._numbers: dict[NamespaceId, int] = {}
        self._names: dict[int, NamespaceId] = {}
        self._ended: set[NamespaceId] = set()
        try:
            # Numbers take CAP_NET_ADMIN, without which the rest is of no use.
            self.socket.request(RTM_NEWNSID, assign(door.home, _HOME))
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
            self._ended.add(before)

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

    def home_in(self, namespaces: Collection[NamespaceId]) -> Mapping[NamespaceId, Mapping[int, NamespaceId]]:
        """The number that each of them has given to home, in which most wires end: all are asked for at once."""
        home = self._names.get(_HOME)
        numbers = {namespace: number for namespace in namespaces if (number := self._numbers.get(namespace)) is not None}
        if home is None:
            return {}
        asked = list(numbers)
        found: dict[NamespaceId, Mapping[int, NamespaceId]] = {}
        for place, data in self.socket.each(RTM_GETNSID, [translate(_HOME, number) for number in numbers.values()]):
            there = nsid(data, HEADER.size, len(data))[0]
            if there != NOT_ASSIGNED:
                found[asked[place]] = {there: home}
        return found

    def nsids_of(self, namespace: NamespaceId, known: Mapping[int, NamespaceId]) -> Mapping[int, NamespaceId]:
        """A namespace's own numbers for others, as far as those have a name here; `known` are those that still hold."""
        number = self._numbers.get(namespace)
        if number is None:
            return {}
        try:
            return self._nsids_of(number, known)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            return {}  # It has ended since it was visited.

    def _nsids_of(self, number: int, known: Mapping[int, NamespaceId]) -> Mapping[int, NamespaceId]:
        found = dict(known)
        if len(known) < _CUT:
            pairs = [nsid(*answer) for answer in self.socket.dump(RTM_GETNSID, RTM_NEWNSID, list_of(number))]
            found |= {there: self._names[here] for there, here in pairs if here in self._names}
            if len(pairs) < _CUT:
                return found
        named = set(found.values())
        others = ((self._there(here, number), name) for here, name in self._names.items() if name not in named)
        return found | {there: name for there, name in others if there != NOT_ASSIGNED}

    def fileno(self) -> int:
        """Readable where a change is told that should be seen at once."""
        return self._events.fileno()

    def heard(self) -> Told:
        """What was told since the last call, and who has ended; raises EventsLostError where not all could be kept."""
        heard = self._events.heard()
        if self.everywhere:
            for number in heard.freed:
                self.unname(number)
        ended, self._ended = self._ended, set()
        # A socket in the hub hears the hub itself without a number, one in home hears home alone.
        own = None if self.everywhere else self._names.get(_HOME)
        return named(heard, lambda number: own if number is None else self._names.get(number), ended)

    def dropped(self) -> int:
        """How many changes could not be kept until they were heard."""
        return self._events.dropped()

    def keep(self, alive: set[NamespaceId]) -> None:
        """Forget the namespaces that are gone; the kernel has freed their numbers."""
        for namespace in self._numbers.keys() - alive:
            del self._names[self._numbers.pop(namespace)]

    def close(self) -> None:
        """End the private namespace."""
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
