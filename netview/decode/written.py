"""Addresses as text that others wrote: whether they are any."""

from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from netview.model import Family

_BITS = {Family.INET: 32, Family.INET6: 128}


@lru_cache(maxsize=1 << 14)
def is_address(text: str, family: Family | None = None) -> bool:
    """Whether it is an IP address, without a zone; None: of either family."""
    known = Family.INET6 if ":" in text else Family.INET
    if family is not None and family is not known:
        return False
    try:
        (IPv6Address if known is Family.INET6 else IPv4Address)(text)
    except AddressValueError:
        return False
    return "%" not in text


def is_prefix(text: str, family: Family) -> bool:
    """Whether it is an address with a length, as in 10.0.0.0/8."""
    address, slash, length = text.partition("/")
    return bool(slash) and is_address(address, family) and is_length(length, family)


def is_length(text: str, family: Family) -> bool:
    """Whether a prefix may have so many bits."""
    return text.isascii() and text.isdecimal() and len(text) <= len("128") and int(text) <= _BITS[family]


def is_mac(text: str) -> bool:
    """Whether it is bytes in hexadecimal with colons between them."""
    try:
        return bool(bytes.fromhex(text.replace(":", " ")))
    except ValueError:
        return False
