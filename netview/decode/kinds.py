"""What each kind of link adds (IFLA_INFO_DATA, IFLA_INFO_SLAVE_DATA)."""

from collections.abc import Callable, Mapping

from netview.decode import words
from netview.decode.fields import be16, bridge_id, ip, s32, u8, u16, u32
from netview.decode.netlink import MalformedError
from netview.model import Bridge, BridgePort, Detail, Macvlan, PortState, Tun, Vxlan

Attributes = Mapping[int, bytes]
# The kernel's clock_t for user space.
_USER_HZ = 100
_NO_OWNER = 0xFFFFFFFF


def bridge(own: Attributes) -> Bridge:
    """IFLA_BR_*."""
    if 10 not in own or 11 not in own:
        raise MalformedError("a bridge without its ids")
    return Bridge(
        id=bridge_id(own[11]),
        root_id=bridge_id(own[10]),
        stp=u32(own[5]) != 0 if 5 in own else False,
        ageing_s=u32(own[4]) / _USER_HZ if 4 in own else 0.0,
        vlan_filtering=u8(own[7]) != 0 if 7 in own else False,
        vlan_protocol=words.word(be16(own[8]), words.VLAN_PROTOCOLS) if 8 in own else "802.1Q",
        nf_call_iptables=u8(own[36]) != 0 if 36 in own else None,
        nf_call_ip6tables=u8(own[37]) != 0 if 37 in own else None,
    )


def port(master: int, own: Attributes) -> BridgePort:
    """IFLA_BRPORT_*."""
    if not own.keys() >= {1, 2, 3}:
        raise MalformedError("a bridge port without state, priority or cost")
    return BridgePort(
        bridge=master,
        state=PortState(u8(own[1])) if u8(own[1]) <= PortState.BLOCKING else PortState.DISABLED,
        cost=u32(own[3]),
        priority=u16(own[2]),
        number=u16(own[18]) & 0x3FF if 18 in own else None,
        hairpin=u8(own[4]) != 0 if 4 in own else False,
        isolated=u8(own[33]) != 0 if 33 in own else None,
        learning=u8(own[8]) != 0 if 8 in own else True,
    )


def vxlan(own: Attributes) -> Vxlan:
    """IFLA_VXLAN_*."""
    remote, local = own.get(2) or own.get(16), own.get(4) or own.get(17)
    return Vxlan(
        vni=u32(own[1]) if 1 in own else 0,
        local=_address(local),
        remote=_address(remote),
        port=be16(own[15]) if 15 in own else 0,
        learning=u8(own[7]) != 0 if 7 in own else False,
        link=u32(own[3]) or None if 3 in own else None,
    )


def tun(own: Attributes) -> Tun:
    """IFLA_TUN_*."""
    owner = u32(own[1]) if 1 in own else _NO_OWNER
    return Tun(
        mode=words.word(u8(own[3]), words.TUN_MODES) if 3 in own else "tun",
        owner=None if owner == _NO_OWNER else owner,
        persist=u8(own[6]) != 0 if 6 in own else False,
    )


def macvlan(own: Attributes) -> Macvlan:
    """IFLA_MACVLAN_*."""
    return Macvlan(words.word(u32(own[1]), words.MACVLAN_MODES) if 1 in own else "vepa")


def _address(payload: bytes | None) -> str | None:
    return ip(payload) if payload and any(payload) else None


def _in(reader: Callable[[bytes], int], table: Mapping[int, str]) -> Callable[[bytes], Detail]:
    return lambda payload: words.word(reader(payload), table)


_GRE = {1: ("link", u32), 6: ("local", _address), 7: ("remote", _address), 8: ("ttl", u8)}
_IPTUN = {1: ("link", u32), 2: ("local", _address), 3: ("remote", _address), 4: ("ttl", u8)}
_IPVLAN = {1: ("mode", _in(u16, words.IPVLAN_MODES)), 2: ("flags", _in(u16, words.IPVLAN_FLAGS))}
_DETAILS: Mapping[str, Mapping[int, tuple[str, Callable[[bytes], Detail]]]] = {
    "vlan": {1: ("id", u16), 5: ("protocol", _in(be16, words.VLAN_PROTOCOLS))},
    "ipvlan": _IPVLAN,
    "ipvtap": _IPVLAN,
    "vrf": {1: ("table", u32)},
    "geneve": {1: ("id", u32), 2: ("remote", _address), 3: ("ttl", u8), 5: ("port", be16), 7: ("remote", _address)},
    "bond": {1: ("mode", _in(u8, words.BOND_MODES)), 2: ("active_slave", u32), 3: ("miimon", u32)},
    "gre": _GRE,
    "gretap": _GRE,
    "ip6gre": _GRE,
    "ip6gretap": _GRE,
    "erspan": _GRE,
    "ip6erspan": _GRE,
    "ipip": _IPTUN,
    "sit": _IPTUN,
    "ip6tnl": _IPTUN,
    "netkit": {2: ("primary", lambda payload: u8(payload) != 0), 3: ("policy", s32), 5: ("mode", _in(u32, words.NETKIT_MODES))},
}


def details(kind: str, own: Attributes) -> tuple[tuple[str, Detail], ...]:
    """Attributes of kinds without a type of their own."""
    table = _DETAILS.get(kind)
    if table is None:
        return ()
    return tuple((name, reader(own[number])) for number, (name, reader) in table.items() if number in own)
