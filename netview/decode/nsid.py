"""Namespace numbers (RTM_NEWNSID)."""

from struct import Struct

from netview.decode import fields
from netview.decode.netlink import MalformedError, attribute, attributes

RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID = 88, 89, 90
NOT_ASSIGNED = -1
_NETNSA_NSID, _NETNSA_FD, _NETNSA_TARGET_NSID, _NETNSA_CURRENT_NSID = 1, 3, 4, 5
_S32, _U32 = Struct("=i"), Struct("=I")
_HEADER = b"\0\0\0\0"  # struct rtgenmsg, padded


def assign(fd: int, nsid: int) -> bytes:
    """Body of an RTM_NEWNSID: call the namespace behind `fd` by this number."""
    return _HEADER + attribute(_NETNSA_NSID, _S32.pack(nsid)) + attribute(_NETNSA_FD, _U32.pack(fd))


def ask(fd: int) -> bytes:
    """Body of an RTM_GETNSID: which number has the namespace behind `fd` here."""
    return _HEADER + attribute(_NETNSA_FD, _U32.pack(fd))


def list_of(target: int) -> bytes:
    """Body of an RTM_GETNSID dump: every number that the namespace we call `target` has given."""
    return _HEADER + attribute(_NETNSA_TARGET_NSID, _S32.pack(target))


def translate(number: int, target: int) -> bytes:
    """Body of an RTM_GETNSID: which number has the namespace that we call `number` in the one that we call `target`."""
    return _HEADER + attribute(_NETNSA_NSID, _S32.pack(number)) + attribute(_NETNSA_TARGET_NSID, _S32.pack(target))


def nsid(data: bytes, at: int, end: int) -> tuple[int, int]:
    """(The number in the namespace that was asked about, the number here); NOT_ASSIGNED where there is none."""
    found = attributes(data, at + 4, end)
    if _NETNSA_NSID not in found:
        raise MalformedError("a namespace number without a number")
    there = fields.s32(found[_NETNSA_NSID])
    here = found.get(_NETNSA_CURRENT_NSID)
    return there, NOT_ASSIGNED if here is None else fields.s32(here)
