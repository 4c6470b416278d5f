"""What is followed change by change is, in the end, what a fresh look sees."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

import pytest

from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.model import Link, LinkFlag, Neighbour, NeighbourState, Sample, Tables
from tests.kernel.churn import Churn
from tests.kernel.lab import Lab, wait
from tests.kernel.looking import at_home_in, sample

_CHANGES = 300
_TOLD = NeighbourState.PERMANENT
# The kernel tells nobody when one of these changes on a link that is down.
_UNTOLD: Any = dict.fromkeys(("alias", "altnames", "bridge", "vxlan", "macvlan", "details", "carrier", "carrier_changes"))


@contextmanager
def followed(lab: Lab) -> Iterator[list[Sample]]:
    """The newest sample of a source that is used as a poller uses it."""
    stop = threading.Event()
    last: list[Sample] = []

    def follow() -> None:
        source = LiveSource()
        try:
            while not stop.is_set():
                last[:] = [source.sample(Want())]
                ends = time.monotonic() + 0.5
                while (left := ends - time.monotonic()) > 0:
                    if source.wait(left):
                        last[:] = [source.changes(Want())]
        finally:
            source.close()

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(at_home_in, lab, "host", follow)
        try:
            assert wait(lambda: bool(last) or following.done(), 20)
            yield last
        finally:
            stop.set()
            following.result(20)


def differences(one: Sample, other: Sample, lab: Lab) -> list[str]:
    """What is not the same in the lab's namespaces."""
    ours, theirs = _by_name(one, lab), _by_name(other, lab)
    wrong = [f"{name} is in one of them" for name in ours.keys() ^ theirs.keys()]
    for name in ours.keys() & theirs.keys():
        for field in ours[name]:
            mine, its = ours[name][field], theirs[name][field]
            if mine != its:
                wrong.append(f"{name.removeprefix(lab.prefix)} {field}: {_told(mine, its)}")
    return wrong


def _told(one: object, other: object) -> str:
    """Where two values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in one.keys() | other.keys() if one.get(key) != other.get(key)]
        return "; ".join(f"[{key}] {_told(one.get(key), other.get(key))}" for key in keys)
    if isinstance(one, Link) and isinstance(other, Link):
        names = [field.name for field in fields(Link) if getattr(one, field.name) != getattr(other, field.name)]
        return ", ".join(f"{name} {getattr(one, name)!r} != {getattr(other, name)!r}" for name in names)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        extra, missing = [row for row in one if row not in other], [row for row in other if row not in one]
        return f"too many {extra}, missing {missing}" if extra or missing else f"order: {one} != {other}"
    return f"{one!r} != {other!r}"


def _by_name(seen: Sample, lab: Lab) -> dict[str, dict[str, object]]:
    named = {name: known for known in seen.found.values() for name in known.names if name.startswith(lab.prefix)}
    return {
        name: _facts(seen.tables[known.id]) | {"found": (known.id, known.inode, known.paths, known.names, known.user_namespace)}
        for name, known in named.items()
    }


def _facts(tables: Tables) -> dict[str, object]:
    facts: dict[str, object] = {field.name: getattr(tables, field.name) for field in fields(Tables)}
    # Neighbours come and go by timers, and multicast ones without a word; the kernel's order is that of a hash table.
    facts["neighbours"] = sorted(map(repr, filter(_is_told, tables.neighbours)))
    facts["fdb"] = sorted(repr(replace(entry, state="")) if entry.state == "stale" else repr(entry) for entry in tables.fdb)
    facts["links"] = {
        ifindex: link if link.flags & LinkFlag.UP else replace(link, **_UNTOLD) for ifindex, link in tables.links.items()
    }
    return facts


def _followed(link: Link) -> Link:
    if link.bridge is not None and link.bridge.stp:
        # It is shorter while the spanning tree changes.
        link = replace(link, bridge=replace(link.bridge, ageing_s=0.0))
    return link if link.flags & LinkFlag.UP else replace(link, **_UNTOLD)


def _is_told(neighbour: Neighbour) -> bool:
    return neighbour.state is _TOLD


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_at_the_end_of_a_churn_every_field_is_that_of_a_fresh_look(lab: Lab, seed: int) -> None:
    churn = Churn(lab, seed)
    churn.begin()
    with followed(lab) as last:
        for _ in range(_CHANGES):
            churn.change()
        wrong: list[list[str]] = []

        def agreed() -> bool:
            wrong[:] = [differences(last[0], sample(lab), lab)]
            return not wrong[0]

        # Carriers, states of ports and duplicate addresses are still being settled.
        assert wait(agreed, 12), "\n".join(wrong[0])
