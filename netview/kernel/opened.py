"""A namespace opened by whatever still leads to it."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from netview.kernel.discover import Sighting
from netview.kernel.openers import OpenMount, nsfs, open_namespace

_GONE = frozenset({errno.ENOENT, errno.ESRCH, errno.ESTALE, errno.ENXIO, errno.EBADF})
# Each path may be gone, or lead elsewhere by now; a namespace with a thousand processes is not tried a thousand times.
_TRIES = 8


@contextmanager
def opened(sighting: Sighting, open_mount: OpenMount) -> Iterator[int | None]:
    """A descriptor of it, closed afterwards; None: nothing leads there any more. Raises OSError where it is denied."""
    denied: OSError | None = None
    for opener in sighting.openers[:_TRIES]:
        try:
            descriptor = open_namespace(opener, sighting.inode, open_mount)
        except OSError as error:
            if error.errno not in _GONE:
                denied = error
            continue
        try:
            status = os.fstat(descriptor)
            if (status.st_dev, status.st_ino) == (nsfs(), sighting.inode):
                yield descriptor
                return
        finally:
            os.close(descriptor)
    if denied is not None:
        raise denied
    yield None
