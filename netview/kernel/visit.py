"""One look into one namespace: open, enter, read, leave, with nothing kept."""

import errno
import os
import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import NamedTuple

from netview.decode.netlink import MalformedError
from netview.kernel.discover import Sighting
from netview.kernel.enter import Door
from netview.kernel.expendable import Expendable
from netview.kernel.home_numbers import HomeNumbers
from netview.kernel.hub import Hub
from netview.kernel.openers import open_namespace
from netview.kernel.reader import MakeReader, Read, Reader
from netview.kernel.sockets import Protocol, read_sockets
from netview.kernel.stranded import StrandedError
from netview.kernel.user_namespace import owner_uid
from netview.model import LinkStats, NamespaceId, Sockets

_GONE = frozenset({errno.ENOENT, errno.ESRCH, errno.ESTALE, errno.ENXIO, errno.EBADF})
# Each path may be gone, or lead elsewhere by now; a namespace with a thousand processes is not tried a thousand times.
_TRIES = 8
_REMEDY = ": run as root"
_NO_REMEDY = " in the user namespace that owns it, which this root lacks"


class Visit(NamedTuple):
    """What one look gave."""

    id: NamespaceId
    read_at: float
    """Monotonic seconds."""
    counters: Mapping[int, LinkStats]
    read: Read | None
    """None: counters only, or nothing."""
    error: str | None
    """Why it could not be entered or read."""
    sockets: Sockets | None = None
    """None: not asked for."""
    owner_uid: int | None = None
    """Who made the user namespace that it belongs to; None: the one that netview is in, or unknown."""


Known = Callable[[NamespaceId], AbstractSet[int] | None]
"""The links of a namespace whose counters will do as long as it has just these; None: it is to be read in full."""


class Asked(NamedTuple):
    """What is to be read."""

    known: Known
    sockets: Callable[[NamespaceId], bool]
    """Whether a namespace's sockets are."""
    monitored: frozenset[Protocol] = frozenset()


class Visitor:
    """Visits namespaces for the one thread that made it."""

    def __init__(self, make_reader: MakeReader) -> None:
        self._make_reader = make_reader
        self._expendable = Expendable()
        self._door = Door()
        home = os.fstat(self._door.home)
        self.home_inode = home.st_ino
        self._nsfs = home.st_dev
        try:
            self.numbers, self.handicap = _numbers(self._door)
        except (OSError, StrandedError):
            self._door.close()
            raise

    def close(self) -> None:
        """Let go of home and of the private namespace."""
        self._expendable.close()
        self.numbers.close()
        self._door.close()

    def visit(self, sighting: Sighting, asked: Asked) -> Visit | None:
        """Look into a namespace; None: it is gone."""
        if sighting.inode == self.home_inode:
            return self._home(asked)
        denied: OSError | None = None
        for opener in sighting.openers[:_TRIES]:
            try:
                descriptor = open_namespace(opener, sighting.inode, self._expendable.namespace)
            except OSError as error:
                if error.errno not in _GONE:
                    denied = error
                continue
            try:
                status = os.fstat(descriptor)
                if (status.st_dev, status.st_ino) == (self._nsfs, sighting.inode):
                    return self._enter(descriptor, sighting.inode, asked)._replace(owner_uid=owner_uid(descriptor))
            finally:
                os.close(descriptor)
        return None if denied is None else _failed(sighting.inode, f"cannot be opened: {why(denied)}")

    def _home(self, asked: Asked) -> Visit:
        """Home is read without entering it, which takes a right even there."""
        try:
            return self._look(self._door.home, self.home_inode, asked)
        except (OSError, MalformedError) as error:
            return _failed(self.home_inode, f"cannot be read: {why(error)}")

    def _enter(self, descriptor: int, inode: int, asked: Asked) -> Visit:
        try:
            with self._door.inside(descriptor):
                return self._look(descriptor, inode, asked)
        except PermissionError:
            with suppress(OSError, MalformedError):
                self.numbers.add(_inode_id(inode), descriptor)
            return _failed(inode, f"entering it needs CAP_SYS_ADMIN{_REMEDY if os.geteuid() else _NO_REMEDY}")
        except (OSError, MalformedError) as error:
            return _failed(inode, f"cannot be read: {why(error)}")

    def _look(self, descriptor: int, inode: int, asked: Asked) -> Visit:
        with self._make_reader() as reader:
            cookie = reader.cookie()
            namespace = _inode_id(inode) if cookie is None else NamespaceId(f"c{cookie}")
            self.numbers.add(namespace, descriptor)
            return _read(reader, namespace, asked)


def _read(reader: Reader, namespace: NamespaceId, asked: Asked) -> Visit:
    links = asked.known(namespace)
    sockets = _sockets(asked) if asked.sockets(namespace) else None
    if links is not None:
        counters = reader.counters()
        if counters.keys() == links:
            return Visit(namespace, time.monotonic(), counters, None, None, sockets)
    read = reader.tables()
    return Visit(namespace, time.monotonic(), read.counters, read, None, sockets)


def _sockets(asked: Asked) -> Sockets:
    try:
        return read_sockets(asked.monitored)
    except (OSError, MalformedError) as error:
        return Sockets(unknown=why(error))


def why(error: OSError | MalformedError) -> str:
    """The kernel's reason, or what is wrong with its answer."""
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)


def _numbers(door: Door) -> tuple[Hub | HomeNumbers, str | None]:
    """A hub, or what does without one and why there is none."""
    try:
        return Hub(door), None
    except OSError as error:
        return HomeNumbers(door), why(error)


def _inode_id(inode: int) -> NamespaceId:
    return NamespaceId(f"i{inode}")


def _failed(inode: int, error: str) -> Visit:
    return Visit(_inode_id(inode), time.monotonic(), {}, None, error)
