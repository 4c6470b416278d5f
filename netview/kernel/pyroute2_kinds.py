"""What each kind of link adds, from pyroute2's words."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from netview.decode import words
from netview.kernel.pyroute2_message import Message, flag
from netview.model import Bridge, BridgePort, Detail, Macvlan, PortState, Tun, Vxlan

# The kernel's clock_t for user space.
_QTAG = 0x8100
_USER_HZ = 100
_NO_OWNER = 0xFFFFFFFF
_NOWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104


def bridge(own: Message) -> Bridge:
    """IFLA_BR_*."""
    four, six = (own.get_attr(f"IFLA_BR_NF_CALL_{name}") for name in ("IPTABLES", "IP6TABLES"))
    return Bridge(
        id=_bridge_id(own.get_attr("IFLA_BR_BRIDGE_ID")),
        root_id=_bridge_id(own.get_attr("IFLA_BR_ROOT_ID")),
        stp=flag(own, "IFLA_BR_STP_STATE", otherwise=False),
        ageing_s=(own.get_attr("IFLA_BR_AGEING_TIME") or 0) / _USER_HZ,
        vlan_filtering=flag(own, "IFLA_BR_VLAN_FILTERING", otherwise=False),
        vlan_protocol=words.word(own.get_attr("IFLA_BR_VLAN_PROTOCOL") or _QTAG, words.VLAN_PROTOCOLS),
        nf_call_iptables=None if four is None else four != 0,
        nf_call_ip6tables=None if six is None else six != 0,
    )


def port(master: int, own: Message) -> BridgePort:
    """IFLA_BRPORT_*."""
    state, number, isolated = (own.get_attr(f"IFLA_BRPORT_{name}") for name in ("STATE", "NO", "ISOLATED"))
    return BridgePort(
        bridge=master,
        state=PortState(state) if state <= PortState.BLOCKING else PortState.DISABLED,
        cost=own.get_attr("IFLA_BRPORT_COST"),
        priority=own.get_attr("IFLA_BRPORT_PRIORITY"),
        number=None if number is None else number & 0x3FF,
        hairpin=flag(own, "IFLA_BRPORT_MODE", otherwise=False),
        isolated=None if isolated is None else isolated != 0,
        learning=flag(own, "IFLA_BRPORT_LEARNING", otherwise=True),
    )


def vxlan(own: Message) -> Vxlan:
    """IFLA_VXLAN_*."""
    return Vxlan(
        vni=own.get_attr("IFLA_VXLAN_ID") or 0,
        local=_somewhere(own.get_attr("IFLA_VXLAN_LOCAL") or own.get_attr("IFLA_VXLAN_LOCAL6")),
        remote=_somewhere(own.get_attr("IFLA_VXLAN_GROUP") or own.get_attr("IFLA_VXLAN_GROUP6")),
        port=own.get_attr("IFLA_VXLAN_PORT") or 0,
        learning=flag(own, "IFLA_VXLAN_LEARNING", otherwise=False),
        link=own.get_attr("IFLA_VXLAN_LINK") or None,
    )


def tun(own: Message) -> Tun:
    """IFLA_TUN_*."""
    owner, mode = own.get_attr("IFLA_TUN_OWNER"), own.get_attr("IFLA_TUN_TYPE")
    return Tun(
        mode="tun" if mode is None else words.word(mode, words.TUN_MODES),
        owner=None if owner == _NO_OWNER else owner,
        persist=flag(own, "IFLA_TUN_PERSIST", otherwise=False),
    )


def macvlan(own: Message) -> Macvlan:
    """IFLA_MACVLAN_*."""
    mode = own.get_attr("IFLA_MACVLAN_MODE")
    return Macvlan("vepa" if mode is None else str(mode))


def details(kind: str, own: Message) -> tuple[tuple[str, Detail], ...]:
    """Attributes of kinds without a type of their own."""
    found = ((name, own.get_attr(attribute), meaning) for name, attribute, meaning in _DETAILS.get(kind, ()))
    return tuple((name, meaning(value)) for name, value, meaning in found if value is not None)


def _bridge_id(told: Message) -> str:
    """pyroute2 reads the priority in the host's order; it is of network order."""
    priority, address = told["prio"].to_bytes(2, sys.byteorder).hex(), told["addr"].replace(":", "")
    return f"{priority}.{address}"


def _somewhere(address: str | None) -> str | None:
    return None if address in _NOWHERE else address


def _number(value: int) -> Detail:
    return value


def _in(table: Mapping[int, str]) -> Callable[[int], Detail]:
    return lambda value: words.word(value, table)


def _tunnel(prefix: str) -> tuple[tuple[str, str, Callable[[Any], Detail]], ...]:
    return (
        ("link", f"{prefix}_LINK", _number),
        ("local", f"{prefix}_LOCAL", _somewhere),
        ("remote", f"{prefix}_REMOTE", _somewhere),
        ("ttl", f"{prefix}_TTL", _number),
    )


_IPVLAN = (("mode", "IFLA_IPVLAN_MODE", _in(words.IPVLAN_MODES)),)
_DETAILS: Mapping[str, tuple[tuple[str, str, Callable[[Any], Detail]], ...]] = {
    "vlan": (("id", "IFLA_VLAN_ID", _number), ("protocol", "IFLA_VLAN_PROTOCOL", _in(words.VLAN_PROTOCOLS))),
    "ipvlan": _IPVLAN,
    "ipvtap": _IPVLAN,
    "vrf": (("table", "IFLA_VRF_TABLE", _number),),
    "geneve": (
        ("id", "IFLA_GENEVE_ID", _number),
        ("remote", "IFLA_GENEVE_REMOTE", _somewhere),
        ("ttl", "IFLA_GENEVE_TTL", _number),
        ("port", "IFLA_GENEVE_PORT", _number),
        ("remote", "IFLA_GENEVE_REMOTE6", _somewhere),
    ),
    "bond": (
        ("mode", "IFLA_BOND_MODE", _in(words.BOND_MODES)),
        ("active_slave", "IFLA_BOND_ACTIVE_SLAVE", _number),
        ("miimon", "IFLA_BOND_MIIMON", _number),
    ),
    "gre": _tunnel("IFLA_GRE"),
    "gretap": _tunnel("IFLA_GRE"),
    "ip6gre": _tunnel("IFLA_IP6GRE"),
    "ip6gretap": _tunnel("IFLA_IP6GRE"),
    "ipip": _tunnel("IFLA_IPIP"),
    "sit": _tunnel("IFLA_SIT"),
    "ip6tnl": _tunnel("IFLA_IP6TNL"),
}
