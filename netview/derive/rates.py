"""Counters of two moments made into rates."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import repeat
from operator import is_
from types import MappingProxyType
from typing import TypeVar

from netview.model import Link, LinkKey, LinkRates, Sample, StatsRow, StatsTable
from netview.model.stats import Others, others_of, table_of

T = TypeVar("T")
Problems = tuple[float | None, ...]
UNKNOWN = LinkRates(*([None] * 8))
SHORTEST_S = 0.1
"""Between readings that are closer a single packet would be a spike, and a link not read anew tells nothing: its rates stay."""
_NO_RATES: Mapping[LinkKey, LinkRates] = MappingProxyType({})
_NO_PROBLEMS: Problems = (0.0, 0.0, 0.0, 0.0)
_UNKNOWN_PROBLEMS: Problems = (None, None, None, None)
STILL = LinkRates(*([0.0] * 8))
"""Of each link of which nothing moves, ..."""
_STILL_BUT = LinkRates(*([0.0] * 4), *([None] * 4))
"""... and of a mirror whose errors and drops were not read twice yet."""
# LinkRates._make without counting what it is given.
_made: Callable[[tuple[float | None, ...]], LinkRates] = partial(tuple.__new__, LinkRates)


def rates(
    sample: Sample, before: Sample | None, previous: Mapping[LinkKey, LinkRates] = _NO_RATES
) -> Mapping[LinkKey, LinkRates]:
    """Rates of every link that both samples count; a reused ifindex starts anew. `previous` are those of `before`.

    They are all unknown where a counter went back, since then the others were reset with it. Those of a mirrored link's errors
    and drops last until these are read again. Where none differs, it is `previous` itself.
    """
    if before is None:
        return {}
    if sample.read_at is before.read_at or _all_still(sample, before, previous):
        return previous
    table, table_then = table_of(sample.counters), table_of(before.counters)
    steady = _steady(table, table_then)
    keys = [key for key in table.rows if key not in steady]
    suspects = _replaced(sample, before)
    result: dict[LinkKey, LinkRates] = {}
    # Thousands a beat: a call for each would double what it takes.
    for key, new, old, at, then, own_at, own_then, known in zip(
        keys,
        _rows(table, keys, steady),
        _rows(table_then, keys, steady),
        _column(sample.read_at, keys),
        _column(before.read_at, keys),
        _column(sample.mirrored, keys),
        _column(before.mirrored, keys),
        _column(previous, keys),
        strict=True,
    ):
        if new is None or old is None or (suspects and key in suspects):
            continue
        if new is old and (known is STILL or (known is _STILL_BUT and own_at == own_then)):
            result[key] = known
            continue
        passed = 0.0 if at is None or then is None else at - then
        if 0 <= passed < SHORTEST_S:
            result[key] = UNKNOWN if known is None else known
            continue
        received, sent, received_bytes, sent_bytes, others = new
        packets_in, packets_out, bytes_in, bytes_out, others_then = old
        packets_in = received - packets_in
        packets_out = sent - packets_out
        bytes_in = received_bytes - bytes_in
        bytes_out = sent_bytes - bytes_out
        problems: Problems | None
        if own_at is not None and own_at == own_then:
            problems = _UNKNOWN_PROBLEMS if known is None else known[4:]
        elif own_at is not None or own_then is not None:
            # What was its peer's is no measure of what a link counts itself.
            since = then or 0.0 if own_then is None else own_then
            problems = None if own_at is None else _problems(others, others_then, own_at - since, known)
        else:
            problems = _NO_PROBLEMS if others == others_then else _problems(others, others_then, passed, known)
        if problems is None or passed < 0 or packets_in < 0 or packets_out < 0 or bytes_in < 0 or bytes_out < 0:
            result[key] = UNKNOWN
            continue
        moved = packets_in or packets_out or bytes_in or bytes_out
        result[key] = (
            _made((bytes_in / passed, bytes_out / passed, packets_in / passed, packets_out / passed, *problems))
            if moved
            else _resting(problems)
        )
    _mirror(result, steady, sample, before, previous)
    return previous if _are_same(result, previous) else result


def _mirror(
    result: dict[LinkKey, LinkRates],
    steady: Mapping[LinkKey, LinkKey],
    sample: Sample,
    before: Sample,
    previous: Mapping[LinkKey, LinkRates],
) -> None:
    """The rates of links that mirrored others at both moments: those of their peers the other way round."""
    rows, rows_then = table_of(sample.counters).rows, table_of(before.counters).rows
    mirrors = list(steady)
    for mirror, told, known, own_at, own_then in zip(
        mirrors,
        map(result.get, steady.values()),
        map(previous.get, mirrors),
        _column(sample.mirrored, mirrors),
        _column(before.mirrored, mirrors),
        strict=True,
    ):
        if told is None or own_at is None or own_then is None:
            continue
        problems: Problems | None
        if own_at != own_then:
            problems = _problems(rows[mirror][4], rows_then[mirror][4], own_at - own_then, known)
        elif told is STILL and (known is STILL or known is _STILL_BUT):
            result[mirror] = known
            continue
        else:
            problems = _UNKNOWN_PROBLEMS if known is None else known[4:]
        if told[0] is None or problems is None:
            result[mirror] = UNKNOWN
        elif told[0] or told[1] or told[2] or told[3]:
            result[mirror] = _made((told[1], told[0], told[3], told[2], *problems))
        else:
            result[mirror] = _resting(problems)


def _steady(table: StatsTable, then: StatsTable) -> Mapping[LinkKey, LinkKey]:
    """Links that mirrored the same other one at both moments, and were counted at both."""
    if table.mirrors is then.mirrors:
        return table.mirrors
    return {
        mirror: peer
        for mirror, peer in table.mirrors.items()
        if then.mirrors.get(mirror) == peer and peer in table.rows and peer in then.rows
    }


def _rows(table: StatsTable, keys: list[LinkKey], steady: Mapping[LinkKey, LinkKey]) -> Iterable[StatsRow | None]:
    """The row of each key; mirrors that are no more steady among them are made."""
    return map(table.rows.get if len(table.mirrors) == len(steady) else table.row, keys)


def _all_still(sample: Sample, before: Sample, previous: Mapping[LinkKey, LinkRates]) -> bool:
    """Whether nothing moved, and nothing had before."""
    return (
        sample.counters is before.counters
        and sample.tables is before.tables
        and len(previous) == len(sample.counters)
        and all(map(is_, previous.values(), repeat(STILL)))
        and sample.mirrored.keys() == before.mirrored.keys()
    )


def _resting(problems: Problems) -> LinkRates:
    """Rates of a link that moves nothing, which are mostly the same object."""
    if problems == _NO_PROBLEMS:
        return STILL
    return _STILL_BUT if problems == _UNKNOWN_PROBLEMS else _made((0.0, 0.0, 0.0, 0.0, *problems))


def _are_same(one: Mapping[LinkKey, LinkRates], other: Mapping[LinkKey, LinkRates]) -> bool:
    """Whether they hold the same objects in the same order."""
    return len(one) == len(other) and all(map(is_, one.values(), other.values())) and list(one) == list(other)


def _problems(new: Others, old: Others, seconds: float, known: LinkRates | None) -> Problems | None:
    """Rates of errors and drops, those known where nothing new was read; None where one of them went back."""
    if seconds < SHORTEST_S:
        return _UNKNOWN_PROBLEMS if known is None else known[4:]
    if new == old:
        return _NO_PROBLEMS
    moved = [(now or 0) - (was or 0) for now, was in zip(others_of(new)[:4], others_of(old)[:4], strict=True)]
    if min(moved) < 0:
        return None
    return tuple(count / seconds for count in moved)


def _column(values: Mapping[LinkKey, T], keys: list[LinkKey]) -> Iterable[T | None]:
    """The value of each key; mappings that were made alike have them in the same order."""
    return values.values() if list(values) == keys else map(values.get, keys)


def _replaced(sample: Sample, before: Sample) -> set[LinkKey]:
    """Links whose ifindex now names another device."""
    replaced: set[LinkKey] = set()
    if sample.tables is before.tables:
        return replaced
    for namespace, tables in sample.tables.items():
        old = before.tables.get(namespace)
        if old is None or old is tables:
            continue
        for ifindex, link in tables.links.items():
            was = old.links.get(ifindex)
            if was is not None and was is not link and _identity(was) != _identity(link):
                replaced.add(LinkKey(namespace, ifindex))
    return replaced


def _identity(link: Link) -> tuple[object, ...]:
    return link.kind, link.address, link.link, link.hardware_type
