"""Each check: what provokes it, and what almost does."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv6Address
from typing import Any

import pytest

from netview.derive.doctor.checks import CHECKS
from netview.derive.path.questions import Backlog, PortVlan, Queue, Tracked, Unanswered
from netview.model import (
    Container,
    FdbEntry,
    FoundBy,
    LinkFlag,
    LinkKey,
    LinkStats,
    Neighbour,
    NeighbourState,
    Owner,
    PortState,
    PublishedPort,
    Runtime,
    Sockets,
    Unknown,
)
from netview.model.connection import Connection, Ends
from netview.model.enums import Family, OperState
from netview.model.finding import Finding, NotLooked
from netview.model.host_facts import HostFacts
from netview.model.link import Macvlan, Vxlan
from netview.model.route import Rule
from netview.model.ruleset import (
    Chain,
    Compare,
    ConnectionState,
    Element,
    Expression,
    Fib,
    Immediate,
    Judgement,
    Lookup,
    Meta,
    NftRule,
    Opaque,
    Payload,
    Ports,
    Ruleset,
    Translate,
)
from netview.model.socket import Socket, SocketState
from tests.derive.doctor.ailing import ANY_PORT, HEALTHY, HTTP, MASQUERADE, TO_NGINX, World, chain, chains
from tests.factories import (
    DOCKER0,
    ETH0_1,
    ETH0_2,
    HOME,
    HOSTILE,
    NGINX_1,
    OVERLAY,
    RULES,
    UPLINK,
    VETH_1,
    VETH_2,
    a_link,
    a_route,
    an_address,
)

Change = Callable[[World], Any]
_ALONE = Vxlan(1, None, None, 4789, learning=False, link=None)
_AWAY = Rule(Family.INET, 9, "10.0.0.0/8", "all", None, None, None, "prohibit", None)
_TWIN = "02:00:00:00:00:09"
_DOWN = LinkFlag.BROADCAST | LinkFlag.MULTICAST


def changed(change: Change) -> World:
    world = World()
    change(world)
    return world


def port(world: World, key: LinkKey, **values: Any) -> World:
    held = world.sample.tables[key.namespace].links[key.ifindex].port
    assert held is not None
    return world.link(key.namespace, key.ifindex, port=replace(held, **values))


def in_vlans(world: World, *vids: int, tagged: bool = False) -> World:
    """docker0 keeps VLANs apart; those of itself, of nginx-1 and of nginx-2 for frames without a tag, 0: none."""
    held = world.sample.tables[HOME].links[3].bridge
    assert held is not None
    those = zip((DOCKER0, VETH_1, VETH_2), vids or (1, 1, 1), strict=True)
    others = PortVlan(100, 199, pvid=False, untagged=False)
    world.vlans = {
        port.ifindex: (others, PortVlan(vid, vid, pvid=True, untagged=not tagged)) if vid else (others,) for port, vid in those
    }
    return world.link(HOME, 3, bridge=replace(held, vlan_filtering=True))


def published(world: World, *sockets: Any) -> None:
    world.sockets[NGINX_1] = Sockets(sockets)


def tunnel(world: World, remote: str) -> World:
    """The overlay leads over IPv6."""
    out = replace(a_route("default", 2, "fe80::1"), family=Family.INET6)
    rules = tuple(replace(one, family=Family.INET6) for one in RULES)
    world.table(HOME, routes=(None, out), rules=(None, *rules)).table(OVERLAY, fdb=())
    return world.link(OVERLAY, 5, vxlan=replace(_ALONE, remote=remote))


def overlay(world: World, mac: str, state: NeighbourState = NeighbourState.PERMANENT, *, everybody: bool = False) -> None:
    """The overlay knows a container elsewhere by this MAC, and one that is 02:42:0a:00:01:03 is on another host."""
    world.link(OVERLAY, 5, vxlan=_ALONE).table(OVERLAY, neighbours=(Neighbour(5, Family.INET, "10.0.1.4", mac, state),))
    if everybody:
        entry = FdbEntry(5, None, "00:00:00:00:00:00", None, "192.0.2.8", "permanent", ("self",))
        world.table(OVERLAY, fdb=(None, entry))


def queued(world: World, queue: Queue) -> None:
    """The uplink has a queue, which has dropped so many packets lately."""
    world.link(HOME, 2, qdisc=queue.kind)
    world.queues[HOME] = (queue,)


def drops(world: World, key: LinkKey, count: int, name: str = "rx_dropped") -> None:
    counters: dict[LinkKey, LinkStats] = dict(world.sample.counters)
    counters[key] = counters[key]._replace(**{name: count})
    world.sample = replace(world.sample, counters=counters)


def backlog(world: World, now: Backlog, before: Backlog | Unanswered) -> None:
    world.backlog, world.backlog_before = now, before


def neighbours(world: World, count: int) -> None:
    some = tuple(Neighbour(6, Family.INET, f"10.1.{n >> 8}.{n & 255}", None, NeighbourState.STALE) for n in range(count))
    world.table(NGINX_1, neighbours=some)


def announced(world: World, accept: int, forwarding: int) -> None:
    world.table(HOME, routes=(None, replace(a_route("default", 2, "fe80::1", protocol="ra"), family=Family.INET6)))
    world.settings |= {"ipv6/conf/eth0/accept_ra": accept, "ipv6/conf/eth0/forwarding": forwarding}


def learned(world: World, ifindex: int, *, was: int = 7, state: str = "") -> None:
    """docker0 has learned a MAC, which it knew behind another port before."""
    then = World()
    for moment, port in ((then, was), (world, ifindex)):
        moment.table(HOME, fdb=(None, FdbEntry(port, 3, _TWIN, None, None, state, ("master",))))
    world.before = then.snapshot()


def macvlans(world: World, *modes: str, up: bool = True) -> None:
    for number, mode in enumerate(modes):
        world.link(HOME, 50 + number, new=a_link(50 + number, f"mv{number}", "macvlan", link=2, macvlan=Macvlan(mode)))
    if not up:
        world.link(HOME, 2, flags=_DOWN, operstate=OperState.DOWN)


def gone(world: World) -> None:
    world.table(HOME, nsids={})


def no_processes(world: World, *ways: FoundBy, paths: tuple[str, ...] = ()) -> None:
    world.sample = replace(world.sample, containers=world.sample.containers[1:])
    world.found(NGINX_1, processes=(), sources=frozenset(ways), paths=paths)


def bare(world: World) -> None:
    """What a program has made for itself, as netview does for its own sockets."""
    no_processes(world, FoundBy.SOCKET)
    lo = replace(world.sample.tables[NGINX_1], links={1: a_link(1, "lo", "loopback")})
    world.sample = replace(world.sample, tables={**world.sample.tables, NGINX_1: lo})


def left_behind(world: World, path: str) -> None:
    """The same, and it was so a while ago."""
    no_processes(world, FoundBy.MOUNT, paths=(path,))
    world.before = world.snapshot()


def carriers(world: World, times: int) -> None:
    """A wire's carrier has changed so many times since."""
    then = World()
    then.link(HOME, VETH_1.ifindex, carrier_changes=2)
    world.link(HOME, VETH_1.ifindex, carrier_changes=2 + times)
    world.before = then.snapshot()


def with_a_machine_that_is_off(world: World) -> None:
    """A bridge with the tap of a virtual machine alone."""
    world.link(HOME, 60, new=a_link(60, "virbr0", "bridge", carrier=False, operstate=OperState.DOWN))
    world.link(HOME, 61, new=a_link(61, "vnet0", "tun", master=60, carrier=False, operstate=OperState.DOWN))


def stolen(world: World, *routes: Any, src: str = "all", fwmark: str | None = None) -> None:
    """A rule before that of the main table, as one for a VPN."""
    rule = Rule(Family.INET, 100, src, "all", None, None, fwmark, "lookup", "51820")
    world.table(HOME, rules=(None, rule), routes=(None, *routes))


def addressed(world: World, accept: int, forwarding: int, flags: int = 0) -> None:
    """A router has announced an address, and no route is left of it."""
    world.table(HOME, addresses=(None, replace(an_address(2, "2001:db8::7/64"), flags=flags)))
    world.settings |= {"ipv6/conf/eth0/accept_ra": accept, "ipv6/conf/eth0/forwarding": forwarding}


def ipvlans(world: World, flags: str) -> None:
    """Two ipvlans of the uplink, which this kernel has no module for."""
    for number in (50, 51):
        details = (("mode", "l2"), ("flags", flags))
        world.link(HOME, number, new=a_link(number, f"ipv{number}", "ipvlan", link=2, details=details))


def child_of_uplink(world: World, address: str) -> None:
    """nginx-1 has a macvlan of the uplink as well."""
    link = a_link(70, "eth1", "macvlan", link=2, link_nsid=0, macvlan=Macvlan("bridge"))
    world.link(NGINX_1, 70, new=link).table(NGINX_1, addresses=(None, an_address(70, address)))


def lone(world: World, *routes: Any) -> World:
    return world.link(HOME, VETH_1.ifindex, master=None, port=None).table(HOME, routes=(None, *routes))


def rules(world: World, *those: Chain) -> World:
    """The healthy rules and others; a hook that is said anew counts as said last."""
    world.ruleset = chains(*HEALTHY, *those)
    return world


def bridged(world: World, value: int | None) -> World:
    world.settings["bridge/bridge-nf-call-iptables"] = value
    return world


def by_itself(world: World) -> World:
    """docker0 hands frames to iptables whatever the setting."""
    held = world.sample.tables[HOME].links[3].bridge
    assert held is not None
    return world.link(HOME, 3, bridge=replace(held, nf_call_iptables=True))


def six_on_both(world: World, chain: Chain, *, value: int) -> None:
    """Both containers have addresses of IPv6."""
    in_ipv6(world, OUT6, six("prerouting", LED6), chain)
    world.table(ETH0_2.namespace, addresses=(None, an_address(8, "fd00::3/64")))
    world.settings["bridge/bridge-nf-call-ip6tables"] = value


def serving(world: World, family: Family = Family.INET, local: str = HTTP.local) -> None:
    """A proxy at home listens on the published port."""
    world.sockets[HOME] = Sockets((HTTP._replace(local_port=8080, family=family, local=local),))


def served_by_ipv4(world: World) -> None:
    """A proxy that nobody reaches by IPv6."""
    serving(world)


def hairpin(world: World) -> None:
    port(world, VETH_1, hairpin=True)


def on_two_networks(world: World, rp_filter: int) -> None:
    """nginx-2 has its way out by the first of two, and a port led to it by the second."""
    away = replace(a_link(20, "br-b", "bridge"), bridge=world.sample.tables[HOME].links[3].bridge)
    held = world.sample.tables[HOME].links[VETH_1.ifindex].port
    assert held is not None
    wire = a_link(21, "vethb", link=22, link_nsid=1, master=20, port_kind="bridge", port=replace(held, bridge=20))
    world.link(HOME, 20, new=away).link(HOME, 21, new=wire).table(HOME, addresses=(None, an_address(20, "172.18.0.1/16")))
    world.link(ETH0_2.namespace, 22, new=a_link(22, "eth1", link=21, link_nsid=0))
    world.table(
        ETH0_2.namespace,
        addresses=(None, an_address(22, "172.18.0.3/16")),
        routes=(None, a_route("172.18.0.0/16", 22, protocol="kernel")),
    )
    led = (Immediate(1, bytes((172, 18, 0, 3))), Translate("dnat", 1))
    from_bridges = (Meta(1, 7), Compare(1, 1, b"br-b\0"), Translate("masquerade"))
    rules(world, chain("prerouting", NftRule(4, led), kind="nat"), chain("postrouting", NftRule(5, from_bridges), kind="nat"))
    world.settings |= {"ipv4/conf/all/rp_filter": 0, "ipv4/conf/eth0/rp_filter": 0, "ipv4/conf/eth1/rp_filter": rp_filter}


def still_sent_to(world: World, address: str) -> None:
    """Somebody's UDP, tracked to an address; the rules lead it to 172.17.0.3."""
    world.tracked = Tracked((_tracked(address),))
    led = (Ports(17, (0, 0xFFFF), (53, 53), 0), Immediate(1, bytes((172, 17, 0, 3))), Translate("dnat", 1))
    rules(world, chain("prerouting", NftRule(4, led), TO_NGINX, kind="nat"))


def _tracked(address: str) -> Connection:
    original = Ends("198.51.100.7", "203.0.113.7", 4000, 53)
    return Connection("udp", Family.INET, original, Ends(address, "198.51.100.7", 53, 4000))


def on_own_network(world: World, *sockets: Any, led: int | None = 40000) -> None:
    """nginx-1 has Docker's name server, as far as rules and sockets are there."""
    asking(world, "127.0.0.11")
    to = (Ports(17, (0, 0xFFFF), (53, 53), 0), Immediate(1, bytes((127, 0, 0, 11))), Immediate(2, (led or 0).to_bytes(2, "big")))
    rule = NftRule(4, (*to, Translate("dnat", 1, 2)))
    world.inner = chains() if led is None else chains(chain("output", rule, kind="nat"))
    published(world, HTTP, *sockets)


def asking(world: World, *servers: str) -> World:
    """nginx-1 asks these for names."""
    world.believed[NGINX_1] = {201: HostFacts(resolv_conf=tuple(f"nameserver {one}" for one in servers))}
    return world


def resolved(world: World, local: str) -> None:
    """A name server inside nginx-1, of its own."""
    published(world, HTTP, DNS._replace(local=local, local_port=53))


def old(world: World, kernel: str, *, by_hardware: bool = True) -> None:
    world.sample = replace(world.sample, kernel=kernel)
    world.by_hardware = by_hardware


def in_ipv6(world: World, *those: Chain, host: str = "::") -> World:
    """nginx-1 has an address of a site as well, by which it is published, and a server at home; these are the rules."""
    first, *others = world.sample.containers
    ports = (PublishedPort(host, 8080, 80, "tcp"),)
    world.sample = replace(world.sample, containers=(replace(first, owner=replace(first.owner, ports=ports)), *others))
    world.table(
        HOME,
        addresses=(None, an_address(2, "2001:db8::7/64"), an_address(3, "fd00::1/64")),
        routes=(
            None,
            replace(a_route("default", 2, "fe80::1"), family=Family.INET6),
            replace(a_route("fd00::/64", 3), family=Family.INET6),
        ),
    )
    world.table(
        NGINX_1,
        addresses=(None, an_address(6, "fd00::2/64")),
        routes=(None, replace(a_route("default", 6, "fd00::1"), family=Family.INET6)),
    )
    world.ruleset = chains(*HEALTHY, *those)
    return world


def six(hook: str, *rules: NftRule, policy: str = "accept", kind: str = "nat") -> Chain:
    """A chain of ip6tables-nft."""
    return replace(chain(hook, *rules, policy=policy, kind=kind), family="ip6")


def on_two_networks_of_ipv6(world: World, *rules: NftRule) -> None:
    """The same as below, and what checks sources is a rule inside."""
    on_two_networks(world, 0)
    world.table(
        ETH0_2.namespace,
        addresses=(None, an_address(8, "fd00::3/64"), an_address(22, "fd01::3/64")),
        routes=(
            None,
            replace(a_route("default", 8, "fd00::1"), family=Family.INET6),
            replace(a_route("fd01::/64", 22), family=Family.INET6),
        ),
        rules=(None, *(replace(one, family=Family.INET6) for one in RULES)),
    )
    led = (Immediate(1, IPv6Address("fd01::3").packed), Immediate(2, (80).to_bytes(2, "big")), Translate("dnat", 1, 2))
    world.ruleset = chains(*HEALTHY, six("prerouting", NftRule(4, led)))
    world.inner = chains(six("prerouting", *rules, kind="filter"))


LED6 = NftRule(
    4,
    (
        Meta(1, 6),
        Compare(1, 1, b"docker0\0"),
        Ports(6, ANY_PORT, (8080, 8080), 0),
        Immediate(1, IPv6Address("fd00::2").packed),
        Immediate(2, (80).to_bytes(2, "big")),
        Translate("dnat", 1, 2),
    ),
)
FORWARDING = "ipv4/conf/docker0/forwarding", "ipv4/conf/eth0/forwarding"
FORCED = {"ipv6/conf/all/forwarding": 0, "ipv6/conf/docker0/force_forwarding": 1}
LED6_FOR_ALL = LED6._replace(expressions=LED6.expressions[2:])
OUT6 = six("postrouting", NftRule(5, (Translate("masquerade"),)))
STRICT6 = NftRule(6, (Fib(1, 1, 1 | 8 | 32), Compare(1, 0, bytes(1)), Judgement("drop")))
DNS = Socket("udp", Family.INET, "127.0.0.11", 40000, "0.0.0.0", 0, SocketState.CLOSE, 1)  # noqa: S104  # as Docker's
ACCEPT_BRIDGE = NftRule(7, (Meta(1, 6), Compare(1, 0, b"docker0\0"), Judgement("accept")))
ACCEPT_ESTABLISHED = NftRule(8, (ConnectionState(2, inverted=False), Judgement("accept")))
DROP = NftRule(9, (Judgement("drop"),))
TO_ANYBODY = TO_NGINX._replace(expressions=TO_NGINX.expressions[2:])
SHUT = chain("forward", policy="drop")

PROVOKED: list[tuple[int, Change, LinkKey | None]] = [
    (1, lambda w: w.settings.update({"ipv4/ip_forward": 0}), None),
    (1, lambda w: w.settings.update({"ipv4/conf/docker0/forwarding": 0}), DOCKER0),
    (1, lambda w: w.settings.update({"ipv4/conf/docker0/forwarding": 1, "ipv4/conf/eth0/forwarding": 0}), DOCKER0),
    (1, lambda w: in_ipv6(w, OUT6, six("prerouting", LED6)).settings.update({"ipv6/conf/all/forwarding": 0}), None),
    (2, lambda w: rules(w, SHUT), DOCKER0),
    (2, lambda w: rules(w, chain("forward", ACCEPT_BRIDGE, policy="drop")), DOCKER0),
    (3, lambda w: rules(w, chain("postrouting", kind="nat")), DOCKER0),
    (3, lambda w: in_ipv6(w, six("prerouting", LED6)), DOCKER0),
    (4, lambda w: rules(w, chain("prerouting", kind="nat")), None),
    (4, lambda w: in_ipv6(w, OUT6), None),
    (4, lambda w: served_by_ipv4(in_ipv6(w, OUT6)), None),
    (5, published, None),
    (5, lambda w: published(w, HTTP._replace(local="127.0.0.1")), None),
    (6, lambda w: rules(w, replace(SHUT, table="legacy", policy="accept", legacy=True)), None),
    (6, lambda w: setattr(w, "ruleset", replace(w.ruleset, legacy=frozenset({"ip"}))), None),
    (7, lambda w: rules(bridged(w, 1), SHUT), DOCKER0),
    (7, lambda w: rules(bridged(by_itself(w), 0), SHUT), DOCKER0),
    (7, lambda w: six_on_both(w, six("forward", policy="drop", kind="filter"), value=1), DOCKER0),
    (8, lambda w: on_two_networks(w, 1), LinkKey(ETH0_2.namespace, 22)),
    (8, lambda w: on_two_networks_of_ipv6(w, STRICT6), LinkKey(ETH0_2.namespace, 22)),
    (8, lambda w: w.counters.update({HOME: {"TcpExt/IPReversePathFilter": 10}}), None),
    (9, lambda w: w.link(NGINX_1, 6, mtu=9000), ETH0_1),
    (9, lambda w: w.link(HOME, 3, mtu=1400), ETH0_1),
    (9, lambda w: w.link(OVERLAY, 5, mtu=1451), LinkKey(OVERLAY, 5)),
    (9, lambda w: tunnel(w, "2001:db8::8"), LinkKey(OVERLAY, 5)),
    (9, lambda w: w.table(HOME, routes=(None, replace(a_route("192.0.2.0/24", 2, "203.0.113.9"), mtu=1400))), None),
    (9, lambda w: w.counters.update({HOME: {"Ip/FragFails": 10}}), None),
    (9, lambda w: w.counters.update({HOME: {"TcpExt/TCPMTUPFail": 10}}), None),
    (10, lambda w: old(w, "5.4.0-26-generic"), LinkKey(OVERLAY, 5)),
    (10, lambda w: w.counters.update({HOME: {"Udp/InCsumErrors": 10}}), None),
    (
        11,
        lambda w: w.table(OVERLAY, fdb=()).link(OVERLAY, 5, vxlan=_ALONE),
        None,
    ),
    (11, lambda w: overlay(w, "02:42:0a:00:01:04"), LinkKey(OVERLAY, 5)),
    (11, lambda w: w.table(HOME, routes=(None, a_route("192.0.2.8/32", 1, type="unreachable"))), LinkKey(OVERLAY, 5)),
    (11, lambda w: w.table(HOME, routes=(a_route("172.17.0.0/16", 3),)), LinkKey(OVERLAY, 5)),
    (11, lambda w: w.table(HOME, routes=(None, a_route("192.0.2.8/32", 1, type="local", table="local"))), LinkKey(OVERLAY, 5)),
    (12, lambda w: w.table(NGINX_1, addresses=(None, an_address(6, "172.17.0.3/16"))), None),
    (12, lambda w: in_vlans(w).table(NGINX_1, addresses=(None, an_address(6, "172.17.0.3/16"))), None),
    (12, lambda w: w.table(NGINX_1, addresses=(replace(an_address(6, "fd00::2/64"), flags=0x08),)), ETH0_1),
    (
        13,
        lambda w: w.link(NGINX_1, 6, address=_TWIN).link(ETH0_2.namespace, 8, address=_TWIN),
        None,
    ),
    (13, lambda w: learned(w, 9), VETH_2),
    (14, lambda w: no_processes(w, FoundBy.FD), None),
    (14, lambda w: left_behind(w, "/run/docker/netns/0123456789ab"), None),
    (14, lambda w: left_behind(w, "/run/netns/netns-0b0e4ba5-4b1e-1c62-2a2b-2f1a6d1c4f5e"), None),
    (14, lambda w: left_behind(w, "/run/netns/cni-0b0e4ba5-4b1e-1c62-2a2b-2f1a6d1c4f5e"), None),
    (15, lone, VETH_1),
    (16, lambda w: setattr(w, "managed", frozenset({2, VETH_1.ifindex})), VETH_1),
    (16, lambda w: w.link(HOME, VETH_1.ifindex, master=None, port=None), VETH_1),
    (17, lambda w: port(w, VETH_1, state=PortState.DISABLED), VETH_1),
    (18, lambda w: w.link(NGINX_1, 6, flags=_DOWN, operstate=OperState.DOWN), ETH0_1),
    (18, lambda w: w.link(HOME, 3, flags=_DOWN, operstate=OperState.DOWN), DOCKER0),
    (18, lambda w: w.link(HOME, 3, carrier=False, operstate=OperState.DOWN), DOCKER0),
    (18, lambda w: carriers(w, 4), VETH_1),
    (19, lambda w: rules(w, chain("prerouting", TO_ANYBODY, kind="nat")), VETH_1),
    (19, lambda w: in_ipv6(w, OUT6, six("prerouting", LED6_FOR_ALL)), VETH_1),
    (20, lambda w: port(port(w, VETH_1, isolated=True), VETH_2, isolated=True), DOCKER0),
    (20, lambda w: port(w, VETH_1, learning=False), VETH_1),
    (20, lambda w: in_vlans(w, 1, 1, 20), DOCKER0),
    (20, lambda w: in_vlans(w, 10, 20, 20), DOCKER0),
    (20, lambda w: in_vlans(w, 1, 0, 1), VETH_1),
    (20, lambda w: in_vlans(w, tagged=True), VETH_1),
    (22, lambda w: setattr(w, "backlog", Backlog(1_000_000, 2_000)), None),
    (22, lambda w: backlog(w, Backlog(1_000_000, 2_000), Unanswered("nobody has looked yet")), None),
    (22, lambda w: w.settings.update({"core/netdev_max_backlog": 1}), DOCKER0),
    (23, lambda w: w.settings.update({"netfilter/nf_conntrack_count": 65536}), None),
    (23, lambda w: w.counters.update({HOME: {"nf_conntrack/insert_failed": 10}}), None),
    (23, lambda w: w.counters.update({HOME: {"nf_conntrack/drop": 10}}), None),
    (23, lambda w: w.counters.update({HOME: {"nf_conntrack/early_drop": 10}}), None),
    (24, lambda w: still_sent_to(w, "172.17.0.9"), None),
    (25, lambda w: neighbours(w, 1000), None),
    (25, lambda w: w.counters.update({HOME: {"arp_cache/table_fulls": 1}}), None),
    (26, lambda w: w.table(NGINX_1, neighbours=(Neighbour(6, Family.INET, "172.17.0.1", None, NeighbourState.FAILED),)), ETH0_1),
    (27, lambda w: w.table(NGINX_1, routes=(a_route("default", 6, "172.17.0.9"),)), ETH0_1),
    (27, lambda w: w.table(NGINX_1, routes=()), ETH0_1),
    (
        27,
        lambda w: in_ipv6(w, OUT6, six("prerouting", LED6)).table(ETH0_2.namespace, addresses=(an_address(8, "fd00::3/64"),)),
        ETH0_2,
    ),
    (28, lambda w: w.table(HOME, addresses=(None, an_address(2, "172.17.5.1/24"))), DOCKER0),
    (28, lambda w: w.table(HOME, routes=(None, a_route("172.17.5.0/24", 2, "203.0.113.9"))), DOCKER0),
    (28, lambda w: w.table(HOME, routes=(None, a_route("172.17.5.0/24", 2, "203.0.113.9", table="51820"))), DOCKER0),
    (29, lambda w: w.table(HOME, routes=(None, a_route("172.17.0.2/32", 1, type="blackhole"))), None),
    (29, lambda w: stolen(w, a_route("default", 2, "203.0.113.9", table="51820")), None),
    (29, lambda w: stolen(w, a_route("default", 1, type="unreachable", table="51820")), None),
    (29, lambda w: stolen(w, a_route("default", 1, type="blackhole", table="51820"), src="172.17.0.0/16"), None),
    (
        29,
        lambda w: w.table(HOME, rules=(None, Rule(Family.INET, 9, "10.0.0.0/8", "all", None, None, None, "prohibit", None))),
        None,
    ),
    (30, lambda w: announced(w, 1, 1), UPLINK),
    (30, lambda w: addressed(w, 1, 1), UPLINK),
    (31, on_own_network, None),
    (31, lambda w: on_own_network(w, DNS, led=None), None),
    (31, lambda w: asking(w, "127.0.0.53"), None),
    (31, lambda w: resolved(asking(w, "127.0.0.53"), "127.0.0.1"), None),
    (31, lambda w: asking(w, "::1"), None),
    (31, asking, None),
    (31, lambda w: asking(w, "2001:db8::53"), None),
    (31, lambda w: asking(w, "192.0.2.53", "2001:db8::53"), None),
    (31, lambda w: asking(w, "192.0.2.53").table(NGINX_1, routes=()), None),
    (31, lambda w: asking(w, "dns.example"), None),
    (32, lambda w: rules(w, chain("input", ACCEPT_ESTABLISHED, policy="drop")), None),
    (32, lambda w: in_ipv6(w, OUT6, six("prerouting", LED6), six("input", policy="drop", kind="filter")), None),
    (33, lambda w: macvlans(w, "bridge", up=False), None),
    (33, lambda w: macvlans(w, "private", "private"), UPLINK),
    (33, lambda w: macvlans(w, "vepa", "vepa"), UPLINK),
    (33, lambda w: macvlans(w, "passthru"), UPLINK),
    (33, lambda w: macvlans(w.link(HOME, 2, operstate=OperState.DOWN, carrier=False), "bridge"), None),
    (33, lambda w: ipvlans(w, "private"), UPLINK),
    (33, lambda w: child_of_uplink(w, "203.0.113.50/24"), LinkKey(NGINX_1, 70)),
    (34, lambda w: drops(w, UPLINK, 5), UPLINK),
    (34, lambda w: drops(w, UPLINK, 5, "rx_nohandler"), UPLINK),
    (34, lambda w: queued(w, Queue(2, "tbf", 0x10000, 10)), UPLINK),
    (34, lambda w: queued(w, Queue(2, "netem", 0x10000, 0)), UPLINK),
    (35, gone, None),
    (35, lambda w: no_processes(w, FoundBy.VETH), VETH_1),
    (36, lambda w: w.programs.update({UPLINK: ("XDP program 12",)}), UPLINK),
    (36, lambda w: w.programs.update({VETH_1: ("1 tcx programs at ingress",)}), VETH_1),
]
ALMOST: list[tuple[int, Change]] = [
    (35, lambda w: no_processes(w, FoundBy.VETH, FoundBy.FD)),
    (1, lambda w: w.table(HOME, routes=()).settings.update({"ipv4/ip_forward": 0})),
    (1, lambda w: w.settings.update({"ipv4/ip_forward": 0, **dict.fromkeys(FORWARDING, 1)})),
    (1, lambda w: w.settings.update({"ipv6/conf/all/forwarding": 0})),
    (1, lambda w: in_ipv6(w, OUT6, six("prerouting", LED6)).settings.update(FORCED)),
    (2, lambda w: rules(w, chain("forward", ACCEPT_BRIDGE, ACCEPT_ESTABLISHED, policy="drop"))),
    (2, lambda w: rules(w, chain("forward", DROP, policy="drop"))),
    (3, lambda w: rules(w, chain("postrouting", MASQUERADE, kind="nat"))),
    (3, lambda w: rules(w, chain("postrouting", kind="nat"), chain("forward", DROP))),
    (3, lambda w: in_ipv6(w, OUT6, six("prerouting", LED6))),
    (4, lambda w: serving(rules(w, chain("prerouting", kind="nat")))),
    (4, lambda w: in_ipv6(w, OUT6, six("prerouting", LED6))),
    (4, lambda w: serving(in_ipv6(w, OUT6), Family.INET6, "::")),
    (4, lambda w: serving(rules(w, chain("prerouting", kind="nat")), Family.INET6, "::")),
    (4, lambda w: in_ipv6(w, OUT6, host="::1")),
    (5, lambda w: published(w, HTTP._replace(family=Family.INET6, local="::"))),
    (6, lambda w: setattr(w, "ruleset", replace(w.ruleset, legacy=frozenset({"ip6"})))),
    (6, lambda w: setattr(w, "ruleset", Ruleset(legacy=frozenset({"ip"})))),
    (7, lambda w: rules(bridged(w, 0), SHUT)),
    (7, lambda w: rules(bridged(by_itself(w), None), SHUT)),
    (7, lambda w: six_on_both(w, six("forward", policy="drop", kind="filter"), value=0)),
    (7, lambda w: six_on_both(w, six("forward", ACCEPT_BRIDGE, policy="drop", kind="filter"), value=1)),
    (7, lambda w: rules(bridged(w, 1), chain("forward", ACCEPT_BRIDGE, policy="drop"))),
    (8, lambda w: on_two_networks(w, 2)),
    (8, lambda w: on_two_networks_of_ipv6(w, NftRule(5, (Judgement("accept"),)), STRICT6)),
    (8, on_two_networks_of_ipv6),
    (8, lambda w: w.counters.update({HOME: {"TcpExt/IPReversePathFilter": 9}})),
    (9, lambda w: w.link(NGINX_1, 6, mtu=1400).link(HOME, VETH_1.ifindex, mtu=1400)),
    (9, lambda w: tunnel(w, "2001:db8::8").link(OVERLAY, 5, mtu=1430)),
    (9, lambda w: w.table(HOME, routes=(None, replace(a_route("192.0.2.0/24", 2, "203.0.113.9"), mtu=1500)))),
    (9, lambda w: w.counters.update({HOME: {"Ip/FragFails": 9, "TcpExt/TCPMTUPFail": 9, "Ip/FragOKs": 999}})),
    (10, lambda w: old(w, "5.4.41")),
    (10, lambda w: w.counters.update({HOME: {"Udp/InCsumErrors": 9}})),
    (10, lambda w: w.counters.update({NGINX_1: {"Udp/InCsumErrors": 99}})),
    (10, lambda w: old(w, "4.18.0", by_hardware=False)),
    (11, lambda w: w.link(OVERLAY, 5, vxlan=_ALONE)),
    (11, lambda w: overlay(w, "02:42:0a:00:01:03")),
    (11, lambda w: overlay(w, "02:42:0a:00:01:04", NeighbourState.FAILED)),
    (11, lambda w: overlay(w, "02:42:0a:00:01:04", everybody=True)),
    (12, lambda w: w.table(OVERLAY, addresses=(an_address(2, "172.17.0.3/16"),))),
    (13, lambda w: w.link(HOME, 2, address="02:42:ac:11:00:06")),
    (13, lambda w: learned(w, 7)),
    (13, lambda w: learned(w, 9, was=77)),
    (13, lambda w: learned(w, 9, state="permanent")),
    (12, lambda w: in_vlans(w, 1, 1, 20).table(NGINX_1, addresses=(None, an_address(6, "172.17.0.3/16")))),
    (13, lambda w: in_vlans(w, 1, 1, 20).link(NGINX_1, 6, address=_TWIN).link(ETH0_2.namespace, 8, address=_TWIN)),
    (14, lambda w: no_processes(w, FoundBy.MOUNT, paths=("/run/netns/lab",))),
    (14, lambda w: no_processes(w, FoundBy.MOUNT, paths=("/run/docker/netns/1-qij8tlp3w5",))),
    (14, lambda w: no_processes(w, FoundBy.MOUNT, paths=("/run/docker/netns/0123456789ab",))),
    (14, lambda w: left_behind(w, "/run/netns/cni-lab")),
    (14, bare),
    (15, lambda w: lone(w, a_route("172.17.0.2/32", VETH_1.ifindex))),
    (15, lambda w: lone(w).programs.update({VETH_1: ("tc ingress filter bpf",)})),
    (15, lambda w: lone(w).settings.update({"ipv4/conf/veth9c02e56/proxy_arp": 1})),
    (16, lambda w: setattr(w, "managed", frozenset({2, 3}))),
    (16, lambda w: setattr(w.link(HOME, VETH_1.ifindex, master=None, port=None), "watched", False)),
    (17, lambda w: port(w, VETH_1, state=PortState.DISABLED).link(HOME, VETH_1.ifindex, operstate=OperState.DOWN)),
    (18, lambda w: w.link(HOME, 60, new=a_link(60, "br-empty", "bridge", flags=_DOWN, operstate=OperState.DOWN))),
    (18, lambda w: w.link(HOME, 60, new=a_link(60, "br-empty", "bridge", carrier=False, operstate=OperState.DOWN))),
    (18, lambda w: carriers(w, 3)),
    (18, with_a_machine_that_is_off),
    (19, lambda w: hairpin(rules(w, chain("prerouting", TO_ANYBODY, kind="nat")))),
    (19, lambda w: in_ipv6(w, OUT6, six("prerouting", LED6))),
    (20, lambda w: port(w, VETH_1, isolated=True)),
    (20, in_vlans),
    (20, lambda w: in_vlans(w, 10, 10, 10)),
    (20, lambda w: in_vlans(w, 1, 1, 20).table(ETH0_2.namespace, addresses=(an_address(8, "172.30.0.3/16"),))),
    (22, lambda w: setattr(w, "backlog", Backlog(1_000_000, 400))),
    (22, lambda w: backlog(w, Backlog(1_001_000, 250_000), Backlog(1_000_000, 250_000))),
    (22, lambda w: backlog(w, Backlog(1_000_100, 250_009), Backlog(1_000_000, 250_000))),
    (22, lambda w: w.settings.update({"core/netdev_max_backlog": 2})),
    (24, lambda w: still_sent_to(w, "172.17.0.2")),
    (24, lambda w: still_sent_to(w, "172.17.0.3")),
    (23, lambda w: w.settings.update({"netfilter/nf_conntrack_count": None, "netfilter/nf_conntrack_max": None})),
    (25, lambda w: neighbours(w, 900)),
    (25, lambda w: w.counters.update({HOME: {"arp_cache/table_fulls": 0}})),
    (23, lambda w: w.counters.update({HOME: {"nf_conntrack/insert_failed": 9, "nf_conntrack/found": 99}})),
    (26, lambda w: w.table(NGINX_1, neighbours=(Neighbour(6, Family.INET, "172.17.0.9", None, NeighbourState.FAILED),))),
    (27, lambda w: w.table(NGINX_1, routes=(a_route("default", 6, "172.17.0.3"),))),
    (27, lambda w: w.table(NGINX_1, routes=()).table(ETH0_2.namespace, routes=())),
    (27, lambda w: w.table(NGINX_1, routes=(a_route("default", 6, "172.17.0.1", table="100"),))),
    (27, lambda w: w.table(NGINX_1, routes=(), addresses=())),
    (27, lambda w: w.table(NGINX_1, routes=(a_route("default", 6, "172.17.0.9"),)).link(HOME, 2, master=3)),
    (28, lambda w: w.table(HOME, addresses=(None, an_address(2, "172.18.0.1/16")))),
    (28, lambda w: w.table(HOME, routes=(None, a_route("172.17.5.0/24", 3, table="51820")))),
    (28, lambda w: w.table(HOME, routes=(None, a_route("default", 2, "203.0.113.9", table="51820")))),
    (29, lambda w: w.table(HOME, routes=(None, a_route("172.16.0.0/12", 1, type="blackhole")))),
    (29, lambda w: stolen(w, a_route("default", 2, "203.0.113.9", table="51820"), src="172.17.0.0/16")),
    (29, lambda w: stolen(w, a_route("default", 2, "203.0.113.9", table="51820"), fwmark="0xca6c")),
    (29, lambda w: stolen(w, a_route("172.17.0.0/16", 3, table="51820"))),
    (29, stolen),
    (30, lambda w: announced(w, 2, 1)),
    (30, lambda w: addressed(w, 2, 1)),
    (30, lambda w: addressed(w, 1, 0)),
    (30, lambda w: addressed(w, 1, 1, flags=0x80)),
    (31, lambda w: on_own_network(w, DNS)),
    (31, lambda w: resolved(asking(w, "127.0.0.53"), "127.0.0.53")),
    (31, lambda w: resolved(asking(w, "127.0.0.53"), HTTP.local)),
    (31, lambda w: resolved(asking(w), "127.0.0.1")),
    (31, lambda w: asking(w, "172.17.0.1", "fe80::1%eth0")),
    (31, lambda w: asking(w, "192.0.2.53", "192.0.2.53", "192.0.2.54", "2001:db8::53")),
    (31, lambda w: asking(w, "192.0.2.53").table(NGINX_1, routes=(), addresses=(an_address(1, "127.0.0.1/8", "host"),))),
    (31, lambda w: w.table(HOME, routes=(a_route("172.17.0.0/16", 3, protocol="kernel"),))),
    (32, lambda w: rules(w, chain("input", NftRule(11, (Judgement("accept"),)), policy="drop"))),
    (32, lambda w: rules(w, chain("input", policy="drop"), chain("forward", DROP))),
    (32, lambda w: in_ipv6(w, OUT6, six("prerouting", LED6), chain("input", policy="drop"))),
    (33, lambda w: macvlans(w, "private", "bridge")),
    (33, lambda w: macvlans(w, "vepa")),
    (33, lambda w: macvlans(w.table(HOME, addresses=()), "passthru")),
    (33, lambda w: ipvlans(w, "bridge")),
    (33, lambda w: child_of_uplink(w, "198.51.100.50/24")),
    (34, lambda w: drops(w, UPLINK, 0)),
    (34, lambda w: drops(w, UPLINK, 5, "rx_otherhost_dropped")),
    (34, lambda w: queued(w, Queue(2, "tbf", 0x10000, 9))),
    (36, lambda w: w.programs.update({ETH0_1: ("XDP program 12",)})),
]


def test_a_healthy_host_has_no_finding_and_nothing_that_cannot_be_looked_at() -> None:
    world = World()
    assert world.all() == []
    assert [one for number in CHECKS for one in world.told(number)] == []


@pytest.mark.parametrize(("number", "change", "link"), PROVOKED)
def test_what_is_wrong_is_found_with_its_evidence(number: int, change: Change, link: LinkKey | None) -> None:
    found = changed(change).findings(number)
    assert found
    assert {one.check for one in found} == {number}
    assert all(one.message and one.evidence and one.command and one.remedy for one in found)
    assert link is None or link in {one.link for one in found}


@pytest.mark.parametrize(("number", "change"), ALMOST)
def test_what_is_almost_so_is_not(number: int, change: Change) -> None:
    assert changed(change).told(number) == []


def test_every_check_is_provoked_and_almost_provoked() -> None:
    assert set(CHECKS) == set(range(1, 37))
    assert {number for number, _, _ in PROVOKED} | {21} == set(CHECKS)
    assert {number for number, _ in ALMOST} | {21} == set(CHECKS)


@pytest.mark.parametrize(("count", "severity"), [(949, None), (950, "warning"), (1023, "error")])
def test_a_bridge_is_full_at_1023_ports(count: int, severity: str | None) -> None:
    world = World()
    more = {n: a_link(n, f"p{n}", master=3) for n in range(100, 100 + count - 2)}
    world.table(HOME, links={**world.sample.tables[HOME].links, **more})
    assert [one.severity for one in world.findings(21)] == ([] if severity is None else [severity])


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6, 7, 16, 19, 22, 23, 24, 25, 32, 36])
def test_a_check_whose_question_is_refused_does_not_say_that_all_is_well(number: int) -> None:
    world = World()
    world.refused = "Operation not permitted"
    told = world.told(number)
    assert told
    assert all(isinstance(one, NotLooked) and "Operation not permitted" in one.reason for one in told)


@pytest.mark.parametrize(
    ("number", "hook", "action"),
    [
        (2, "forward", Judgement("accept")),
        (3, "postrouting", Translate("masquerade")),
        (4, "prerouting", Translate("redirect", None, (80, 80))),
        (7, "forward", Judgement("accept")),
    ],
)
def test_what_hangs_on_a_rule_that_nobody_can_judge_is_not_known(number: int, hook: str, action: Expression) -> None:
    filters = isinstance(action, Judgement)
    unsure = NftRule(10, (Opaque("string"), action))
    world = rules(
        bridged(World(), 1), chain(hook, unsure, policy="drop" if filters else "accept", kind="filter" if filters else "nat")
    )
    (told,) = world.told(number)
    assert isinstance(told, NotLooked)
    assert "rule handle 10" in told.reason


@pytest.mark.parametrize("rule", [(Opaque("rpfilter"), Judgement("drop")), (Fib(1, 1, 1 | 32), Judgement("drop"))])
def test_a_check_of_sources_that_nobody_can_judge_is_not_known(rule: Any) -> None:
    world = World()
    on_two_networks_of_ipv6(world, NftRule(6, (*rule[:1], Compare(1, 0, bytes(1)), *rule[1:])))
    (told,) = world.told(8)
    assert isinstance(told, NotLooked)
    assert "rule handle 6" in told.reason


def test_a_port_that_is_led_to_what_its_container_does_not_have_leads_nowhere() -> None:
    world = World()
    world.table(NGINX_1, addresses=(an_address(6, "172.17.0.6/16"),))
    (finding,) = world.findings(4)
    assert dict(finding.evidence)["led_to"] == "172.17.0.2"
    assert finding.command.startswith("sh -c")  # At home, where the rules are.


def test_a_peer_that_may_be_where_nobody_may_look_is_not_known() -> None:
    world = World()
    gone(world)
    world.table(OVERLAY, links={}, error="needs CAP_SYS_ADMIN")
    (told,) = world.told(35)
    assert isinstance(told, NotLooked)


def test_a_table_that_could_not_be_read_leaves_no_veth_astray() -> None:
    world = World()
    lone(world)
    world.table(HOME, unknown=(Unknown("routes", "Operation not permitted"),))
    assert world.findings(15) == []


@pytest.mark.parametrize(("found", "expected"), [(True, set()), (False, {2})])
def test_a_set_is_asked_by_key(found: bool, expected: set[int]) -> None:
    world = World()
    known = NftRule(9, (Payload(1, 1, 12, 4), Lookup(1, "s", False, None), Judgement("accept")))
    rules(world, chain("forward", known, ACCEPT_ESTABLISHED, policy="drop"))
    world.ruleset = replace(world.ruleset, sets={("ip", "filter", "s"): 4})
    world.element = Element(found)
    assert {one.check for one in world.findings(2)} == expected
    assert all(isinstance(one, Finding) for one in world.told(2))


def test_programs_of_which_there_are_many_are_one_finding() -> None:
    world = World()
    for number in range(100, 109):
        world.link(HOME, number, new=a_link(number, f"lxc{number}"))
        world.programs[LinkKey(HOME, number)] = ("tc filter bpf at ingress",)
    (finding,) = world.findings(36)
    assert (finding.link, dict(finding.evidence)["links"]) == (None, 9)


def test_one_finding_more_is_the_only_difference() -> None:
    world = World()
    world.link(NGINX_1, 6, mtu=9000)
    assert [one.check for one in world.all()] == [9]


def test_the_gravest_come_first() -> None:
    world = World()
    published(world)
    world.settings["ipv4/ip_forward"] = 0
    world.programs[UPLINK] = ("XDP program 12",)
    diagnosis = world.diagnosis()
    assert [one.severity for one in diagnosis.findings] == ["error", "warning", "notice"]
    assert diagnosis.unknown == ()


def test_names_from_a_container_stay_raw_in_a_finding_and_safe_in_its_command() -> None:
    world = World()
    owner = Owner(Runtime.DOCKER, "a" * 64, HOSTILE)
    world.sample = replace(world.sample, containers=(Container(owner, 201),))
    world.link(NGINX_1, 6, mtu=9000, name=HOSTILE)
    (finding,) = world.findings(9)
    assert HOSTILE in finding.message
    assert HOSTILE not in finding.command
    assert "if6" in finding.command
