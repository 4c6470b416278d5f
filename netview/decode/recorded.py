"""Whether what a recording says of a namespace could be a kernel's word: what reads addresses relies on it."""

from collections.abc import Iterator
from itertools import chain

from netview.decode.written import is_address, is_length, is_mac, is_prefix
from netview.model import Address, Container, Family, FdbEntry, Neighbour, Route, Rule, Tables

Doubt = tuple[bool, str]
"""Whether it fits, and what it is."""


def misfit(tables: Tables) -> str | None:
    """The first text that is no address, prefix or MAC where one belongs; None: all are."""
    told = chain(
        chain.from_iterable(map(_address, tables.addresses)),
        chain.from_iterable(map(_route, tables.routes)),
        chain.from_iterable(map(_rule, tables.rules)),
        map(_neighbour, tables.neighbours),
        chain.from_iterable(map(_fdb, tables.fdb)),
    )
    return next((text for fits, text in told if not fits), None)


def misfit_of(container: Container) -> str | None:
    """The same of the addresses that a container's ports are published at."""
    told = (port.host_address for port in container.owner.ports if port.host_address)
    return next((text for text in told if not is_address(text)), None)


def _address(one: Address) -> Iterator[Doubt]:
    yield is_address(one.address, one.family) and is_length(str(one.prefixlen), one.family), f"{one.address}/{one.prefixlen}"
    yield from _optional(one.family, one.peer, one.broadcast)


def _route(one: Route) -> Iterator[Doubt]:
    yield one.dst == "default" or is_prefix(one.dst, one.family), one.dst
    if one.src is not None:
        yield is_prefix(one.src, one.family), one.src
    yield from _optional(one.family, one.prefsrc)
    # A gateway may be of the other family (RTA_VIA).
    yield from _optional(None, one.gateway, *(hop.gateway for hop in one.nexthops))


def _rule(one: Rule) -> Iterator[Doubt]:
    return ((text == "all" or is_prefix(text, one.family), text) for text in (one.src, one.dst))


def _neighbour(one: Neighbour) -> Doubt:
    return is_address(one.ip, one.family), one.ip


def _fdb(one: FdbEntry) -> Iterator[Doubt]:
    yield is_mac(one.mac), one.mac
    yield from _optional(None, one.dst)


def _optional(family: Family | None, *those: str | None) -> Iterator[Doubt]:
    return ((is_address(text, family), text) for text in those if text is not None)
