"""Questions to ipset, one key at a time (enum ipset_cmd, ip_set.h); all numbers in them are of network order."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import NamedTuple

from netview.decode import fields
from netview.decode.netlink import MalformedError, attribute, attributes
from netview.model import Family, Flow, Packet
from netview.model.ruleset import IpSet

_NFNL_SUBSYS_IPSET = 6
TEST, HEADER, GET_BYINDEX = ((_NFNL_SUBSYS_IPSET << 8) | number for number in (11, 12, 15))
NOT_IN_IT = 4103
"""IPSET_ERR_EXIST, an error of the kernel's beyond those of errno."""
_PROTOCOL, _NAME, _TYPE, _FAMILY, _DATA, _INDEX = 1, 2, 3, 5, 7, 11
_IP, _PORT, _PROTO, _IP2, _IFACE = 1, 4, 7, 20, 23
_NESTED, _NETWORK_ORDER = 0x8000, 0x4000
_VERSION = b"\7"
_KINDS: Mapping[str, tuple[str, ...]] = {
    "bitmap:ip": ("ip",),
    "bitmap:port": ("port",),
    "hash:ip": ("ip",),
    "hash:net": ("ip",),
    "hash:ip,port": ("ip", "port"),
    "hash:net,port": ("ip", "port"),
    "hash:net,iface": ("ip", "iface"),
    "hash:net,net": ("ip", "ip2"),
    "hash:ip,port,ip": ("ip", "port", "ip2"),
    "hash:ip,port,net": ("ip", "port", "ip2"),
    "hash:net,port,net": ("ip", "port", "ip2"),
}
_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}


class Header(NamedTuple):
    """A set as the kernel describes it."""

    name: bytes
    kind: str
    family: int


def ask_name(index: int) -> bytes:
    """The body of a question for the name of a set (IPSET_CMD_GET_BYINDEX)."""
    return _asked() + attribute(_INDEX | _NETWORK_ORDER, index.to_bytes(2, "big"))


def ask_header(name: bytes) -> bytes:
    """The body of a question for the kind of a set (IPSET_CMD_HEADER)."""
    return _asked() + attribute(_NAME, name + b"\0")


def ask_member(header: Header, match: IpSet, packet: Packet) -> bytes | bool | None:
    """The body of a question whether a packet is in a set (IPSET_CMD_TEST); False: it cannot be, None: nobody can tell."""
    dimensions = _KINDS.get(header.kind)
    if dimensions is None:
        return None
    if match.dimensions < len(dimensions) or header.family not in {0, packet.flow.family}:
        return False
    told = b""
    for at, dimension in enumerate(dimensions):
        part = _part(dimension, packet, source=bool(match.sides & 2 << at), alone=len(dimensions) == 1)
        if not isinstance(part, bytes):
            return part
        told += part
    return _asked() + attribute(_NAME, header.name + b"\0") + attribute(_NESTED | _DATA, told)


def name(data: bytes, at: int, end: int) -> bytes:
    """The name of a set; raises MalformedError."""
    found = attributes(data, at + 4, end)
    if _NAME not in found:
        raise MalformedError("a set of ipset without a name")
    return found[_NAME].partition(b"\0")[0]


def header(data: bytes, at: int, end: int) -> Header:
    """A set's description; raises MalformedError."""
    found = attributes(data, at + 4, end)
    return Header(name(data, at, end), fields.name(found.get(_TYPE, b"")), fields.u8(found.get(_FAMILY, b"")))


def _asked() -> bytes:
    return bytes(4) + attribute(_PROTOCOL, _VERSION)


def _part(dimension: str, packet: Packet, *, source: bool, alone: bool) -> bytes | bool | None:
    """One dimension of a key; False: the packet has no such thing, None: nobody knows it."""
    flow = packet.flow
    if dimension in {"ip", "ip2"}:
        address = ip_address(flow.source if source else flow.destination).packed
        kind = _NETWORK_ORDER | (2 if flow.family is Family.INET6 else 1)
        return attribute(_NESTED | (_IP if dimension == "ip" else _IP2), attribute(kind, address))
    if dimension == "iface":
        link = packet.iif if source else packet.oif
        return False if link is None else attribute(_IFACE, link.name.encode("utf-8", "surrogateescape") + b"\0")
    if alone and flow.protocol not in {"tcp", "udp"}:
        return False
    port, number = _port(flow, source=source), _PROTOCOLS.get(flow.protocol)
    if port is None or number is None:
        return None
    told = attribute(_PORT | _NETWORK_ORDER, port.to_bytes(2, "big"))
    return told if alone else told + attribute(_PROTO, bytes([number]))


def _port(flow: Flow, *, source: bool) -> int | None:
    """A port, or what stands for it."""
    if flow.protocol in {"icmp", "icmpv6"}:
        return None if flow.icmp_type is None or flow.icmp_code is None else flow.icmp_type << 8 | flow.icmp_code
    return flow.source_port if source else flow.port
