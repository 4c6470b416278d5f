"""Counters of drops, and the kernel's own words for single ones."""

import re
from collections.abc import Iterator
from struct import Struct

from netview.decode import fields
from netview.decode.netlink import attributes
from netview.model.drops import DropCounter, DropReason

RTM_GETQDISC, RTM_NEWQDISC = 38, 36
QDISCS = b"\0" * 20
"""Body of a dump of all disciplines: struct tcmsg."""
_TCMSG, _QUEUE = Struct("=4xiII"), Struct("=IIIII")
_TCA_STATS2, _TCA_STATS_QUEUE = 7, 3
_LOST = {
    "Ip": "InHdrErrors InAddrErrors InUnknownProtos InDiscards OutDiscards OutNoRoutes ReasmFails FragFails",
    "Ip6": "InHdrErrors InTooBigErrors InNoRoutes InAddrErrors InUnknownProtos InTruncatedPkts InDiscards",
    "Ip6Out": "Discards NoRoutes",
    "Icmp": "InErrors InCsumErrors",
    "Icmp6": "InErrors",
    "Tcp": "InErrs InCsumErrors",
    "Udp": "NoPorts InErrors RcvbufErrors SndbufErrors InCsumErrors MemErrors",
    "Udp6": "NoPorts InErrors RcvbufErrors SndbufErrors InCsumErrors",
    "IpExt": "InNoRoutes InTruncatedPkts InCsumErrors",
    "TcpExt": "ListenOverflows ListenDrops TCPBacklogDrop PFMemallocDrop TCPMinTTLDrop TCPDeferAcceptDrop IPReversePathFilter",
    "TcpExtTCP": "ReqQFullDrop RcvQDrop ZeroWindowDrop OFODrop MD5Failure",
}
"""Counters of lost packets, by how their names begin."""
_NAMES = frozenset(begin + name for begin, names in _LOST.items() for name in names.split())
_CONNTRACK = ("insert_failed", "drop", "early_drop", "invalid")
_DEVICE = (
    (2, "rx_errors"),
    (3, "rx_dropped"),
    (4, "rx_fifo_errors"),
    (5, "rx_frame_errors"),
    (10, "tx_errors"),
    (11, "tx_dropped"),
    (12, "tx_fifo_errors"),
    (13, "collisions"),
    (14, "tx_carrier_errors"),
)
_EVENT = re.compile(
    rb"-(?P<pid>\d+)\s+\[\d+\]\s+(?P<flags>\S+)\s+[\d.]+: kfree_skb: .*?protocol=(?P<protocol>\d+) "
    rb"location=(?P<location>\S+)(?: reason: (?P<reason>\w+))?"
)
# Whole, since a process chooses its name, which may have a line feed in it.
_LOST_EVENTS = re.compile(rb"CPU:\d+ \[LOST (?:(?P<count>\d+) )?EVENTS\]")
_INTERRUPTS = frozenset(b"shHZz")
_NO_DROPS = frozenset({b"NOT_DROPPED_YET", b"CONSUMED"})


def protocol_counters(text: bytes) -> Iterator[tuple[DropCounter, int]]:
    """Those of /proc/net/snmp and netstat: a line of names and one of values for each protocol."""
    lines = text.splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=False):
        prefix = names.partition(b":")[0]
        for name, value in zip(names.split()[1:], values.split()[1:], strict=False):
            yield from _known(prefix + name, value)


def protocol6_counters(text: bytes) -> Iterator[tuple[DropCounter, int]]:
    """Those of /proc/net/snmp6: a name and a value a line."""
    for line in text.splitlines():
        name, _, value = line.partition(b" ")
        yield from _known(name.strip(), value.strip())


def device_counters(text: bytes) -> Iterator[tuple[str, str, int]]:
    """/proc/net/dev: a link's name, a counter and its value; rx_dropped counts what was missed (rx_missed_errors) as well."""
    for line in text.splitlines()[2:]:
        name, _, rest = line.rpartition(b": ") if b": " in line else line.rpartition(b":")
        values = rest.split()
        for at, word in _DEVICE:
            if len(values) > at and values[at].isdigit():
                yield fields.name(name.strip()), word, int(values[at])


def softnet_counters(text: bytes) -> Iterator[tuple[DropCounter, int]]:
    """/proc/net/softnet_stat, all processors together: hexadecimal, without names."""
    rows = [line.split() for line in text.splitlines()]
    for column, name in ((1, "dropped"), (2, "time_squeeze")):
        yield DropCounter("softnet", name), sum(int(row[column], 16) for row in rows if len(row) > column)


def conntrack_counters(text: bytes) -> Iterator[tuple[DropCounter, int]]:
    """/proc/net/stat/nf_conntrack, all processors together: a line of names, then hexadecimal."""
    lines = text.splitlines()
    names = [name.decode("ascii", "replace") for name in (lines[0].split() if lines else [])]
    for name in _CONNTRACK:
        if name in names:
            at = names.index(name)
            yield DropCounter("conntrack", name), sum(int(row.split()[at], 16) for row in lines[1:] if len(row.split()) > at)


def qdisc_counter(data: bytes, at: int, end: int) -> tuple[DropCounter, int] | None:
    """What a discipline dropped (struct gnet_stats_queue); None: it does not say."""
    if end - at < 20:
        return None
    ifindex, handle, _ = _TCMSG.unpack_from(data, at)
    found = attributes(data, at + 20, end)
    told = attributes(found[_TCA_STATS2]) if _TCA_STATS2 in found else {}
    if len(told.get(_TCA_STATS_QUEUE, b"")) < _QUEUE.size:
        return None
    kind = found.get(1, b"").rstrip(b"\0").decode("ascii", "replace")
    return DropCounter("qdisc", f"{kind} {handle >> 16:x}: dropped", ifindex), _QUEUE.unpack_from(told[_TCA_STATS_QUEUE])[2]


def drop_reason(line: bytes) -> DropReason | None:
    """One line of a trace pipe; None: it is none, or tells of a packet that was not dropped."""
    found = _EVENT.search(line)
    if found is None or (found["reason"] or b"") in _NO_DROPS:
        return None
    location = found["location"].partition(b"+")[0].decode("ascii", "replace")
    reason = (found["reason"] or b"NOT_SPECIFIED").decode("ascii")
    pid = int(found["pid"])
    return DropReason(reason, location, int(found["protocol"]), None if _INTERRUPTS & set(found["flags"]) or not pid else pid)


def lost_events(line: bytes) -> int:
    """How many events one line of a trace pipe says there was no room for; one at least, where it does not count them."""
    found = _LOST_EVENTS.fullmatch(line)
    return 0 if found is None else int(found["count"] or 1)


def _known(name: bytes, value: bytes) -> Iterator[tuple[DropCounter, int]]:
    word = name.decode("ascii", "replace")
    if word in _NAMES and value.isdigit():
        yield DropCounter("protocol", word), int(value)
