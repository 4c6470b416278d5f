"""One look into one namespace: open, enter, read, leave, with nothing kept."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from typing import NamedTuple, TypeVar

from netview.decode.netlink import MalformedError
from netview.kernel.discover import Sighting
from netview.kernel.enter import Door
from netview.kernel.expendable import Expendable
from netview.kernel.home_numbers import HomeNumbers
from netview.kernel.hub import Hub
from netview.kernel.openers import open_namespace
from netview.kernel.reader import EVERY, MakeReader, Read, Reader
from netview.kernel.stranded import StrandedError
from netview.kernel.user_namespace import owner_uid
from netview.model import NamespaceId
from netview.model.change import TableName

_OWN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_GONE = frozenset({errno.ENOENT, errno.ESRCH, errno.ESTALE, errno.ENXIO, errno.EBADF})
# Each path may be gone, or lead elsewhere by now; a namespace with a thousand processes is not tried a thousand times.
_TRIES = 8
_REMEDY = ": run as root"
T = TypeVar("T")
_NO_REMEDY = " in the user namespace that owns it, which this root lacks"


class Visit(NamedTuple):
    """What one full reading gave."""

    id: NamespaceId
    read_at: float
    """Monotonic seconds."""
    read: Read | None
    """None: it could not be read."""
    error: str | None
    """Why it could not be entered or read."""
    owner_uid: int | None = None
    """Who made the user namespace that it belongs to; None: the one that netview is in, or unknown."""


class Visitor:
    """Visits namespaces for the one thread that made it."""

    def __init__(self, make_reader: MakeReader) -> None:
        self._make_reader = make_reader
        self._expendable = Expendable()
        self._door = Door()
        try:
            home = os.fstat(self._door.home)
            self.home_inode = home.st_ino
            self._nsfs = home.st_dev
            self.numbers, self.handicap = _numbers(self._door)
        except (OSError, StrandedError):
            self._door.close()
            raise

    def close(self) -> None:
        """Let go of home and of the private namespace."""
        self._expendable.close()
        self.numbers.close()
        self._door.close()

    def visit(self, sighting: Sighting, wanted: AbstractSet[TableName] = EVERY) -> Visit | None:
        """Read a namespace, whichever it is, in full or the tables that are wanted; None: it is gone."""
        if sighting.inode == self.home_inode:
            return self._read(self._door.home, self.home_inode, wanted)
        try:
            with self._opened(sighting) as descriptor:
                return None if descriptor is None else self._enter(descriptor, sighting.inode, wanted)
        except OSError as error:
            _raise_own(error)
            return _failed(sighting.inode, f"cannot be opened: {why(error)}")

    def inside(self, sighting: Sighting, namespace: NamespaceId, work: Callable[[Reader], T]) -> T | None:
        """What the work gives inside a namespace that was visited before; home is not entered, which takes a right even there.

        None: it is not there any more, or something about it cannot be read now. Raises OSError where netview itself lacks
        descriptors or memory.
        """
        try:
            if sighting.inode == self.home_inode:
                return self._worked(namespace, work)
            with self._opened(sighting) as descriptor:
                if descriptor is None:
                    return None
                with self._door.inside(descriptor):
                    return self._worked(namespace, work)
        except (OSError, MalformedError) as error:
            _raise_own(error)
            return None

    @contextmanager
    def _opened(self, sighting: Sighting) -> Iterator[int | None]:
        """A descriptor of it, closed afterwards; None: nothing leads there any more. Raises OSError where it is denied."""
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
                    yield descriptor
                    return
            finally:
                os.close(descriptor)
        if denied is not None:
            raise denied
        yield None

    def _enter(self, descriptor: int, inode: int, wanted: AbstractSet[TableName]) -> Visit:
        owner = owner_uid(descriptor)
        try:
            with self._door.inside(descriptor):
                return self._read(descriptor, inode, wanted)._replace(owner_uid=owner)
        except OSError as error:
            _raise_own(error)
            if not isinstance(error, PermissionError):
                return _failed(inode, f"cannot be entered: {why(error)}")
            with suppress(OSError, MalformedError):
                self.numbers.add(_inode_id(inode), descriptor)
            return _failed(inode, f"entering it needs CAP_SYS_ADMIN{_REMEDY if os.geteuid() else _NO_REMEDY}")

    def _read(self, descriptor: int, inode: int, wanted: AbstractSet[TableName]) -> Visit:
        """The namespace that the thread is in."""
        try:
            with self._make_reader() as reader:
                namespace = _identity(reader) or _inode_id(inode)
                self.numbers.add(namespace, descriptor)
                return Visit(namespace, time.monotonic(), reader.tables(wanted), None)
        except (OSError, MalformedError) as error:
            _raise_own(error)
            return _failed(inode, f"cannot be read: {why(error)}")

    def _worked(self, namespace: NamespaceId, work: Callable[[Reader], T]) -> T | None:
        with self._make_reader() as reader:
            return work(reader) if _identity(reader) in {None, namespace} else None


def _identity(reader: Reader) -> NamespaceId | None:
    """Its cookie; None where the kernel has none."""
    cookie = reader.cookie()
    return None if cookie is None else NamespaceId(f"c{cookie}")


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
