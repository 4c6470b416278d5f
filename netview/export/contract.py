"""The types of the JSON contract "netview.snapshot/1": every key but sockets and facts is always there, null is unknown."""

from typing import NotRequired, TypedDict


class AddressJson(TypedDict):
    """An address of a link."""

    family: str
    address: str
    prefixlen: int
    scope: str


class EndJson(TypedDict):
    """A peer or a lower; a null namespace cannot be seen."""

    namespace: str | None
    nsid: int | None
    ifindex: int
    name: str | None


class BridgeJson(TypedDict):
    """What a bridge adds to a link."""

    id: str
    root_id: str
    stp: bool
    ageing_s: float
    vlan_filtering: bool


class PortJson(TypedDict):
    """A link as port of the bridge with this ifindex."""

    bridge: int
    state: str
    cost: int
    priority: int
    hairpin: bool
    isolated: bool | None
    learning: bool


class VxlanJson(TypedDict):
    """A VXLAN tunnel end."""

    vni: int
    local: str | None
    remote: str | None
    port: int
    learning: bool


class TunJson(TypedDict):
    """A tun or tap device."""

    mode: str
    owner: int | None
    persist: bool


class MacvlanJson(TypedDict):
    """A macvlan or macvtap."""

    mode: str


class LinkJson(TypedDict):
    """A link; `stats` has the fields of struct rtnl_link_stats64."""

    ifindex: int
    name: str
    altnames: list[str]
    alias: str | None
    kind: str
    flags: list[str]
    operstate: str
    carrier: bool | None
    mtu: int
    txqlen: int | None
    address: str | None
    addresses: list[AddressJson]
    master: int | None
    peer: EndJson | None
    lower: EndJson | None
    stats: dict[str, int | None] | None
    bridge: BridgeJson | None
    port: PortJson | None
    vxlan: VxlanJson | None
    tun: TunJson | None
    macvlan: MacvlanJson | None


class PodJson(TypedDict):
    """A Kubernetes pod."""

    namespace: str
    name: str


class PublishedPortJson(TypedDict):
    """A published port; a null host_port is exposed only."""

    host_address: str | None
    host_port: int | None
    port: int
    protocol: str


class OwnerJson(TypedDict):
    """Whose a namespace is."""

    runtime: str
    id: str
    name: str
    pod: PodJson | None
    networks: list[str]
    ports: list[PublishedPortJson]


class ClaimJson(TypedDict):
    """What an engine says that the kernel does not bear out, and the process that listens on its socket."""

    name: str
    id: str
    runtime: str
    socket: str
    pid: int
    uid: int


class ProcessJson(TypedDict):
    """A process inside a namespace."""

    pid: int
    comm: str


class UnknownJson(TypedDict):
    """A field that could not be read."""

    field: str
    reason: str


class NextHopJson(TypedDict):
    """One way of a multipath route."""

    gateway: str | None
    dev: str | None
    oif: int | None
    weight: int


class RouteJson(TypedDict):
    """A route; `dst` is "default" or CIDR."""

    family: str
    table: str
    type: str
    protocol: str
    scope: str
    dst: str
    prefsrc: str | None
    gateway: str | None
    dev: str | None
    oif: int | None
    metric: int | None
    nexthops: list[NextHopJson]


class RuleJson(TypedDict):
    """A policy rule; `src` and `dst` are "all" or CIDR."""

    family: str
    priority: int
    src: str
    dst: str
    iif: str | None
    oif: str | None
    fwmark: str | None
    action: str
    table: str | None


class NeighbourJson(TypedDict):
    """An ARP or NDP entry."""

    ifindex: int
    dev: str | None
    ip: str
    mac: str | None
    state: str


class FdbJson(TypedDict):
    """A forwarding entry of a bridge or a VXLAN device."""

    ifindex: int
    dev: str | None
    bridge: int | None
    mac: str
    vlan: int | None
    dst: str | None
    state: str
    flags: list[str]


class SocketJson(TypedDict):
    """A socket; addresses as `ss` writes them, a null remote is none, a null pid nobody in the namespace or not known."""

    protocol: str
    local: str
    remote: str | None
    state: str
    pid: int | None
    comm: str | None


class UserNamespaceJson(TypedDict):
    """A user namespace below the one that netview is in; a null parent is that one."""

    inode: int
    owner_uid: int
    parent: "UserNamespaceJson | None"


class NestedJson(UserNamespaceJson):
    """The one that a namespace was made in; `within` are those made in the nearest one around it."""

    within: list[str]


class HostLineJson(TypedDict):
    """A line of /etc/hosts."""

    address: str
    names: list[str]


class FactsJson(TypedDict):
    """What a container believes of its host (/etc/hostname, resolv.conf, hosts as its process sees them)."""

    pid: int
    comm: str
    hostname: str | None
    nameservers: list[str] | None
    search: list[str] | None
    options: list[str] | None
    hosts: list[HostLineJson] | None
    unknown: list[UnknownJson]


class NamespaceJson(TypedDict):
    """A namespace with all its tables; links of a kind without a type here have one more key, named after the kind."""

    id: str
    inode: int | None
    home: bool
    label: str
    names: list[str]
    paths: list[str]
    sources: list[str]
    owners: list[OwnerJson]
    claims: list[ClaimJson]
    user_namespace: NestedJson | None
    processes: list[ProcessJson]
    error: str | None
    unknown: list[UnknownJson]
    links: list[LinkJson | dict[str, object]]
    routes: list[RouteJson]
    rules: list[RuleJson]
    neighbours: list[NeighbourJson]
    fdb: list[FdbJson]
    sockets: NotRequired[list[SocketJson] | None]
    """Only where they were asked for."""
    facts: NotRequired[list[FactsJson]]
    """The same: one for each container, by its oldest process."""


class SnapshotJson(TypedDict):
    """One moment."""

    schema: str
    taken_at: str
    kernel: str
    hostname: str
    home: str
    namespaces: list[NamespaceJson]
