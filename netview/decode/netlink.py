"""Netlink messages and attributes: where each begins and ends."""

from collections.abc import Iterator
from struct import Struct

NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP_INTR, NLM_F_DUMP, NLM_F_CREATE, NLM_F_EXCL = 0x1, 0x4, 0x10, 0x300, 0x400, 0x200
HEADER = Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, sequence, port."""
_ATTRIBUTE = Struct("=HH")
_ERROR = Struct("=i")
# The two upper bits of an attribute's type are flags: nested, network byte order.
_TYPE = 0x3FFF


class MalformedError(ValueError):
    """Bytes that are no netlink message of the kind asked for."""


def messages(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Each message of a datagram as (type, flags, begin of its body, end)."""
    at, size = 0, len(data)
    while at + 16 <= size:
        length, kind, flags, _, _ = HEADER.unpack_from(data, at)
        if length < 16 or at + length > size:
            raise MalformedError(f"message of {length} bytes in the {size - at} that are left")
        yield kind, flags, at + 16, at + length
        at += (length + 3) & ~3


def attributes(data: bytes, at: int = 0, end: int | None = None) -> dict[int, bytes]:
    """Attributes by type, without their flag bits; of a type that comes twice the last."""
    stop = len(data) if end is None else end
    found: dict[int, bytes] = {}
    unpack = _ATTRIBUTE.unpack_from
    while at + 4 <= stop:
        length, kind = unpack(data, at)
        if length < 4 or at + length > stop:
            raise MalformedError(f"attribute of {length} bytes in the {stop - at} that are left")
        found[kind & _TYPE] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    return found


def attribute_list(data: bytes) -> list[tuple[int, bytes]]:
    """Attributes in order, for lists whose members share a type."""
    found: list[tuple[int, bytes]] = []
    at, stop = 0, len(data)
    while at + 4 <= stop:
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < 4 or at + length > stop:
            raise MalformedError(f"attribute of {length} bytes in the {stop - at} that are left")
        found.append((kind & _TYPE, data[at + 4 : at + length]))
        at += (length + 3) & ~3
    return found


def attribute(kind: int, payload: bytes) -> bytes:
    """One attribute, padded."""
    return _ATTRIBUTE.pack(4 + len(payload), kind) + payload + b"\0" * (-len(payload) % 4)


def error_code(data: bytes, at: int) -> int:
    """The positive errno of an NLMSG_ERROR or NLMSG_DONE body; 0: none."""
    if at + 4 > len(data):
        raise MalformedError("an error message without a code")
    return -int(_ERROR.unpack_from(data, at)[0])
