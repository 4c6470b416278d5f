"""Netlink messages and attributes: where each begins and ends."""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP_INTR, NLM_F_DUMP, NLM_F_CREATE, NLM_F_EXCL = 0x1, 0x4, 0x10, 0x300, 0x400, 0x200
HEADER = Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, sequence, port."""
_ATTRIBUTE, _HEAD = Struct("=HH"), Struct("=I")
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


class _Layout(NamedTuple):
    """Where the attributes of so many bytes lay the last time."""

    fields: Struct
    """Each one's header as one number, and its payload."""
    heads: tuple[int, ...]
    types: tuple[int, ...]


_SMALL, _LARGE = 96, 8192
"""Of so many bytes up to so many a layout is kept."""
_LAYOUTS: dict[int, _Layout] = {}
"""By their count: most links of one namespace, and the same link of each, differ in their payloads alone."""

_WAITING: dict[int, tuple[int, int]] = {}
"""How many more that lie otherwise are walked before their layout is kept, and how many after that."""
_LONGEST_WAIT = 1024


def attributes(data: bytes, at: int = 0, end: int | None = None) -> dict[int, bytes]:
    """Attributes by type, without their flag bits; of a type that comes twice the last."""
    stop = len(data) if end is None else end
    layout = _LAYOUTS.get(stop - at)
    if layout is not None:
        told = layout.fields.unpack_from(data, at)
        if told[::2] == layout.heads:
            return dict(zip(layout.types, told[1::2], strict=True))
    found = _walked(data, at, stop)
    if _SMALL <= stop - at <= _LARGE and _is_worth(stop - at):
        _LAYOUTS[stop - at] = _layout(data, at, stop)
    return found


def _is_worth(size: int) -> bool:
    """Whether to keep another layout of this size, which takes as long as ten walks: where they are many, ever more seldom."""
    left, following = _WAITING.get(size, (1, 2))
    _WAITING[size] = (left - 1, following) if left else (following, min(2 * following, _LONGEST_WAIT))
    return not left


def _layout(data: bytes, at: int, stop: int) -> _Layout:
    """Of attributes that were walked without a fault."""
    fields, heads, types = ["="], list[int](), list[int]()
    while at + 4 <= stop:
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        padded = min((length + 3) & ~3, stop - at)
        fields.append(f"I{length - 4}s{padded - length}x")
        heads += _HEAD.unpack_from(data, at)
        types.append(kind & _TYPE)
        at += padded
    return _Layout(Struct("".join(fields)), tuple(heads), tuple(types))


def _walked(data: bytes, at: int, stop: int) -> dict[int, bytes]:
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
