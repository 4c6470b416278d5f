"""Payloads of attributes as numbers, names and addresses."""

import struct
from socket import AF_INET, AF_INET6, inet_ntop

from netview.decode.netlink import MalformedError

_U16, _U32, _S32, _BE16 = struct.Struct("=H"), struct.Struct("=I"), struct.Struct("=i"), struct.Struct("!H")
# ARPHRD_* whose link-layer address is an IP address: tunnel, tunnel6, sit, ipgre, ip6gre.
_WORDS: dict[bytes, str] = {}
_MOST_WORDS = 500
_IP_HARDWARE = frozenset({768, 769, 776, 778, 823})


def u8(payload: bytes) -> int:
    """An unsigned byte."""
    if not payload:
        raise MalformedError("an empty byte")
    return payload[0]


def u16(payload: bytes) -> int:
    """An unsigned short of the host's order."""
    return _unpack(_U16, payload)


def u32(payload: bytes) -> int:
    """An unsigned int of the host's order."""
    # By itself: no other is asked for so often.
    try:
        number: int = _U32.unpack_from(payload)[0]
    except struct.error:
        raise MalformedError(f"4 bytes expected, {len(payload)} there") from None
    return number


def s32(payload: bytes) -> int:
    """A signed int of the host's order."""
    return _unpack(_S32, payload)


def be16(payload: bytes) -> int:
    """An unsigned short of network order."""
    return _unpack(_BE16, payload)


def name(payload: bytes) -> str:
    """A NUL-terminated string, raw; bytes that are not UTF-8 become surrogates."""
    return payload.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def word(payload: bytes) -> str:
    """The same of a name that many links have in common, such as that of their kind: one object."""
    known = _WORDS.get(payload)
    if known is None:
        if len(_WORDS) > _MOST_WORDS:
            _WORDS.clear()
        known = _WORDS[payload] = name(payload)
    return known


def mac(payload: bytes) -> str | None:
    """A link-layer address; None where it has no bytes."""
    return payload.hex(":") if payload else None


def hardware_address(payload: bytes, hardware_type: int) -> str | None:
    """A link's own address as `ip link` prints it: an IP address for IP tunnels."""
    return ip(payload) if hardware_type in _IP_HARDWARE and len(payload) in {4, 16} else mac(payload)


def ip(payload: bytes) -> str:
    """An IPv4 or IPv6 address."""
    if len(payload) == 4:
        return inet_ntop(AF_INET, payload)
    if len(payload) == 16:
        return inet_ntop(AF_INET6, payload)
    raise MalformedError(f"an IP address of {len(payload)} bytes")


def bridge_id(payload: bytes) -> str:
    """Priority and address as sysfs prints them: "8000.0242d8e4dfc1"."""
    if len(payload) < 8:
        raise MalformedError("a bridge id that is too short")
    return f"{payload[:2].hex()}.{payload[2:8].hex()}"


def _unpack(layout: struct.Struct, payload: bytes) -> int:
    try:
        number: int = layout.unpack_from(payload)[0]
    except struct.error:
        raise MalformedError(f"{layout.size} bytes expected, {len(payload)} there") from None
    return number
