"""What a path says is to be traced: which packets, and in which namespaces."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from netview.derive.path.prefixes import UNSPECIFIED
from netview.model import Flow, NamespaceId
from netview.model.path import Path
from netview.model.trace import TraceMatch


class Plan(NamedTuple):
    """What is traced."""

    namespaces: tuple[NamespaceId, ...]
    """In the order of the way."""
    matches: tuple[TraceMatch, ...]
    """The flow and its replies, before and after their addresses are translated."""


def plan(path: Path) -> Plan:
    """Every namespace on the way there and back, and whatever the flow looks like at its two ends."""
    ways = (path,) if path.back is None else (path, path.back)
    places = [hop.namespace for way in ways for hop in way.hops]
    ends = [way.at.namespace for way in ways if way.at is not None]
    return Plan(tuple(dict.fromkeys((*places, *ends))), tuple(dict.fromkeys(_matches(path))))


def _matches(path: Path) -> Iterator[TraceMatch]:
    # The port that a sender gets is not known beforehand: the path only supposes one.
    there = replace(path.flow, source_port=None)
    yield from _both(there)
    if path.back is not None:
        yield from _both(replace(path.back.flow, port=None))


def _both(flow: Flow) -> Iterator[TraceMatch]:
    source, destination = _known(flow.source), _known(flow.destination)
    yield TraceMatch(flow.protocol, source, destination, flow.source_port, flow.port)
    yield TraceMatch(flow.protocol, destination, source, flow.port, flow.source_port)


def _known(address: str) -> str | None:
    return None if not address or address in UNSPECIFIED.values() else address
