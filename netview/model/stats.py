"""Counters of a link."""

from collections.abc import Iterator, KeysView, Mapping
from struct import Struct
from types import MappingProxyType
from typing import NamedTuple

from netview.model.ids import LinkKey

Others = bytes | tuple[int | None, ...]
"""All of LinkStats but the first four, which seldom move: their values, or as the kernel lays them out (__u64, native order)."""
StatsRow = tuple[int, int, int, int, Others]
"""The first four of LinkStats, and the others."""
_LAID_OUT = {8 * count: Struct(f"={count}Q") for count in (19, 20, 21)}


class LinkStats(NamedTuple):
    """struct rtnl_link_stats64, in the kernel's order, as the link itself counts: a host veth's rx is its container's tx."""

    rx_packets: int
    tx_packets: int
    rx_bytes: int
    tx_bytes: int
    rx_errors: int
    tx_errors: int
    rx_dropped: int
    tx_dropped: int
    multicast: int
    collisions: int
    rx_length_errors: int
    rx_over_errors: int
    rx_crc_errors: int
    rx_frame_errors: int
    rx_fifo_errors: int
    rx_missed_errors: int
    tx_aborted_errors: int
    tx_carrier_errors: int
    tx_fifo_errors: int
    tx_heartbeat_errors: int
    tx_window_errors: int
    rx_compressed: int
    tx_compressed: int
    rx_nohandler: int | None
    """None before Linux 4.6."""
    rx_otherhost_dropped: int | None
    """None before Linux 5.19."""


class LinkRates(NamedTuple):
    """Units per second between two readings; None after a reset, a reused ifindex or where no time passed."""

    rx_bytes: float | None
    tx_bytes: float | None
    rx_packets: float | None
    tx_packets: float | None
    rx_errors: float | None
    tx_errors: float | None
    rx_dropped: float | None
    tx_dropped: float | None


_NO_MIRRORS: Mapping[LinkKey, LinkKey] = MappingProxyType({})


class StatsTable(Mapping[LinkKey, LinkStats]):
    """Counters by link, each made of its row when somebody looks it up: of thousands that move few are on a screen."""

    __slots__ = ("mirrors", "rows")

    def __init__(self, rows: Mapping[LinkKey, StatsRow], mirrors: Mapping[LinkKey, LinkKey] = _NO_MIRRORS) -> None:
        self.rows = rows
        """As they were read last: a mirror's seldom is."""
        self.mirrors = mirrors
        """Links that count what another one does, the other way round, by that one's key."""

    def row(self, key: LinkKey) -> StatsRow | None:
        """What a link counts, a mirror as its peer has it; None: nothing is known."""
        own = self.rows.get(key)
        peer = self.mirrors.get(key)
        counted = None if peer is None else self.rows.get(peer)
        return own if own is None or counted is None else swapped(counted, own)

    def __getitem__(self, key: LinkKey) -> LinkStats:
        row = self.row(key)
        if row is None:
            raise KeyError(key)
        return stats_of(row)

    def __contains__(self, key: object) -> bool:
        return key in self.rows

    def __iter__(self) -> Iterator[LinkKey]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def keys(self) -> KeysView[LinkKey]:
        """All links that are counted."""
        return self.rows.keys()


def table_of(counters: Mapping[LinkKey, LinkStats]) -> StatsTable:
    """Any counters as a table."""
    return counters if isinstance(counters, StatsTable) else StatsTable({key: row_of(stats) for key, stats in counters.items()})


def rows_of(counters: Mapping[LinkKey, LinkStats]) -> Mapping[LinkKey, StatsRow]:
    """The rows of any counters, those of mirrors made for it."""
    table = table_of(counters)
    rows = table.rows
    if not table.mirrors:
        return rows
    return {**rows, **{mirror: swapped(rows[peer], rows[mirror]) for mirror, peer in table.mirrors.items()}}


def swapped(counted: StatsRow, own: StatsRow) -> StatsRow:
    """A mirror's counters: its peer's bytes and packets the other way round, and of its own what has no mirror."""
    return counted[1], counted[0], counted[3], counted[2], own[4]


def row_of(stats: LinkStats) -> StatsRow:
    """The row of these counters."""
    return stats[0], stats[1], stats[2], stats[3], stats[4:]


def stats_of(row: StatsRow) -> LinkStats:
    """What a row says."""
    return LinkStats._make((*row[:4], *others_of(row[4])))


def others_of(others: Others) -> tuple[int | None, ...]:
    """Their values; the last ones are None where the kernel has less of them. Raises KeyError where it lacks more than two."""
    if isinstance(others, tuple):
        return others
    known: tuple[int, ...] = _LAID_OUT[len(others)].unpack(others)
    return known + (None,) * (21 - len(known))
