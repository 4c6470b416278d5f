"""What a path, or the doctor, asks for beyond the snapshot, and the answers; who answers is no matter of the path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from netview.derive.path.routing import Lookup
from netview.model import Flow, NamespaceId, Packet, Route, Sockets
from netview.model.connection import Connection
from netview.model.host_facts import HostFacts
from netview.model.policy import Policy
from netview.model.ruleset import ChainKey, Element, IpSet, Membership, NftRule, Remembered, Ruleset


@dataclass(frozen=True, slots=True)
class AskRoute:
    """The kernel's own answer to a lookup (RTM_GETROUTE)."""

    namespace: NamespaceId
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class AskSettings:
    """Some of a namespace's sysctls, as paths below /proc/sys/net: "ipv4/conf/eth0/forwarding"."""

    namespace: NamespaceId
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskSockets:
    """What listens in a namespace."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskRuleset:
    """All rules of a namespace."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskRevision:
    """Which state the rules of a namespace are in."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskElement:
    """Whether a key is in a set of nftables, and what belongs to it."""

    namespace: NamespaceId
    set: ChainKey
    key: bytes


@dataclass(frozen=True, slots=True)
class AskRule:
    """One rule of nftables as it is now, with what it has counted."""

    namespace: NamespaceId
    chain: ChainKey
    handle: int


@dataclass(frozen=True, slots=True)
class AskRecent:
    """What a list of the match recent says of an address."""

    namespace: NamespaceId
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class AskMember:
    """Whether a packet is in one of ipset's sets."""

    namespace: NamespaceId
    match: IpSet
    packet: Packet


@dataclass(frozen=True, slots=True)
class AskPrograms:
    """What else looks at the packets of a link: XDP, tc."""

    namespace: NamespaceId
    ifindex: int


@dataclass(frozen=True, slots=True)
class AskAttached:
    """Which links of a namespace have XDP, tc or tcx programs."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskPolicies:
    """The policies of IPsec in a namespace."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskControlled:
    """Which programs on a process's control group look at its packets (BPF_PROG_QUERY)."""

    namespace: NamespaceId
    pid: int | None
    """None: whoever would send from there, which at home is this process itself, elsewhere the oldest one."""


@dataclass(frozen=True, slots=True)
class AskTracked:
    """The UDP connections that a namespace keeps track of."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskConnections:
    """The connections that a namespace keeps track of and that begin as a flow does."""

    namespace: NamespaceId
    flow: Flow


@dataclass(frozen=True, slots=True)
class AskBacklog:
    """What became of packets that the machine's processors took from devices."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskManaged:
    """Which links systemd-networkd configures."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskChecksums:
    """Whether a link leaves the checksums of what it sends to hardware."""

    namespace: NamespaceId
    ifindex: int


@dataclass(frozen=True, slots=True)
class AskCounters:
    """What a namespace's stack counts of what goes wrong."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskQueues:
    """The queueing disciplines of a namespace's links, and what they dropped."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskVlans:
    """The VLANs of a namespace's bridges and their ports."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class AskBelieved:
    """The files by which a namespace's containers look for names, each container by its oldest process."""

    namespace: NamespaceId


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """Where the kernel would send it."""

    resolved: Route | int
    """For this packet; the errno where it would send it nowhere."""
    matched: Route | int
    """The entry that matched (RTM_F_FIB_MATCH); the errno where none did."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Values of sysctls."""

    values: Mapping[str, int | None] = field(default_factory=dict)
    """None: this kernel has no such sysctl, or no such link."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A state of rules, which others may be told from; of iptables-legacy only which tables there are."""

    generation: int | None
    """Counts changes of nftables' rules; None: there are none to change."""
    legacy: frozenset[tuple[str, str]]
    """Families and tables."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Each in a few words: "XDP program 12", "tc ingress filter bpf"."""

    attached: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attached:
    """Programs by ifindex, in the same words; a link that is absent has none."""

    by_link: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Policies:
    """Policies of IPsec, the first to be looked at first."""

    entries: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Tracked:
    """Connections that are kept track of."""

    entries: tuple[Connection, ...]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Packets since the machine started, all processors together."""

    processed: int
    dropped: int
    """Those for which the queue had no room (netdev_max_backlog)."""
    squeezed: int = 0
    """How often there was more to do than time for it (netdev_budget)."""


@dataclass(frozen=True, slots=True)
class Managed:
    """Links that somebody configures."""

    ifindexes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Checksums:
    """Who makes the checksums of what a link sends."""

    by_hardware: bool


@dataclass(frozen=True, slots=True)
class Counters:
    """Counters of a stack at one moment; one that this kernel does not have, or not here, is absent."""

    at: float
    """Monotonic seconds."""
    values: Mapping[str, int]
    """By the kernel's group and name: "TcpExt/IPReversePathFilter"."""


class Queue(NamedTuple):
    """A queueing discipline of a link."""

    ifindex: int
    kind: str
    handle: int
    """Its major and minor number, as one."""
    dropped: int


@dataclass(frozen=True, slots=True)
class Queues:
    """Queueing disciplines, in the kernel's order."""

    at: float
    """Monotonic seconds."""
    entries: tuple[Queue, ...]


class PortVlan(NamedTuple):
    """VLANs, one after the other, that a port or a bridge itself is in."""

    first: int
    last: int
    pvid: bool
    """Whether it is that of frames which come without a tag."""
    untagged: bool
    """Whether its frames leave without one."""


@dataclass(frozen=True, slots=True)
class Vlans:
    """The VLANs of ports and bridges; a link that is absent is in none."""

    by_link: Mapping[int, tuple[PortVlan, ...]]


@dataclass(frozen=True, slots=True)
class Believed:
    """What containers see as their host's files."""

    by_process: Mapping[int, HostFacts]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why there is no answer."""

    reason: str


Question = (
    AskRoute
    | AskSettings
    | AskSockets
    | AskRuleset
    | AskRevision
    | AskElement
    | AskRule
    | AskRecent
    | AskMember
    | AskPrograms
    | AskAttached
    | AskPolicies
    | AskControlled
    | AskTracked
    | AskConnections
    | AskBacklog
    | AskManaged
    | AskChecksums
    | AskCounters
    | AskQueues
    | AskVlans
    | AskBelieved
)
Answer = (
    RouteAnswer
    | Settings
    | Sockets
    | Ruleset
    | Revision
    | Element
    | NftRule
    | Remembered
    | Membership
    | Programs
    | Attached
    | Policies
    | Tracked
    | Backlog
    | Managed
    | Checksums
    | Counters
    | Queues
    | Vlans
    | Believed
    | Unanswered
)
"""What answers them."""
