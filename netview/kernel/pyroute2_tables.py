"""Addresses, routes, rules, neighbours and forwarding entries, from pyroute2's words."""

from netview.decode import words
from netview.kernel.pyroute2_message import Message, text
from netview.model import Address, Family, FdbEntry, Neighbour, NeighbourState, NextHop, Route, Rule

_RTM_F_CLONED, _RTNH_FLAGS = 0x200, 0xFF
_NTF_ROUTER, _FIB_RULE_INVERT = 0x80, 0x2
_FAMILIES = {Family.INET.value: Family.INET, Family.INET6.value: Family.INET6}


def address(message: Message) -> Address | None:
    """RTM_NEWADDR; None for families other than IPv4 and IPv6."""
    family = _FAMILIES.get(message["family"])
    if family is None:
        return None
    attribute = message.get_attr
    far, own, flags = attribute("IFA_ADDRESS"), attribute("IFA_LOCAL"), attribute("IFA_FLAGS")
    return Address(
        ifindex=message["index"],
        family=family,
        address=own or far,
        prefixlen=message["prefixlen"],
        scope=words.word(message["scope"], words.SCOPES),
        peer=far if own and own != far else None,
        broadcast=attribute("IFA_BROADCAST"),
        label=text(attribute("IFA_LABEL")),
        flags=message["flags"] if flags is None else flags,
    )


def route(message: Message) -> Route | None:
    """RTM_NEWROUTE; None for cached exceptions."""
    if message["flags"] & _RTM_F_CLONED:
        return None
    attribute = message.get_attr
    metrics, table = attribute("RTA_METRICS"), attribute("RTA_TABLE")
    return Route(
        family=Family(message["family"]),
        table=words.word(message["table"] if table is None else table, words.TABLES),
        type=words.word(message["type"], words.ROUTE_TYPES),
        protocol=words.word(message["proto"], words.PROTOCOLS),
        scope=words.word(message["scope"], words.SCOPES),
        dst=_prefix(attribute("RTA_DST"), message["dst_len"], "default"),
        prefsrc=attribute("RTA_PREFSRC"),
        gateway=_gateway(message),
        oif=attribute("RTA_OIF"),
        metric=attribute("RTA_PRIORITY"),
        nexthops=tuple(
            NextHop(_gateway(hop), hop["oif"] or None, hop["hops"] + 1, hop["flags"]) for hop in attribute("RTA_MULTIPATH") or ()
        ),
        src=_prefix(attribute("RTA_SRC"), message["src_len"], "default") if message["src_len"] else None,
        tos=message["tos"],
        flags=message["flags"] & _RTNH_FLAGS,
        mtu=metrics and metrics.get_attr("RTAX_MTU"),
    )


def rule(message: Message) -> Rule:
    """RTM_NEWRULE."""
    attribute = message.get_attr
    table, mark, mask = (attribute(f"FRA_{name}") for name in ("TABLE", "FWMARK", "FWMASK"))
    number = message["table"] if table is None else table
    return Rule(
        family=Family(message["family"]),
        priority=attribute("FRA_PRIORITY") or 0,
        src=_prefix(attribute("FRA_SRC"), message["src_len"], "all"),
        dst=_prefix(attribute("FRA_DST"), message["dst_len"], "all"),
        iif=text(attribute("FRA_IIFNAME")),
        oif=text(attribute("FRA_OIFNAME")),
        fwmark=words.fwmark(mark or 0, (0xFFFFFFFF if mark else 0) if mask is None else mask),
        action=words.word(message["action"], words.RULE_ACTIONS),
        table=words.word(number, words.TABLES) if number else None,
        inverted=bool(message["flags"] & _FIB_RULE_INVERT),
        tos=message["tos"],
        protocol=attribute("FRA_IP_PROTO"),
        source_ports=_range(attribute("FRA_SPORT_RANGE")),
        ports=_range(attribute("FRA_DPORT_RANGE")),
        uids=_range(attribute("FRA_UID_RANGE")),
        target=attribute("FRA_GOTO"),
        suppress_prefixlength=_limit(attribute("FRA_SUPPRESS_PREFIXLEN")),
        suppress_ifgroup=_limit(attribute("FRA_SUPPRESS_IFGROUP")),
        l3mdev=bool(attribute("FRA_L3MDEV")),
        others=_others(message),
    )


def neighbour(message: Message) -> Neighbour | None:
    """RTM_NEWNEIGH; None where it says nothing about an address."""
    ip = message.get_attr("NDA_DST")
    return ip and Neighbour(
        ifindex=message["ifindex"],
        family=Family(message["family"]),
        ip=ip,
        mac=message.get_attr("NDA_LLADDR") or None,
        state=NeighbourState(message["state"]),
        router=bool(message["flags"] & _NTF_ROUTER),
    )


def fdb_entry(message: Message) -> FdbEntry | None:
    """RTM_NEWNEIGH of AF_BRIDGE; None where it says nothing about a MAC."""
    attribute = message.get_attr
    mac = attribute("NDA_LLADDR")
    return mac and FdbEntry(
        ifindex=message["ifindex"],
        bridge=attribute("NDA_MASTER"),
        mac=mac,
        vlan=attribute("NDA_VLAN"),
        dst=attribute("NDA_DST"),
        state=words.fdb_state(message["state"]),
        flags=tuple(name for bit, name in words.FDB_FLAGS if message["flags"] & bit),
    )


def _prefix(told: str | None, length: int, everything: str) -> str:
    return f"{told}/{length}" if told and length else everything


def _gateway(message: Message) -> str | None:
    via = message.get_attr("RTA_VIA")
    gateway: str | None = message.get_attr("RTA_GATEWAY") if via is None else via["addr"]
    return gateway


def _range(told: str | None) -> tuple[int, int] | None:
    if told is None:
        return None
    first, _, last = told.partition(":")
    return int(first), int(last)


def _others(message: Message) -> tuple[int, ...]:
    # pyroute2 hands over no payload of what it does not know, and port masks are there for every single port.
    kinds = {told["header"]["type"] for told in message.get_attrs("UNKNOWN")} - {28, 29}
    return tuple(sorted(kinds))


def _limit(told: int | None) -> int | None:
    """-1, where nothing is suppressed, without its sign."""
    return None if told == 0xFFFFFFFF else told
