"""What a namespace counts of what goes wrong, and the VLANs of its bridges; reading them loads no module."""

import sys
import time
from contextlib import suppress

from netview.decode.counters import by_processor, listed, paired
from netview.decode.link import RTM_NEWLINK
from netview.decode.netlink import attribute
from netview.decode.queue import HEADER, RTM_NEWQDISC, queue
from netview.decode.vlans import vlans
from netview.derive.path.questions import Counters, PortVlan, Queue, Queues, Vlans
from netview.kernel.netlink import RouteSocket
from netview.kernel.place import Place

_MOST = 1 << 20
_GETLINK, _GETQDISC = 18, 38
_BRIDGES = bytes([7]) + bytes(15)  # struct ifinfomsg of AF_BRIDGE.
_COMPRESSED = attribute(29, (4).to_bytes(4, sys.byteorder))  # IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED
_TABLES = "nf_conntrack", "arp_cache", "ndisc_cache"


def counters(place: Place) -> Counters:
    """All that the stack counts; raises OSError."""
    found: dict[str, int] = {}
    for name in ("snmp", "netstat"):
        found |= paired(_read(place, name))
    # Without IPv6, or without conntrack, there are none; those of neighbours are in the machine's first namespace alone.
    with suppress(FileNotFoundError):
        found |= listed(_read(place, "snmp6"))
    for name in _TABLES:
        with suppress(FileNotFoundError):
            found |= by_processor(name, _read(place, f"stat/{name}"))
    return Counters(time.monotonic(), found)


def queues(place: Place) -> Queues:
    """Queueing disciplines of all links; raises OSError."""
    with RouteSocket(place) as socket:
        body = HEADER.pack(0, 0, 0, 0, 0)
        found = tuple(Queue(*queue(*message)) for message in socket.dump(_GETQDISC, RTM_NEWQDISC, body))
    return Queues(time.monotonic(), found)


def port_vlans(place: Place) -> Vlans:
    """The VLANs of all bridges and ports; raises OSError."""
    with RouteSocket(place) as socket:
        told = dict(vlans(*message) for message in socket.dump(_GETLINK, RTM_NEWLINK, _BRIDGES + _COMPRESSED))
    return Vlans({ifindex: tuple(PortVlan(*one) for one in those) for ifindex, those in told.items() if those})


def _read(place: Place, name: str) -> bytes:
    with place.table(name) as file:
        return file.read(_MOST)
