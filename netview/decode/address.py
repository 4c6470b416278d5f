"""An address (RTM_NEWADDR)."""

from struct import Struct

from netview.decode import fields, words
from netview.decode.netlink import MalformedError, attributes
from netview.model import Address, Family

RTM_NEWADDR = 20
_HEADER = Struct("=BBBBI")
_FAMILIES = {Family.INET.value: Family.INET, Family.INET6.value: Family.INET6}


def address(data: bytes, at: int, end: int) -> Address | None:
    """An address; None for families other than IPv4 and IPv6."""
    if end - at < 8:
        raise MalformedError("an address without a header")
    number, prefixlen, flags, scope, ifindex = _HEADER.unpack_from(data, at)
    family = _FAMILIES.get(number)
    if family is None:
        return None
    found = attributes(data, at + 8, end)
    far, own = found.get(1), found.get(2)  # IFA_ADDRESS, IFA_LOCAL
    if own is None:
        own, far = far, None  # IPv6 without a peer has no IFA_LOCAL.
    if own is None:
        raise MalformedError("an address without an address")
    return Address(
        ifindex=ifindex,
        family=family,
        address=fields.ip(own),
        prefixlen=prefixlen,
        scope=words.word(scope, words.SCOPES),
        peer=fields.ip(far) if far is not None and far != own else None,
        broadcast=fields.ip(found[4]) if 4 in found else None,
        label=fields.name(found[3]) if 3 in found else None,
        flags=fields.u32(found[8]) if 8 in found else flags,
    )
