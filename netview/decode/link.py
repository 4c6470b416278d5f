"""A link (RTM_NEWLINK)."""

from collections.abc import Mapping
from struct import Struct

from netview.decode import fields
from netview.decode.kinds import bridge, details, macvlan, port, tun, vxlan
from netview.decode.netlink import MalformedError, attribute_list, attributes
from netview.decode.stats import link_stats64
from netview.model import BridgePort, Link, LinkFlag, LinkStats, OperState

RTM_NEWLINK = 16
_HEADER = Struct("=BxHiII")
_AF_UNSPEC = 0
_ARPHRD_LOOPBACK = 772
_NOTHING: Mapping[int, bytes] = {}
_FLAGS: dict[int, LinkFlag] = {}
_BROADCASTS: dict[tuple[bytes, int], str | None] = {}
_MOST_BROADCASTS = 100
_STATES = tuple(OperState(number) for number in range(OperState.UP + 1))


def link(data: bytes, at: int, end: int) -> tuple[Link, LinkStats] | None:
    """A link with its counters; None for a message of another family (AF_BRIDGE and AF_INET6 send their own about ports)."""
    if end - at < 16:
        raise MalformedError("a link without a header")
    family, hardware_type, ifindex, flags, _ = _HEADER.unpack_from(data, at)
    if family != _AF_UNSPEC:
        return None
    found = attributes(data, at + 16, end)
    get = found.get
    info = attributes(found[18]) if 18 in found else _NOTHING  # IFLA_LINKINFO
    kind = fields.word(info[1]) if 1 in info else ""
    port_kind = fields.word(info[4]) if 4 in info else None
    own = attributes(info[2]) if 2 in info else _NOTHING  # IFLA_INFO_DATA
    master = fields.u32(found[10]) if 10 in found else None
    if 3 not in found or 23 not in found:
        raise MalformedError(f"link {ifindex} without a name or counters")
    made = Link(
        ifindex=ifindex,
        name=fields.name(found[3]),
        kind=kind or ("loopback" if hardware_type == _ARPHRD_LOOPBACK else "device"),
        flags=_flags(flags),
        operstate=_operstate(get(16)),
        carrier=None if (carrier := get(33)) is None else carrier != b"\0",
        mtu=fields.u32(found[4]) if 4 in found else 0,
        txqlen=fields.u32(found[13]) if 13 in found else None,
        address=fields.hardware_address(get(1, b""), hardware_type),
        broadcast=_broadcast(get(2, b""), hardware_type),
        altnames=_altnames(found[52]) if 52 in found else (),
        alias=fields.name(found[20]) if 20 in found else None,
        master=master,
        link=fields.u32(found[5]) if 5 in found else None,
        link_nsid=None if (nsid := get(37)) is None else fields.s32(nsid),
        port_kind=port_kind,
        qdisc=fields.word(found[6]) if 6 in found else None,
        carrier_changes=fields.u32(found[35]) if 35 in found else None,
        hardware_type=hardware_type,
        bridge=bridge(own) if kind == "bridge" else None,
        port=_port(port_kind, master, info),
        vxlan=vxlan(own) if kind == "vxlan" else None,
        tun=tun(own) if kind == "tun" else None,
        macvlan=macvlan(own) if kind in {"macvlan", "macvtap"} else None,
        details=details(kind, own),
    )
    return made, link_stats64(found[23])


def _broadcast(payload: bytes, hardware_type: int) -> str | None:
    """The same few for every link."""
    key = payload, hardware_type
    known = _BROADCASTS.get(key)
    if known is None:
        known = fields.hardware_address(payload, hardware_type)
        if len(_BROADCASTS) < _MOST_BROADCASTS:
            _BROADCASTS[key] = known
    return known


def _flags(bits: int) -> LinkFlag:
    """The same few combinations come for every link: making one costs as much as the rest of its decoding."""
    known = _FLAGS.get(bits)
    if known is None:
        known = _FLAGS[bits] = LinkFlag(bits)
    return known


def _operstate(payload: bytes | None) -> OperState:
    number = 0 if payload is None else fields.u8(payload)
    return _STATES[number] if number < len(_STATES) else OperState.UNKNOWN


def _port(port_kind: str | None, master: int | None, info: Mapping[int, bytes]) -> BridgePort | None:
    if port_kind != "bridge" or master is None or 5 not in info:  # IFLA_INFO_SLAVE_DATA
        return None
    return port(master, attributes(info[5]))


def _altnames(payload: bytes) -> tuple[str, ...]:
    return tuple(fields.name(value) for kind, value in attribute_list(payload) if kind == 53)
