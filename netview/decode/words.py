"""iproute2's words for the kernel's numbers; a number without a word is itself, as text."""

from collections.abc import Mapping

SCOPES: Mapping[int, str] = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
TABLES: Mapping[int, str] = {253: "default", 254: "main", 255: "local"}
ROUTE_TYPES: Mapping[int, str] = {
    0: "none",
    1: "unicast",
    2: "local",
    3: "broadcast",
    4: "anycast",
    5: "multicast",
    6: "blackhole",
    7: "unreachable",
    8: "prohibit",
    9: "throw",
    10: "nat",
    11: "xresolve",
}
PROTOCOLS: Mapping[int, str] = {
    0: "unspec",
    1: "redirect",
    2: "kernel",
    3: "boot",
    4: "static",
    8: "gated",
    9: "ra",
    10: "mrt",
    11: "zebra",
    12: "bird",
    13: "dnrouted",
    14: "xorp",
    15: "ntk",
    16: "dhcp",
    18: "keepalived",
    42: "babel",
    84: "ovn",
    99: "openr",
    186: "bgp",
    187: "isis",
    188: "ospf",
    189: "rip",
    192: "eigrp",
}
RULE_ACTIONS: Mapping[int, str] = {1: "lookup", 2: "goto", 3: "nop", 6: "blackhole", 7: "unreachable", 8: "prohibit"}
FDB_FLAGS: tuple[tuple[int, str], ...] = (
    (0x02, "self"),
    (0x80, "router"),
    (0x10, "extern_learn"),
    (0x20, "offload"),
    (0x04, "master"),
    (0x40, "sticky"),
)
MACVLAN_MODES: Mapping[int, str] = {1: "private", 2: "vepa", 4: "bridge", 8: "passthru", 16: "source"}
IPVLAN_MODES: Mapping[int, str] = {0: "l2", 1: "l3", 2: "l3s"}
IPVLAN_FLAGS: Mapping[int, str] = {0: "bridge", 1: "private", 2: "vepa"}
BOND_MODES: Mapping[int, str] = {
    0: "balance-rr",
    1: "active-backup",
    2: "balance-xor",
    3: "broadcast",
    4: "802.3ad",
    5: "balance-tlb",
    6: "balance-alb",
}
TUN_MODES: Mapping[int, str] = {1: "tun", 2: "tap"}
NETKIT_MODES: Mapping[int, str] = {0: "l2", 1: "l3"}
VLAN_PROTOCOLS: Mapping[int, str] = {0x8100: "802.1Q", 0x88A8: "802.1ad"}


def word(number: int, words: Mapping[int, str]) -> str:
    """The word for a number, or the number as text."""
    found = words.get(number)
    return str(number) if found is None else found


def fdb_state(state: int) -> str:
    """What `bridge fdb` prints for an NUD_* state: nothing for a fresh, learned entry."""
    for bit, name in ((0x80, "permanent"), (0x40, "static"), (0x04, "stale"), (0x02, "")):
        if state & bit:
            return name
    return f"state={state:#x}"


def fwmark(mark: int, mask: int) -> str | None:
    """The mark that a rule looks for, "0x1" or "0x1/0xff" where not all bits count; None: it does not look."""
    if mark == 0 and mask == 0:
        return None
    return f"{mark:#x}" if mask == 0xFFFFFFFF else f"{mark:#x}/{mask:#x}"
