"""Counters of two moments made into rates."""

from collections.abc import Mapping
from types import MappingProxyType

from netview.model import Link, LinkKey, LinkRates, LinkStats, Sample

UNKNOWN = LinkRates(*([None] * 8))
_IDLE = LinkRates(*([0.0] * 8))
SHORTEST_S = 0.1
"""Between readings that are closer a single packet would be a spike, and a link not read anew tells nothing: its rates stay."""
_NO_RATES: Mapping[LinkKey, LinkRates] = MappingProxyType({})


def rate(new: int, old: int, seconds: float) -> float | None:
    """Units per second, or None where the counter was reset or no time passed."""
    if new < old or seconds <= 0:
        return None
    return (new - old) / seconds


def link_rates(new: LinkStats, old: LinkStats, seconds: float) -> LinkRates:
    """A link's rates; all None where any counter went back, since then the others were reset with it."""
    if seconds <= 0:
        return UNKNOWN
    if new == old:
        return _IDLE
    pairs = (
        (new.rx_bytes, old.rx_bytes),
        (new.tx_bytes, old.tx_bytes),
        (new.rx_packets, old.rx_packets),
        (new.tx_packets, old.tx_packets),
        (new.rx_errors, old.rx_errors),
        (new.tx_errors, old.tx_errors),
        (new.rx_dropped, old.rx_dropped),
        (new.tx_dropped, old.tx_dropped),
    )
    if any(now < then for now, then in pairs):
        return UNKNOWN
    return LinkRates._make((now - then) / seconds for now, then in pairs)


def rates(
    sample: Sample, before: Sample | None, previous: Mapping[LinkKey, LinkRates] = _NO_RATES
) -> Mapping[LinkKey, LinkRates]:
    """Rates of every link that both samples count; a reused ifindex starts anew. `previous` are those of `before`."""
    if before is None:
        return {}
    if sample.counters is before.counters:
        return previous
    old_counters, old_at = before.counters, before.read_at
    suspects = _replaced(sample, before)
    result: dict[LinkKey, LinkRates] = {}
    for key, new in sample.counters.items():
        old = old_counters.get(key)
        if old is not None and key not in suspects:
            passed = sample.read_at[key] - old_at.get(key, sample.read_at[key])
            soon = 0 <= passed < SHORTEST_S
            result[key] = previous.get(key, UNKNOWN) if soon else link_rates(new, old, passed)
    return result


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
