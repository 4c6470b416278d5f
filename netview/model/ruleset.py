"""The rules of nftables in one namespace, those that iptables wrote among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Hook = Literal["prerouting", "input", "forward", "output", "postrouting"]
ChainKey = tuple[str, str, str]
"""Family, table and name."""


class Payload(NamedTuple):
    """Bytes of the packet into a register."""

    register: int
    base: int
    """0 link layer, 1 network header, 2 transport header."""
    offset: int
    length: int


class Meta(NamedTuple):
    """What the kernel knows of the packet into a register (NFT_META_*)."""

    register: int
    key: int


class Conntrack(NamedTuple):
    """What the kernel knows of its connection into a register (NFT_CT_*)."""

    register: int
    key: int


class Fib(NamedTuple):
    """A route lookup into a register."""

    register: int
    result: int
    """1 link index, 2 link name, 3 address type."""
    flags: int
    """1 the source, 2 the destination, 4 mark, 8 in the link it came by, 16 in that it leaves by, 32 whether there is one."""


class Compare(NamedTuple):
    """A register against a value."""

    register: int
    operator: int
    """0 equal, 1 not, 2 less, 3 less or equal, 4 greater, 5 greater or equal."""
    value: bytes


class Range(NamedTuple):
    """A register against two values."""

    register: int
    inverted: bool
    first: bytes
    last: bytes


class Bitwise(NamedTuple):
    """A register and a mask, exclusively or-ed, into another one."""

    source: int
    register: int
    mask: bytes
    toggle: bytes


class Immediate(NamedTuple):
    """A value into a register."""

    register: int
    value: bytes


class Lookup(NamedTuple):
    """Whether a register is in a set; of a map what belongs to it goes into another one, or is the verdict."""

    register: int
    set: str
    inverted: bool
    target: int | None
    """0: the verdict."""


class Touch(NamedTuple):
    """An element that a rule puts into a set, renews or takes out."""

    set: str


class TouchIpSet(NamedTuple):
    """The target SET of iptables: sets of ipset that it puts the packet into, or takes it out of."""

    numbers: tuple[int, ...]


class SetMark(NamedTuple):
    """The packet's mark from a register."""

    register: int


class MarkBits(NamedTuple):
    """The target MARK of iptables: the bits of the mask are cleared, then those of the value turned."""

    value: int
    mask: int


class Judgement(NamedTuple):
    """How the walk goes on."""

    word: Literal["accept", "drop", "continue", "return", "jump", "goto", "queue", "reject", "stolen"]
    chain: str | None = None


class Translate(NamedTuple):
    """Another address or port for the connection."""

    kind: Literal["snat", "dnat", "masquerade", "redirect", "netmap"]
    """Of "netmap" the hook says whether it is the source or the destination."""
    address: bytes | int | None = None
    """A value, or the register that it is in; of several the first."""
    port: int | tuple[int, int] | None = None
    """The register that it is in, of several the first; or the first and the last."""
    last_address: bytes | int | None = None
    """None: there is but one."""
    last_port: int | None = None
    """The register that it is in; None: there is but one, or they are told already."""
    flags: int = 0
    """NF_NAT_RANGE_*: 4 and 16 ports at random, 8 the same for each source, 64 only the first bits of the address."""


class Passive(NamedTuple):
    """What counts, logs or notes, and lets the packet go on."""

    name: str


class Counter(NamedTuple):
    """What has come to this part of a rule; of rules that are kept between two looks as of the first."""

    packets: int


class Limit(NamedTuple):
    """Whether there is room in a bucket, which holds some packets at first."""

    burst: int | None
    """Packets that pass before any time has; None: it counts bytes."""
    inverted: bool
    words: str
    """As nft writes it: "5/minute"."""


class Recent(NamedTuple):
    """The match recent of iptables: a list of addresses and of when they were seen."""

    name: str
    action: Literal["set", "check", "update", "remove"]
    seconds: int
    """0: whenever it was."""
    hits: int
    """0: once."""
    inverted: bool
    source: bool
    """Whether the packet's source is meant, else its destination."""
    mask: bytes
    same_ttl: bool = False


class Addresses(NamedTuple):
    """The match iprange of iptables; None: that side may be any."""

    source: tuple[bytes, bytes] | None
    destination: tuple[bytes, bytes] | None
    inverted: int
    """1 the source's, 2 the destination's."""


class IpSet(NamedTuple):
    """The match set of iptables: whether the packet is in one of ipset's sets."""

    number: int
    """That of the set in its namespace (ip_set_id_t)."""
    dimensions: int
    sides: int
    """2, 4, 8: of the first, second, third dimension the source counts, or the link it came by, else the other one."""
    inverted: bool


class Ports(NamedTuple):
    """The match tcp or udp of iptables."""

    protocol: int
    source: tuple[int, int]
    destination: tuple[int, int]
    inverted: int
    """1 the source's, 2 the destination's."""
    flags: tuple[int, int] = (0, 0)
    """Mask and value of TCP's flags."""


class Multiport(NamedTuple):
    """The match multiport of iptables."""

    which: Literal["source", "destination", "either"]
    ranges: tuple[tuple[int, int], ...]
    inverted: bool


class AddressType(NamedTuple):
    """The match addrtype of iptables: bits by RTN_*."""

    source: int
    destination: int
    flags: int
    """1 source inverted, 2 destination inverted, 4 in the link it came by, 8 in the link it leaves by."""


class ConnectionState(NamedTuple):
    """The match conntrack or state of iptables: 1 invalid, 2 established, 4 related, 8 new; others."""

    states: int
    inverted: bool


class Mark(NamedTuple):
    """The match mark of iptables."""

    mark: int
    mask: int
    inverted: bool


class Icmp(NamedTuple):
    """The match icmp or icmp6 of iptables."""

    type: int
    """255: any."""
    codes: tuple[int, int]
    inverted: bool


class Opaque(NamedTuple):
    """What netview does not know."""

    name: str
    acts: bool = False
    """Whether it may end the packet's way, or change it."""


Expression = (
    Payload
    | Meta
    | Conntrack
    | Fib
    | Compare
    | Range
    | Bitwise
    | Immediate
    | Lookup
    | Touch
    | TouchIpSet
    | SetMark
    | MarkBits
    | Judgement
    | Translate
    | Passive
    | Counter
    | Limit
    | Recent
    | Addresses
    | IpSet
    | Ports
    | Multiport
    | AddressType
    | ConnectionState
    | Mark
    | Icmp
    | Opaque
)


class Element(NamedTuple):
    """What a set says of a key."""

    found: bool
    value: bytes | None = None
    """Of a map."""
    verdict: Judgement | None = None
    """Of a map of verdicts."""


class Remembered(NamedTuple):
    """What a list of the match recent says of an address."""

    stamps: int | None
    """How often it was seen; None: it is not in the list."""


class Membership(NamedTuple):
    """Whether a packet is in one of ipset's sets; None: it cannot be told."""

    found: bool | None


class NftRule(NamedTuple):
    """One rule."""

    handle: int
    expressions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain and its rules."""

    family: str
    table: str
    name: str
    hook: Hook | str | None = None
    """None: other chains jump to it."""
    priority: int = 0
    policy: str = "accept"
    type: str = "filter"
    rules: tuple[NftRule, ...] = ()
    legacy: bool = False
    """Whether iptables-legacy keeps it; its rules have their number in place of a handle."""


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """All chains of a namespace."""

    chains: Mapping[ChainKey, Chain] = field(default_factory=dict)
    sets: Mapping[ChainKey, int] = field(default_factory=dict)
    """Bytes of the keys of each set."""
    legacy: frozenset[str] = frozenset()
    """Families that have tables of iptables' own kind, which are not read: "ip", "ip6"."""
    generation: int | None = None
    """Counts changes of nftables' rules; None: there are none to change."""
