"""Addresses and prefixes as numbers, quick to compare."""

from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from netview.model import Family

UNSPECIFIED = {Family.INET: "0.0.0.0", Family.INET6: "::"}  # noqa: S104 - nothing is bound here
WIDTH = {Family.INET: 32, Family.INET6: 128}


class Prefix(NamedTuple):
    """A network: the address without the bits that do not count, and how many do."""

    value: int
    shift: int
    """Bits that do not count."""
    length: int

    def holds(self, address: int) -> bool:
        """Whether an address of the same family is in it."""
        return address >> self.shift == self.value


@lru_cache(1 << 16)
def prefix(text: str, family: Family) -> Prefix:
    """That of "default", "all" or a CIDR."""
    if text in {"default", "all"}:
        return Prefix(0, WIDTH[family], 0)
    network = ip_network(text, strict=False)
    shift = network.max_prefixlen - network.prefixlen
    return Prefix(int(network.network_address) >> shift, shift, network.prefixlen)


@lru_cache(1 << 14)
def number(address: str) -> int:
    """An IP address as a number; raises ValueError where it is none."""
    return int(ip_address(address))
