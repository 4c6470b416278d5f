"""A lab from its start to its end, and a reason where it cannot be."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from tests.engines.host import Host
from tests.require import missing

AnyHost = TypeVar("AnyHost", bound=Host)


@contextmanager
def started(make: Callable[[], AnyHost], tools: Sequence[str]) -> Iterator[AnyHost]:
    """The lab; after it nothing of it is left."""
    if os.geteuid() != 0:
        missing("engines are started by root")
    for tool in tools:
        if shutil.which(tool) is None:
            missing(f"needs the command {tool}")
    lab = make()
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()
    assert lab.left_over() == []
