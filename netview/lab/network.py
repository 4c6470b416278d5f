"""The demo's network: a container host with bridges and an overlay, a second host, and the outside.

outside 198.51.100.10
 │ eth0 203.0.113.1              │ eth1 192.0.2.1
 │ eth0 203.0.113.7              │ eth0 192.0.2.8
host                            node-2
 ├ docker0        nginx-1, nginx-2
 ├ br-5f1c0a7e3b2d  api, redis, postgres
 └ vxlan 4097 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ vxlan 4097
    1-qij8tlp3w5: web.1          2-qij8tlp3w5: web.2
"""

import ipaddress
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from netview.lab.build import (
    BROADCAST_MAC,
    add_address,
    bridge,
    forward,
    move,
    neighbour,
    netlink,
    plug,
    route,
    sysctl,
    up,
    veth,
    vxlan,
)
from netview.lab.nat import masquerade, publish
from netview.lab.netns import RUN_NETNS, create

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyroute2 import IPRoute

HOST, NODE_2 = "203.0.113.7", "192.0.2.8"
SERVER = "198.51.100.10"
PUBLISHED = 8080
OUTSIDE_NAMESPACE, NODE_2_NAMESPACE = RUN_NETNS / "outside", RUN_NETNS / "node-2"
SANDBOXES = Path("/run/docker/netns")
_NETWORK_ID, _VNI = "qij8tlp3w5", 4097


@dataclass(frozen=True, slots=True)
class Network:
    """A bridge network of the host, as `docker network create` makes it."""

    bridge: str
    mac: str
    address: str


@dataclass(frozen=True, slots=True)
class Container:
    """A container's namespace and its one wire."""

    name: str
    address: str
    veth: str

    @property
    def namespace(self) -> Path:
        """The mount that keeps it."""
        return RUN_NETNS / self.name

    @property
    def ip(self) -> str:
        """The address without its prefix length."""
        return self.address.partition("/")[0]

    @property
    def mac(self) -> str:
        """Made of the address, as Docker does it."""
        return "02:42:" + ":".join(f"{byte:02x}" for byte in ipaddress.IPv4Address(self.ip).packed)


DOCKER0 = Network("docker0", "02:42:d8:e4:df:c1", "172.17.0.1/16")
SHOP = Network("br-5f1c0a7e3b2d", "02:42:6b:19:c0:5e", "172.18.0.1/16")
NGINX_1 = Container("nginx-1", "172.17.0.2/16", "veth9c02e56")
NGINX_2 = Container("nginx-2", "172.17.0.3/16", "veth5a5cdcf")
API = Container("api", "172.18.0.2/16", "veth1d7f0b3")
REDIS = Container("redis", "172.18.0.3/16", "vethb60c4a8")
POSTGRES = Container("postgres", "172.18.0.4/16", "veth37e92d1")
WEB_1 = Container("web.1", "10.0.1.2/24", "veth0")
WEB_2 = Container("web.2", "10.0.1.3/24", "veth0")
_BRIDGED = {DOCKER0: (NGINX_1, NGINX_2), SHOP: (API, REDIS, POSTGRES)}


def build() -> None:
    """Build it all, this thread's namespace being the host."""
    _calm_ipv6(None)
    with ExitStack() as sockets:
        host = sockets.enter_context(netlink())
        up(host, "lo")
        outside = sockets.enter_context(_namespace(OUTSIDE_NAMESPACE))
        node_2 = sockets.enter_context(_namespace(NODE_2_NAMESPACE))
        _join(host, node_2, outside)
        for network, containers in _BRIDGED.items():
            _bridge_network(host, network, containers)
        _overlay(host, SANDBOXES / f"1-{_NETWORK_ID}", HOST, WEB_1, (WEB_2, NODE_2))
        _overlay(node_2, SANDBOXES / f"2-{_NETWORK_ID}", NODE_2, WEB_2, (WEB_1, HOST))
    publish(None, DOCKER0.bridge, PUBLISHED, NGINX_1.ip, 80)


@contextmanager
def _namespace(path: Path) -> "Iterator[IPRoute]":
    create(path.name, path.parent)
    _calm_ipv6(path)
    with netlink(path) as near:
        up(near, "lo")
        yield near


def _calm_ipv6(namespace: Path | None) -> None:
    """Link-local addresses at once, without asking neighbours and routers first."""
    if Path("/proc/sys/net/ipv6").exists():
        for conf in ("all", "default"):
            sysctl(namespace, f"net/ipv6/conf/{conf}/accept_dad", 0)
            sysctl(namespace, f"net/ipv6/conf/{conf}/router_solicitations", 0)


def _join(host: "IPRoute", node_2: "IPRoute", outside: "IPRoute") -> None:
    """Both hosts' uplinks to the outside, which routes between them."""
    veth(host, "eth0", "eth0", OUTSIDE_NAMESPACE)
    veth(node_2, "eth0", "eth1", OUTSIDE_NAMESPACE)
    sysctl(OUTSIDE_NAMESPACE, "net/ipv4/ip_forward", 1)
    up(outside, "eth0", "203.0.113.1/24")
    up(outside, "eth1", "192.0.2.1/24")
    add_address(outside, "lo", f"{SERVER}/32")
    up(host, "eth0", f"{HOST}/24")
    route(host, "default", "203.0.113.1")
    up(node_2, "eth0", f"{NODE_2}/24")
    route(node_2, "default", "192.0.2.1")


def _bridge_network(host: "IPRoute", network: Network, containers: tuple[Container, ...]) -> None:
    """A bridge with its containers, masqueraded."""
    bridge(host, network.bridge, mac=network.mac, address=network.address)
    sysctl(None, "net/ipv4/ip_forward", 1)
    gateway = ipaddress.ip_interface(network.address)
    for container in containers:
        _container(host, container, network.bridge, str(gateway.ip))
    masquerade(None, str(gateway.network), network.bridge)


def _container(near: "IPRoute", container: Container, bridge_name: str, gateway: str | None = None, mtu: int = 1500) -> None:
    with _namespace(container.namespace) as inner:
        veth(near, container.veth, "eth0", container.namespace)
        plug(near, container.veth, bridge_name, mtu=mtu)
        up(inner, "eth0", container.address, mac=container.mac, mtu=mtu)
        if gateway is not None:
            route(inner, "default", gateway)


def _overlay(underlay: "IPRoute", sandbox: Path, vtep: str, here: Container, there: tuple[Container, str]) -> None:
    """One host's part of the overlay: bridge and VXLAN device in a namespace without processes, all addresses static."""
    far, far_vtep = there
    with _namespace(sandbox) as inner:
        bridge(inner, "br0", address="10.0.1.1/24")
        vxlan(underlay, "vxlan0", _VNI, vtep)
        move(underlay, "vxlan0", sandbox)
        plug(inner, "vxlan0", "br0", mtu=1450)
        neighbour(inner, "vxlan0", far.ip, far.mac)
        forward(inner, "vxlan0", BROADCAST_MAC, far_vtep)
        forward(inner, "vxlan0", far.mac, far_vtep)
        _container(inner, here, "br0", mtu=1450)
