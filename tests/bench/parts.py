"""netview's own parts in a fresh process, each run's CPU seconds a line on stdout: `python -m tests.bench.parts PART TIMES`.

stats     the counters of the namespace that it is in
links     the links of every namespace, and every peer resolved
home      the links of the namespace that it is in
poll      one quiet beat: sample and snapshot
first     the first beat: everything there is
rules, rules-received    all rules of home, and the same dumps thrown away
path      from the first container to the last one and back, past the rules of home
pyroute2-stats, pyroute2-home    the same dumps of this namespace through pyroute2
follow    beats each second until stdin ends; then whether what it knows equals a fresh full reading
"""

import gc
import os
import select
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial

from netview.derive.peers import references
from netview.kernel.home_numbers import HomeNumbers
from netview.kernel.hub import Hub
from netview.kernel.ledger import missing
from netview.kernel.live_source import LiveSource
from netview.kernel.scan import Memory, NativeReader
from netview.kernel.visit import Visitor
from netview.live import Poller, Want
from netview.model import NamespaceId, Sample, Tables
from tests.bench import path_parts
from tests.bench.machine import NETNS

Work = Callable[[], int]


def stats() -> Work:
    """A socket, the dump and its meaning, as in floor.c."""

    def run() -> int:
        with NativeReader() as reader:
            return len(reader.counters())

    return run


def home() -> Work:
    """The links alone, decoded anew each time."""

    def run() -> int:
        with NativeReader() as reader:
            return len(reader._links()[0])

    return run


def links() -> Work:
    """Into each namespace and out again, then who is whose peer."""
    memory = Memory()
    paths = sorted(NETNS.iterdir())
    visitor = Visitor(partial(NativeReader, memory=memory))

    def run() -> int:
        read: dict[NamespaceId, Tables] = {}
        _look(visitor, memory, visitor._door.home, read)
        for path in paths:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                with visitor._door.inside(descriptor):
                    _look(visitor, memory, descriptor, read)
            finally:
                os.close(descriptor)
        resolved = {place: Tables(links=found.links, nsids=numbers) for place, found, numbers in _numbered(visitor.numbers, read)}
        peers, _ = references(resolved)
        memory.age()
        return len(peers)

    return run


def _numbered(
    numbers: Hub | HomeNumbers, read: Mapping[NamespaceId, Tables]
) -> Iterator[tuple[NamespaceId, Tables, Mapping[int, NamespaceId]]]:
    """With whom each one's numbers stand for, as the inventory settles it."""
    at_home = numbers.home_in(read) if isinstance(numbers, Hub) else {}
    for place, tables in read.items():
        held, lacking = missing(replace(tables, nsids=at_home.get(place, {})), read.keys())
        yield place, tables, numbers.nsids_of(place, held) if lacking else held


def _look(visitor: Visitor, memory: Memory, descriptor: int, read: dict[NamespaceId, Tables]) -> None:
    with NativeReader(memory=memory) as reader:
        place = NamespaceId(f"c{reader.cookie()}")
        visitor.numbers.add(place, descriptor)
        read[place] = Tables(links=reader._links()[0])


def poll() -> Work:
    """A beat as the app has it: what was there at the first one is frozen."""
    poller = Poller(LiveSource())
    poller.step()
    gc.collect()
    gc.freeze()

    def run() -> int:
        return len(poller.step().snapshot.counters)

    return run


def first() -> Work:
    """A poller of its own each time."""
    return lambda: len(Poller(LiveSource()).step().snapshot.counters)


def pyroute2(call: str) -> Callable[[], Work]:
    """One dump through pyroute2."""

    def made() -> Work:
        from pyroute2 import IPRoute  # noqa: PLC0415  # 116 ms that only this part needs

        route = IPRoute()
        return (lambda: len(route.stats("dump", filter_mask=1))) if call == "stats" else (lambda: len(route.get_links()))

    return made


def follow(seconds: float) -> dict[str, str]:
    """What differs between one who followed each change and a fresh look; {}: nothing."""
    source = LiveSource()
    poller = Poller(source)
    while not select.select([sys.stdin], [], [], seconds)[0]:
        poller.step()
    for _ in range(3):
        time.sleep(seconds)
        poller.step()
    followed, fresh = source.sample(Want()), LiveSource().sample(Want())
    return _differences(followed, fresh)


def _differences(followed: Sample, fresh: Sample) -> dict[str, str]:
    wrong = {str(place): "is only in one of them" for place in followed.found.keys() ^ fresh.found.keys()}
    for place in followed.tables.keys() & fresh.tables.keys():
        one, other = followed.tables[place], fresh.tables[place]
        names = [
            field.name for field in fields(Tables) if _sorted(getattr(one, field.name)) != _sorted(getattr(other, field.name))
        ]
        # Private namespaces of the two that look are known to nobody; each knows every other by its own numbers.
        wrong |= {f"{place} {name}": f"{getattr(one, name)!r} is {getattr(other, name)!r}"[:400] for name in names}
    return wrong


def _sorted(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(map(repr, value)) if isinstance(value, tuple) else value


PARTS: dict[str, Callable[[], Work]] = {
    "stats": stats,
    "links": links,
    "home": home,
    "poll": poll,
    "first": first,
    "rules": path_parts.rules,
    "rules-received": path_parts.received,
    "path": path_parts.path,
    "pyroute2-stats": pyroute2("stats"),
    "pyroute2-home": pyroute2("links"),
}


def main(part: str, times: str) -> None:
    """Print what each run took."""
    if part == "follow":
        wrong = follow(float(times))
        print(*(f"{what}: {how}" for what, how in wrong.items()), sep="\n")  # noqa: T201
        return
    run = PARTS[part]()
    for _ in range(int(times)):
        began = time.process_time()
        count = run()
        print(f"{time.process_time() - began:.9f} {count}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
