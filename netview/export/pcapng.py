"""Captured frames as pcapng, for Wireshark and its kin; one interface block for each point."""

from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

from netview.model.packet import Frame
from netview.text import safe

_BLOCK, _OPTION = Struct("<II"), Struct("<HH")
_SECTION = Struct("<IHHq")
_INTERFACE, _PACKET, _STATISTICS = Struct("<HHI"), Struct("<IIIII"), Struct("<III")
_COMMENT, _END = 1, 0
_NAME, _RESOLUTION, _FILTER, _FLAGS = 2, 9, 11, 2
_RECEIVED, _LOST = 4, 5
_RAW = 101
_LINK_TYPES = {1: 1, 772: 1, 801: 105, 803: 127}
"""By ARPHRD_*: Ethernet and loopback, 802.11 without and with radiotap; the frames of others begin with IP."""


class Interface(NamedTuple):
    """One point of a capture."""

    name: str
    """ "nginx-1/eth0"."""
    hardware: int
    """ARPHRD_*."""
    filter: str = ""


def header(application: str, interfaces: Sequence[Interface]) -> bytes:
    """What a file begins with: its section, and its interfaces in the order of their points."""
    section = _SECTION.pack(0x1A2B3C4D, 1, 0, -1) + _options((4, application.encode()))
    return _block(0x0A0D0D0A, section) + b"".join(map(_interface, interfaces))


def packet(frame: Frame, comment: str = "") -> bytes:
    """One frame (enhanced packet block)."""
    data, at = frame.data, frame.at_ns
    body = _PACKET.pack(frame.point, at >> 32, at & 0xFFFFFFFF, len(data), frame.length) + data + b"\0" * (-len(data) % 4)
    flags = (_FLAGS, (2 if frame.outgoing else 1).to_bytes(4, "little"))
    return _block(6, body + (_options(flags, (_COMMENT, comment.encode())) if comment else _options(flags)))


def statistics(point: int, at_ns: int, received: int, lost: int) -> bytes:
    """What the kernel counted at a point (interface statistics block)."""
    body = _STATISTICS.pack(point, at_ns >> 32, at_ns & 0xFFFFFFFF)
    counted = ((_RECEIVED, received.to_bytes(8, "little")), (_LOST, lost.to_bytes(8, "little")))
    return _block(5, body + _options(*counted))


def _interface(one: Interface) -> bytes:
    name = safe(one.name).encode("utf-8", "replace")
    # Nanoseconds; the filter is a string of its own kind, 0.
    told = [(_NAME, name), (_RESOLUTION, b"\x09")]
    if one.filter:
        told.append((_FILTER, b"\0" + one.filter.encode()))
    link_type = _LINK_TYPES.get(one.hardware, _RAW)
    return _block(1, _INTERFACE.pack(link_type, 0, 0) + _options(*told))


def _options(*told: tuple[int, bytes]) -> bytes:
    written = b"".join(_OPTION.pack(kind, len(value)) + value + b"\0" * (-len(value) % 4) for kind, value in told)
    return written + _OPTION.pack(_END, 0)


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return _BLOCK.pack(kind, length) + body + length.to_bytes(4, "little")
