"""A link (RTM_NEWLINK), from pyroute2's words."""

from netview.decode import fields
from netview.kernel.pyroute2_kinds import bridge, details, macvlan, port, tun, vxlan
from netview.kernel.pyroute2_message import Message, text
from netview.model import BridgePort, Link, LinkFlag, LinkStats, OperState

_ARPHRD_LOOPBACK = 772
# ARPHRD_*: tunnel, sit, ipgre have an IPv4 address; infiniband, tunnel6, ip6gre one that is longer than pyroute2 reads.
_IPV4_HARDWARE, _LONG_HARDWARE = frozenset({768, 776, 778}), frozenset({32, 769, 823})


def link(message: Message) -> tuple[Link, LinkStats]:
    """A link with its counters."""
    attribute = message.get_attr
    info = attribute("IFLA_LINKINFO")
    kind = info and text(info.get_attr("IFLA_INFO_KIND"))
    own = info and _taken_apart(info.get_attr("IFLA_INFO_DATA"))
    hardware_type, carrier, master = message["ifi_type"], attribute("IFLA_CARRIER"), attribute("IFLA_MASTER")
    port_kind = info and text(info.get_attr("IFLA_INFO_SLAVE_KIND"))
    made = Link(
        ifindex=message["index"],
        name=text(attribute("IFLA_IFNAME")) or "",
        kind=kind or ("loopback" if hardware_type == _ARPHRD_LOOPBACK else "device"),
        flags=LinkFlag(message["flags"]),
        operstate=OperState[attribute("IFLA_OPERSTATE") or "UNKNOWN"],
        carrier=None if carrier is None else carrier != 0,
        mtu=attribute("IFLA_MTU") or 0,
        txqlen=attribute("IFLA_TXQLEN"),
        address=_hardware_address(attribute("IFLA_ADDRESS"), hardware_type),
        broadcast=_hardware_address(attribute("IFLA_BROADCAST"), hardware_type),
        altnames=_altnames(attribute("IFLA_PROP_LIST")),
        alias=text(attribute("IFLA_IFALIAS")),
        master=master,
        link=attribute("IFLA_LINK"),
        link_nsid=attribute("IFLA_LINK_NETNSID"),
        port_kind=port_kind,
        qdisc=text(attribute("IFLA_QDISC")),
        carrier_changes=attribute("IFLA_CARRIER_CHANGES"),
        hardware_type=hardware_type,
        bridge=bridge(own) if kind == "bridge" and own else None,
        port=_port(port_kind, master, info),
        vxlan=vxlan(own) if kind == "vxlan" and own else None,
        tun=tun(own) if kind == "tun" and own else None,
        macvlan=macvlan(own) if kind in {"macvlan", "macvtap"} and own else None,
        details=details(kind, own) if kind and own else (),
    )
    return made, stats(attribute("IFLA_STATS64"))


def stats(told: Message) -> LinkStats:
    """Counters; of the newest two pyroute2 does not tell."""
    known = {name: told[name] for name in LinkStats._fields if name in told}
    return LinkStats(**{"rx_nohandler": None, "rx_otherhost_dropped": None} | known)


def _taken_apart(told: Message | str | None) -> Message | None:
    """pyroute2 gives what it cannot take apart as text."""
    return None if isinstance(told, str) else told


def _hardware_address(told: str | None, hardware_type: int) -> str | None:
    """pyroute2 takes six bytes for an address, however many there are."""
    if told is None or hardware_type in _LONG_HARDWARE:
        return None
    return fields.ip(bytes.fromhex(told[:11].replace(":", ""))) if hardware_type in _IPV4_HARDWARE else told


def _port(port_kind: str | None, master: int | None, info: Message) -> BridgePort | None:
    if port_kind != "bridge" or master is None:
        return None
    own = info.get_attr("IFLA_INFO_SLAVE_DATA")
    return None if own is None else port(master, own)


def _altnames(told: Message | None) -> tuple[str, ...]:
    return () if told is None else tuple(text(name) or "" for name in told.get_attrs("IFLA_ALT_IFNAME"))
