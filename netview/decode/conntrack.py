"""Connections that the kernel keeps track of: as text (/proc/net/nf_conntrack) and by netlink (ctnetlink)."""

from collections.abc import Mapping
from ipaddress import ip_address
from struct import Struct

from netview.decode import fields
from netview.decode.netlink import MalformedError, attribute, attributes
from netview.model import Family, Flow
from netview.model.connection import Connection, Ends

GETCONNECTION, NEWCONNECTION = (1 << 8) | 1, 1 << 8
_FAMILIES = {b"ipv4": Family.INET, b"ipv6": Family.INET6}
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}
_NAMES = {number: name for name, number in _PROTOCOLS.items()}
_STATES = (
    "NONE",
    "SYN_SENT",
    "SYN_RECV",
    "ESTABLISHED",
    "FIN_WAIT",
    "CLOSE_WAIT",
    "LAST_ACK",
    "TIME_WAIT",
    "CLOSE",
    "SYN_SENT2",
)
_HEADER = 4
"""Bytes of struct nfgenmsg."""
_NESTED = 0x8000
_ORIGINAL, _REPLY, _STATUS, _PROTOCOL_STATE, _TIMEOUT, _FILTER = 1, 2, 3, 4, 7, 25
_BY_SOURCE, _BY_DESTINATION, _BY_PROTOCOL, _BY_SOURCE_PORT, _BY_PORT = (1 << bit for bit in (0, 1, 3, 4, 5))
_SEEN_REPLY = 2
_U16, _U32, _FLAGS = Struct("!H"), Struct("!I"), Struct("=I")


def connection(line: bytes) -> Connection | None:
    """One line; None: it has another form, or is of a protocol without ports."""
    words = line.split()
    if len(words) < 3 or words[0] not in _FAMILIES:
        return None
    told: dict[str, list[str]] = {"src": [], "dst": [], "sport": [], "dport": []}
    for word in words:
        name, _, value = word.decode("ascii", "replace").partition("=")
        if name in told:
            told[name].append(value)
    try:
        original, reply = (Ends(told["src"][n], told["dst"][n], int(told["sport"][n]), int(told["dport"][n])) for n in range(2))
    except (IndexError, ValueError):
        return None
    return Connection(words[2].decode("ascii", "replace"), _FAMILIES[words[0]], original, reply)


def ask_connections(flow: Flow, *, replies: bool = False) -> bytes | None:
    """A dump's request for those that begin as a flow does (Linux 5.8; older kernels tell all); None: nothing asks for them.

    `replies`: those whose replies are the flow. Ports that the flow does not tell are those of every connection.
    """
    protocol = _PROTOCOLS.get(flow.protocol)
    if protocol is None:
        return None
    ports = {2: (flow.source_port, _BY_SOURCE_PORT), 3: (flow.port, _BY_PORT)} if flow.protocol in {"tcp", "udp"} else {}
    by, told = _BY_SOURCE | _BY_DESTINATION | _BY_PROTOCOL, attribute(1, bytes([protocol]))
    for kind, (port, flag) in ports.items():
        if port is not None:
            by |= flag
            told += attribute(kind, _U16.pack(port))
    first = 1 if flow.family is Family.INET else 3
    addresses = (attribute(first + n, ip_address(one).packed) for n, one in enumerate((flow.source, flow.destination)))
    ends = attribute(_NESTED | 1, b"".join(addresses)) + attribute(_NESTED | 2, told)
    way = _REPLY if replies else _ORIGINAL
    return (
        bytes([flow.family, 0, 0, 0])
        + attribute(_NESTED | way, ends)
        + attribute(_NESTED | _FILTER, attribute(way, _FLAGS.pack(by)))
    )


def tracked(data: bytes, at: int, end: int) -> Connection | None:
    """One connection; None: one of neither IPv4 nor IPv6. Raises MalformedError."""
    if end - at < _HEADER:
        raise MalformedError("a connection without a header")
    if data[at] not in _FAMILIES.values():
        return None
    found = attributes(data, at + _HEADER, end)
    protocol, original = _ends(found, _ORIGINAL)
    _, reply = _ends(found, _REPLY)
    state = attributes(attributes(found.get(_PROTOCOL_STATE, b"")).get(1, b"")).get(1)
    status, timeout = found.get(_STATUS), found.get(_TIMEOUT)
    return Connection(
        protocol,
        Family(data[at]),
        original,
        reply,
        "" if state is None else _state(fields.u8(state)),
        None if status is None else bool(_number(_U32, status) & _SEEN_REPLY),
        None if timeout is None else _number(_U32, timeout),
    )


def _ends(found: Mapping[int, bytes], kind: int) -> tuple[str, Ends]:
    """The protocol, and one direction."""
    if kind not in found:
        raise MalformedError("a connection without its ends")
    tuple_ = attributes(found[kind])
    addresses, told = attributes(tuple_.get(1, b"")), attributes(tuple_.get(2, b""))
    source, destination = (next((addresses[kind] for kind in kinds if kind in addresses), b"") for kinds in ((1, 3), (2, 4)))
    number = fields.u8(told.get(1, b""))
    ports = (None if kind not in told else _number(_U16, told[kind]) for kind in (2, 3))
    return _NAMES.get(number, str(number)), Ends(fields.ip(source), fields.ip(destination), *ports)


def _state(number: int) -> str:
    return _STATES[number] if number < len(_STATES) else str(number)


def _number(layout: Struct, payload: bytes) -> int:
    if len(payload) < layout.size:
        raise MalformedError("a connection's number that is too short")
    return int(layout.unpack_from(payload)[0])
