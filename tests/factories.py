"""Small worlds made by hand, for tests that need no kernel."""

from collections.abc import Iterable, Mapping
from typing import Any

from netview.derive.build import build
from netview.model import (
    Address,
    Bridge,
    BridgePort,
    Container,
    Family,
    FdbEntry,
    Found,
    FoundBy,
    Link,
    LinkFlag,
    LinkKey,
    LinkStats,
    NamespaceId,
    Neighbour,
    NeighbourState,
    OperState,
    Owner,
    PortState,
    Process,
    PublishedPort,
    Route,
    Rule,
    Runtime,
    Sample,
    Snapshot,
    Tables,
    Vxlan,
)

HOME, NGINX_1, NGINX_2, OVERLAY = (NamespaceId(i) for i in ("c1", "c2", "c3", "c4"))
UPLINK, DOCKER0 = LinkKey(HOME, 2), LinkKey(HOME, 3)
VETH_1, VETH_2 = LinkKey(HOME, 7), LinkKey(HOME, 9)
ETH0_1, ETH0_2 = LinkKey(NGINX_1, 6), LinkKey(NGINX_2, 8)
HOSTILE = "e\x1b[2J[/red]\u202eb"

_UP = LinkFlag.UP | LinkFlag.BROADCAST | LinkFlag.RUNNING | LinkFlag.MULTICAST | LinkFlag.LOWER_UP
_LO_UP = LinkFlag.UP | LinkFlag.LOOPBACK | LinkFlag.RUNNING | LinkFlag.LOWER_UP


def stats(rx_bytes: int = 0, tx_bytes: int = 0, **others: int) -> LinkStats:
    """Counters that are 0 where nothing is said; packets of 1,000 bytes."""
    zero = LinkStats(*([0] * len(LinkStats._fields)))
    values = {"rx_packets": rx_bytes // 1000, "tx_packets": tx_bytes // 1000} | others
    return zero._replace(rx_bytes=rx_bytes, tx_bytes=tx_bytes, **values)


def a_link(ifindex: int, name: str, kind: str = "veth", **others: object) -> Link:
    """A link that is up."""
    values: dict[str, object] = {
        "flags": _LO_UP if kind == "loopback" else _UP,
        "operstate": OperState.UNKNOWN if kind == "loopback" else OperState.UP,
        "carrier": True,
        "mtu": 65536 if kind == "loopback" else 1500,
        "txqlen": 1000,
        "address": "00:00:00:00:00:00" if kind == "loopback" else f"02:42:ac:11:00:{ifindex:02x}",
        "broadcast": "00:00:00:00:00:00" if kind == "loopback" else "ff:ff:ff:ff:ff:ff",
        "hardware_type": 772 if kind == "loopback" else 1,
        "qdisc": "noqueue",
    }
    return Link(ifindex, name, kind, **(values | others))  # type: ignore[arg-type]


def an_address(ifindex: int, cidr: str, scope: str = "global") -> Address:
    address, _, length = cidr.partition("/")
    family = Family.INET6 if ":" in address else Family.INET
    return Address(ifindex, family, address, int(length), scope)


def a_route(dst: str, oif: int, gateway: str | None = None, **others: object) -> Route:
    values: dict[str, object] = {"table": "main", "type": "unicast", "protocol": "boot", "scope": "global" if gateway else "link"}
    return Route(Family.INET, dst=dst, oif=oif, gateway=gateway, **(values | others))  # type: ignore[arg-type]


RULES = tuple(
    Rule(Family.INET, priority, "all", "all", None, None, None, "lookup", table)
    for priority, table in ((0, "local"), (32766, "main"), (32767, "default"))
)


def tables(links: Iterable[Link], **others: object) -> Tables:
    values: dict[str, object] = {"rules": RULES}
    return Tables(links={link.ifindex: link for link in links}, **(values | others))  # type: ignore[arg-type]


def found(namespace: NamespaceId, *processes: Process, **others: object) -> Found:
    sources = frozenset({FoundBy.PROCESS} if processes else {FoundBy.MOUNT})
    values: dict[str, object] = {"inode": 4026530000 + int(namespace[1:]), "sources": sources, "processes": processes}
    return Found(namespace, **(values | others))  # type: ignore[arg-type]


def a_sample(
    found: Mapping[NamespaceId, Found],
    tables: Mapping[NamespaceId, Tables],
    counters: Mapping[LinkKey, LinkStats],
    *,
    at: float = 0.0,
    containers: tuple[Container, ...] = (),
    **others: object,
) -> Sample:
    """A sample taken `at` seconds after the first."""
    values: dict[str, object] = {"kernel": "6.18.0", "hostname": "lab-vm", "user": "root", "home": HOME, "hardware": {}}
    return Sample(
        taken_at=1_800_000_000.0 + at,
        found=found,
        tables=tables,
        counters=counters,
        read_at=dict.fromkeys(counters, 100.0 + at),
        containers=containers,
        **(values | others),  # type: ignore[arg-type]
    )


_PORT = BridgePort(3, PortState.FORWARDING, cost=2, priority=32, number=1, hairpin=False, isolated=False, learning=True)
_BRIDGE = Bridge("8000.0242d8e4dfc1", "8000.0242d8e4dfc1", stp=False, ageing_s=300.0, vlan_filtering=False)


def _host() -> Tables:
    plugged: dict[str, Any] = {"master": 3, "port": _PORT, "port_kind": "bridge"}
    return tables(
        [
            a_link(1, "lo", "loopback"),
            a_link(2, "eth0", "device"),
            a_link(3, "docker0", "bridge", bridge=_BRIDGE, address="02:42:d8:e4:df:c1"),
            a_link(7, "veth9c02e56", link=6, link_nsid=0, address="52:81:0b:24:3d:da", **plugged),
            a_link(9, "veth5a5cdcf", link=8, link_nsid=1, address="52:81:0b:24:3d:db", **plugged),
        ],
        addresses=(
            an_address(1, "127.0.0.1/8", "host"),
            an_address(2, "203.0.113.7/24"),
            an_address(3, "172.17.0.1/16"),
            an_address(3, "fe80::42:d8ff:fee4:dfc1/64", "link"),
        ),
        routes=(
            a_route("default", 2, "203.0.113.1", metric=100),
            a_route("172.17.0.0/16", 3, protocol="kernel", prefsrc="172.17.0.1"),
        ),
        neighbours=(Neighbour(3, Family.INET, "172.17.0.2", "02:42:ac:11:00:02", NeighbourState.REACHABLE),),
        fdb=(
            FdbEntry(7, 3, "02:42:ac:11:00:06", None, None, "", ("master",)),
            FdbEntry(7, 3, "52:81:0b:24:3d:da", None, None, "permanent", ("master",)),
        ),
        nsids={0: NGINX_1, 1: NGINX_2},
    )


def _inside(eth0: LinkKey, name: str, far: LinkKey, address: str) -> Tables:
    ifindex = eth0.ifindex
    return tables(
        [a_link(1, "lo", "loopback"), a_link(ifindex, name, link=far.ifindex, link_nsid=0)],
        addresses=(an_address(1, "127.0.0.1/8", "host"), an_address(ifindex, address)),
        routes=(a_route("default", ifindex, "172.17.0.1"), a_route("172.17.0.0/16", ifindex, protocol="kernel")),
        neighbours=(Neighbour(ifindex, Family.INET, "172.17.0.1", "02:42:d8:e4:df:c1", NeighbourState.STALE),),
        nsids={0: HOME},
    )


def _overlay() -> Tables:
    tunnel = Vxlan(4097, None, "192.0.2.8", 4789, learning=True, link=None)
    return tables(
        [
            a_link(1, "lo", "loopback"),
            a_link(2, "br0", "bridge", bridge=_BRIDGE),
            a_link(5, "vxlan0", "vxlan", master=2, port=_PORT, port_kind="bridge", link_nsid=0, vxlan=tunnel),
        ],
        fdb=(FdbEntry(5, None, "02:42:0a:00:01:03", None, "192.0.2.8", "permanent", ("self",)),),
        nsids={0: HOME},
    )


def _docker(id_: str, name: str, pid: int, *ports: PublishedPort) -> Container:
    return Container(Owner(Runtime.DOCKER, id_ * 64, name, networks=("bridge",), ports=ports), pid=pid)


def docker_sample(at: float = 0.0, rate: int = 1_000_000, hostile: bool = False) -> Sample:
    """docker0 with nginx-1 (receives `rate` bytes/s) and nginx-2, an uplink, and an overlay without processes."""
    container, eth0, comm = (HOSTILE, HOSTILE, HOSTILE) if hostile else ("nginx-1", "eth0", "nginx")
    contents = {
        HOME: _host(),
        NGINX_1: _inside(ETH0_1, eth0, VETH_1, "172.17.0.2/16"),
        NGINX_2: _inside(ETH0_2, eth0, VETH_2, "172.17.0.3/16"),
        OVERLAY: _overlay(),
    }
    received = int(5_000_000 + rate * at)
    counters = {LinkKey(ns, ifindex): stats() for ns, content in contents.items() for ifindex in content.links}
    counters |= {
        VETH_1: stats(20_000, received),
        ETH0_1: stats(received, 20_000),
        DOCKER0: stats(20_000, received),
        UPLINK: stats(9_000_000, 4_000),
    }
    everyone = {
        HOME: found(HOME, Process(1, "systemd"), Process(40, "dockerd")),
        NGINX_1: found(NGINX_1, Process(201, comm)),
        NGINX_2: found(NGINX_2, Process(301, "nginx")),
        OVERLAY: found(OVERLAY, paths=("/run/netns/1-qij8tlp3w5",), names=("1-qij8tlp3w5",)),
    }
    published = PublishedPort("203.0.113.7", 8080, 80, "tcp")
    docker = (_docker("a", container, 201, published), _docker("b", "nginx-2", 301))
    return a_sample(everyone, contents, counters, at=at, containers=docker)


def docker_snapshot(ticks: int = 2, *, rate: int = 1_000_000, hostile: bool = False) -> Snapshot:
    """The docker world after `ticks` samples a second apart."""
    before, snapshot = None, None
    for tick in range(ticks):
        sample = docker_sample(float(tick), rate, hostile)
        before, snapshot = sample, build(sample, before, snapshot)
    assert snapshot is not None
    return snapshot
