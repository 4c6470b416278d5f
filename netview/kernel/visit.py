"""One look into one namespace: open, enter, read, leave, with nothing kept."""

import errno
import os
import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import NamedTuple, TypeVar

from netview.decode.netlink import MalformedError
from netview.kernel.discover import Sighting
from netview.kernel.enter import Door
from netview.kernel.envoy import Envoy
from netview.kernel.expendable import Expendable
from netview.kernel.home_numbers import HomeNumbers, number_of
from netview.kernel.hub import Hub
from netview.kernel.netlink import RouteSocket
from netview.kernel.opened import opened
from netview.kernel.place import HERE, Place
from netview.kernel.reader import EVERY, MakeReader, Read, Reader
from netview.kernel.stranded import StrandedError
from netview.kernel.user_namespace import own, user_namespace
from netview.model import NamespaceId, UserNamespace
from netview.model.change import TableName

_OWN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
T = TypeVar("T")


class Visit(NamedTuple):
    """What one full reading gave."""

    id: NamespaceId
    read_at: float
    """Monotonic seconds."""
    read: Read | None
    """None: it could not be read."""
    error: str | None
    """Why it could not be entered or read."""
    user_namespace: UserNamespace | None = None
    """What it was made in; None: the one that netview is in, or unknown."""


class Visitor:
    """Visits namespaces for the one thread that made it."""

    def __init__(self, make_reader: MakeReader) -> None:
        self._make_reader = make_reader
        self.expendable = Expendable()
        self._envoy = Envoy()
        self._door = Door()
        self._user = own()
        try:
            self.home_inode = os.fstat(self._door.home).st_ino
            self.numbers, self.handicap = _numbers(self._door)
        except (OSError, StrandedError):
            self._door.close()
            raise

    def close(self) -> None:
        """Let go of home and of the private namespace."""
        self.expendable.close()
        self._envoy.close()
        self.numbers.close()
        self._door.close()

    def visit(self, sighting: Sighting, wanted: AbstractSet[TableName] = EVERY) -> Visit | None:
        """Read a namespace, whichever it is, in full or the tables that are wanted; None: it is gone."""
        if sighting.inode == self.home_inode:
            return self._read(HERE, self._door.home, self.home_inode, wanted)
        try:
            with opened(sighting, self.expendable.namespace) as descriptor:
                return None if descriptor is None else self._enter(descriptor, sighting.inode, wanted)
        except OSError as error:
            _raise_own(error)
            return _failed(sighting.inode, f"cannot be opened: {why(error)}")

    def inside(self, sighting: Sighting, namespace: NamespaceId, work: Callable[[Reader], T]) -> T | None:
        """What the work gives inside a namespace that was visited before; home is not entered, which takes a right even there.

        None: it is not there any more, or not for this thread to enter, or something about it cannot be read now. Raises
        OSError where netview itself lacks descriptors or memory.
        """
        return self._worked(sighting, namespace, self._inside, lambda reader, _: work(reader))

    def at(self, sighting: Sighting, namespace: NamespaceId, work: Callable[[Reader, Place], T]) -> T | None:
        """The same of work that reads by what it is given alone, so that the thread need not be inside."""
        return self._worked(sighting, namespace, self._at, work)

    def nsids_at(
        self, sighting: Sighting, namespace: NamespaceId, wanted: AbstractSet[int], others: Mapping[NamespaceId, Sighting]
    ) -> Mapping[int, NamespaceId]:
        """Whom the numbers of a namespace that only the envoy enters stand for, as far as one of these others is it."""

        def work(_reader: Reader, place: Place) -> Mapping[int, NamespaceId]:
            told: dict[int, NamespaceId] = {}
            if place is HERE:
                return told
            with RouteSocket(place) as asked:
                for name, other in others.items():
                    with opened(other, self.expendable.namespace) as descriptor:
                        number = None if descriptor is None else number_of(asked, descriptor)
                    if number is not None and number in wanted:
                        told[number] = name
                    if len(told) == len(wanted):
                        break
            return told

        return self.at(sighting, namespace, work) or {}

    def _enter(self, descriptor: int, inode: int, wanted: AbstractSet[TableName]) -> Visit:
        user = user_namespace(descriptor, self._user)
        try:
            visit = self._at(descriptor, lambda place: self._read(place, descriptor, inode, wanted))
        except PermissionError:
            with suppress(OSError, MalformedError):
                self.numbers.add(_inode_id(inode), descriptor)
            visit = _failed(inode, f"entering it needs CAP_SYS_ADMIN{_remedy(user)}")
        except OSError as error:
            _raise_own(error)
            visit = _failed(inode, f"cannot be entered: {why(error)}")
        return visit._replace(user_namespace=user)

    def _inside(self, descriptor: int, work: Callable[[Place], T]) -> T:
        """Raises OSError where the thread may not enter."""
        with self._door.inside(descriptor):
            return work(HERE)

    def _at(self, descriptor: int, work: Callable[[Place], T]) -> T:
        """Raises OSError where neither the thread nor the envoy may enter."""
        entered = False
        try:
            with self._door.inside(descriptor):
                entered = True
                return work(HERE)
        except PermissionError:
            if entered:
                raise
        with self._envoy.at(descriptor) as place:
            return work(place)

    def _read(self, place: Place, descriptor: int, inode: int, wanted: AbstractSet[TableName]) -> Visit:
        """Raises PermissionError where the envoy is not let in."""
        try:
            with self._make_reader(place) as reader:
                namespace = _identity(reader) or _inode_id(inode)
                self.numbers.add(namespace, descriptor)
                return Visit(namespace, time.monotonic(), reader.tables(wanted), None)
        except (OSError, MalformedError) as error:
            _raise_own(error)
            if place is not HERE and isinstance(error, PermissionError):
                raise  # The kernel does not let the envoy in: some distributions restrict user namespaces.
            return _failed(inode, f"cannot be read: {why(error)}")

    def _worked(
        self,
        sighting: Sighting,
        namespace: NamespaceId,
        enter: Callable[[int, Callable[[Place], T | None]], T | None],
        work: Callable[[Reader, Place], T],
    ) -> T | None:
        def worked(place: Place) -> T | None:
            with self._make_reader(place) as reader:
                return work(reader, place) if _identity(reader) in {None, namespace} else None

        try:
            if sighting.inode == self.home_inode:
                return worked(HERE)
            with opened(sighting, self.expendable.namespace) as descriptor:
                return None if descriptor is None else enter(descriptor, worked)
        except (OSError, MalformedError) as error:
            _raise_own(error)
            return None


def _identity(reader: Reader) -> NamespaceId | None:
    """Its cookie; None where the kernel has none."""
    cookie = reader.cookie()
    return None if cookie is None else NamespaceId(f"c{cookie}")


def _remedy(user: UserNamespace | None) -> str:
    """Who may enter what was made in a user namespace."""
    if os.geteuid() == 0:
        return " in the user namespace that owns it, which this root lacks"
    owner = None if user is None else user.outermost.owner_uid
    return ": run as root" if owner in {None, os.geteuid()} else f": run as root, or as uid {owner}, who made it"


def _raise_own(error: OSError | MalformedError) -> None:
    """What netview lacks says nothing of a namespace."""
    if isinstance(error, OSError) and error.errno in _OWN:
        raise error


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
    return Visit(_inode_id(inode), time.monotonic(), None, error)
