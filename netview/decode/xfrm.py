"""Policies of IPsec (XFRM_MSG_NEWPOLICY)."""

from struct import Struct
from typing import Literal

from netview.decode.netlink import MalformedError, attributes
from netview.model import Family
from netview.model.policy import Policy

NEWPOLICY, GETPOLICY = 19, 21
EVERY_POLICY = b"\0" * 64
"""Body of a dump: struct xfrm_userpolicy_id."""
_SELECTOR = Struct("!16s16sHHHH")
_REST = Struct("=HBBB3xiI")
_PRIORITY = 56 + 64 + 32
_INFO = Struct("=IIBB")
_SIZE = _PRIORITY + 16
_TEMPLATES, _MARK, _TYPE = 5, 21, 16
_MARKED = Struct("=II")
_DIRECTIONS: tuple[Literal["in", "out", "fwd"], ...] = ("in", "out", "fwd")


def policy(data: bytes, at: int, end: int) -> Policy | None:
    """A policy; None: a socket's own. Raises MalformedError."""
    if end - at < _SIZE:
        raise MalformedError("a policy that is cut off")
    destination, source, port, port_mask, source_port, source_mask = _SELECTOR.unpack_from(data, at)
    family, destination_length, source_length, protocol, ifindex, _ = _REST.unpack_from(data, at + _SELECTOR.size)
    priority, index, direction, action = _INFO.unpack_from(data, at + _PRIORITY)
    if direction >= len(_DIRECTIONS):
        return None
    found = attributes(data, at + _SIZE, end)
    return Policy(
        index,
        _DIRECTIONS[direction],
        priority,
        Family(family) if family in {Family.INET, Family.INET6} else None,
        source,
        source_length,
        destination,
        destination_length,
        protocol,
        (source_port, source_mask),
        (port, port_mask),
        ifindex,
        _MARKED.unpack_from(found[_MARK]) if len(found.get(_MARK, b"")) >= _MARKED.size else (0, 0),
        blocks=action == 1,
        transforms=bool(found.get(_TEMPLATES)),
    )
