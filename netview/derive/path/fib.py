"""Which entry of one routing table decides, as the kernel's own lookup finds it."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from netview.derive.path.prefixes import number, prefix
from netview.model import Family, NextHop, Route

_DEAD, _LINKDOWN = 0x1, 0x10
_DSCP = 0xFC
REFUSALS = frozenset({"blackhole", "unreachable", "prohibit", "throw"})
"""Types of routes that lead nowhere; "throw" has the next rule looked at."""


class Key(NamedTuple):
    """What a table is looked up with."""

    family: Family
    destination: int
    source: int
    oif: int
    """0: any."""
    tos: int
    spare: frozenset[int]
    """Links whose routes do not count while they have no carrier (ignore_routes_with_linkdown)."""


class Entry(NamedTuple):
    """The route that decides."""

    route: Route
    ways: tuple[NextHop, ...]
    """Those of its next hops that may be used; the packet's hash chooses one."""
    rivals: tuple[Route, ...]
    """Equally good ones: which of them is taken depends on more than the table (IPv6 router reachability)."""


def key(family: Family, destination: str, source: str, *, oif: int, tos: int, spare: frozenset[int]) -> Key:
    """A key from addresses; raises ValueError where one is none."""
    return Key(family, number(destination), number(source), oif, tos & _DSCP, spare)


def look_up(routes: Iterable[Route], wanted: Key) -> Entry | None:
    """The entry of a table's routes that the longest prefix, the metric and the rest single out."""
    fitting = [(rank, route) for route in routes if (rank := _rank(route, wanted)) is not None]
    fitting.sort(key=lambda one: one[0])  # Stable: the kernel's order stays where nothing else decides.
    for _, group in groupby(fitting, key=lambda one: one[0]):
        usable = [entry for _, route in group if (entry := _entry(route, wanted)) is not None]
        if usable:
            first, *others = usable
            rivals = tuple(entry.route for entry in others) if wanted.family is Family.INET6 else ()
            return first._replace(rivals=rivals)
    return None


def ways(route: Route) -> Iterator[NextHop]:
    """Its next hops, however many."""
    if route.nexthops:
        yield from route.nexthops
    else:
        yield NextHop(route.gateway, route.oif, 1, route.flags)


def _rank(route: Route, wanted: Key) -> tuple[int, int, int, int] | None:
    """The smaller the better; None: it does not fit."""
    if route.family is not wanted.family:
        return None
    to = prefix(route.dst, route.family)
    if wanted.destination >> to.shift != to.value:
        return None
    tos = route.tos & _DSCP
    if route.family is Family.INET and tos not in {0, wanted.tos}:
        return None
    source_length = 0
    if route.src is not None:
        origin = prefix(route.src, route.family)
        if not origin.holds(wanted.source):
            return None
        source_length = origin.length
    return -to.length, -source_length, -tos, route.metric or 0


def _entry(route: Route, wanted: Key) -> Entry | None:
    if route.type in REFUSALS:
        return Entry(route, (), ())
    if route.flags & _DEAD:
        return None
    usable = tuple(way for way in ways(route) if _usable(way, wanted))
    return Entry(route, usable, ()) if usable else None


def _usable(way: NextHop, wanted: Key) -> bool:
    if way.flags & _DEAD or (way.flags & _LINKDOWN and way.oif in wanted.spare):
        return False
    return not wanted.oif or wanted.oif == way.oif
