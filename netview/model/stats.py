"""Counters of a link."""

from typing import NamedTuple


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
