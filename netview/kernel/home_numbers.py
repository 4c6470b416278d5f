"""Home's own nsids: what is left of peer resolution without CAP_SYS_ADMIN."""

import os
from collections.abc import Mapping

from netview.decode.nsid import RTM_GETNSID, ask, nsid
from netview.kernel.enter import Door
from netview.kernel.events import Events, Told, named
from netview.kernel.netlink import RouteSocket
from netview.model import NamespaceId


class HomeNumbers:
    """Asks which of home's nsids leads to a namespace that can be opened but not entered, and hears home alone."""

    everywhere = False

    def __init__(self, door: Door) -> None:
        self._socket = RouteSocket()
        self._events = Events(everywhere=False)
        self._home_inode = os.fstat(door.home).st_ino
        self._home: NamespaceId | None = None
        self._names: dict[int, NamespaceId] = {}

    def add(self, namespace: NamespaceId, descriptor: int) -> None:
        """Ask for its number in home, where it has one."""
        if os.fstat(descriptor).st_ino == self._home_inode:
            self._home = namespace
        number = number_of(self._socket, descriptor)
        if number is not None:
            self._names[number] = namespace

    def nsids_of(self, namespace: NamespaceId, known: Mapping[int, NamespaceId]) -> Mapping[int, NamespaceId]:
        """Home's numbers; of any other namespace nothing is known."""
        del known
        return dict(self._names) if namespace == self._home else {}

    def fileno(self) -> int:
        """Readable where home tells of a change that should be seen at once."""
        return self._events.fileno()

    def heard(self) -> Told:
        """What home told since the last call; raises EventsLostError where not all could be kept."""
        return named(self._events.heard(), lambda number: self._home if number is None else None, frozenset())

    def dropped(self) -> int:
        """How many changes could not be kept until they were heard."""
        return self._events.dropped()

    def keep(self, alive: set[NamespaceId]) -> None:
        """Forget the namespaces that are gone."""
        self._names = {number: namespace for number, namespace in self._names.items() if namespace in alive}

    def close(self) -> None:
        """Close the sockets."""
        self._events.close()
        self._socket.close()


def number_of(asked: RouteSocket, descriptor: int) -> int | None:
    """Which number the namespace of a socket has given to the one behind a descriptor; None: none. Raises OSError."""
    answer = asked.request(RTM_GETNSID, ask(descriptor))
    number = -1 if answer is None else nsid(*answer)[0]
    return number if number >= 0 else None
