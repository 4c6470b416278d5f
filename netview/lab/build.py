"""The parts that container networks are made of, each by one function over a netlink socket of the namespace it belongs to.

    with netlink(create("web")) as web, netlink() as host:
        bridge(host, "docker0", address="172.17.0.1/16")
        veth(host, "veth9c02e56", "eth0", Path("/run/netns/web"))
        plug(host, "veth9c02e56", "docker0")
        up(web, "eth0", "172.17.0.2/16")
        route(web, "default", "172.17.0.1")

A refusal of the kernel is an OSError whose `filename` says what was asked for.
"""

import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from netview.lab.netns import inside

if TYPE_CHECKING:
    from pyroute2 import IPRoute

BROADCAST_MAC = "00:00:00:00:00:00"
"""In a VXLAN forwarding table: where frames for everybody and for unknown addresses go."""


@contextmanager
def netlink(namespace: Path | None = None) -> "Iterator[IPRoute]":
    """A netlink socket in the namespace (None: this thread's), usable from wherever the thread is."""
    from pyroute2 import IPRoute  # noqa: PLC0415 - 120 ms and more to import

    with inside(namespace):
        socket = IPRoute()
    with socket:
        yield socket


@contextmanager
def asked(what: str) -> Iterator[None]:
    """Make pyroute2's error an OSError that says what was asked for."""
    from pyroute2.netlink.exceptions import NetlinkError  # noqa: PLC0415 - as above

    try:
        yield
    except NetlinkError as error:
        raise OSError(error.code, os.strerror(error.code), what) from error


def sysctl(namespace: Path | None, name: str, value: int) -> None:
    """Set /proc/sys/<name> in the namespace (None: this thread's)."""
    with inside(namespace):
        Path("/proc/sys", name).write_text(str(value))


def bridge(near: "IPRoute", name: str, *, mac: str | None = None, address: str | None = None) -> None:
    """A bridge without STP, up; the address as "172.17.0.1/16"."""
    with asked(f"bridge {name}"):
        near.link("add", ifname=name, kind="bridge")
    up(near, name, address, mac=mac)


def veth(near: "IPRoute", name: str, far_name: str, far: Path | None = None) -> None:
    """A veth pair: `name` in the socket's namespace, `far_name` in the other one (None: the same)."""
    peer: dict[str, str | int] = {"ifname": far_name}
    fd = None if far is None else os.open(far, os.O_RDONLY | os.O_CLOEXEC)
    if fd is not None:
        peer["net_ns_fd"] = fd
    try:
        with asked(f"veth {name}"):
            near.link("add", ifname=name, kind="veth", peer=peer)
    finally:
        if fd is not None:
            os.close(fd)


def vxlan(underlay: "IPRoute", name: str, vni: int, local: str, *, port: int = 4789) -> None:
    """A VXLAN device that learns nothing and answers ARP from its neighbour table, as Docker's overlays have it."""
    with asked(f"vxlan {name}"):
        underlay.link(
            "add",
            ifname=name,
            kind="vxlan",
            vxlan_id=vni,
            vxlan_local=local,
            vxlan_port=port,
            vxlan_learning=0,
            vxlan_proxy=1,
        )


def move(near: "IPRoute", name: str, namespace: Path) -> None:
    """Move a link into another namespace."""
    fd = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with asked(f"move {name}"):
            near.link("set", index=index(near, name), net_ns_fd=fd)
    finally:
        os.close(fd)


def plug(near: "IPRoute", name: str, master: str, *, mtu: int = 1500) -> None:
    """Make a link a port of a bridge, and set it up."""
    with asked(f"port {name}"):
        near.link("set", index=index(near, name), master=index(near, master), mtu=mtu, state="up")


def up(near: "IPRoute", name: str, address: str | None = None, *, mac: str | None = None, mtu: int | None = None) -> None:
    """Set a link up, with an address such as "172.17.0.2/16"."""
    attributes = {"address": mac, "mtu": mtu}
    with asked(f"link {name}"):
        near.link("set", index=index(near, name), state="up", **{k: v for k, v in attributes.items() if v is not None})
    if address is not None:
        add_address(near, name, address)


def add_address(near: "IPRoute", name: str, address: str) -> None:
    """Add an address, with its network's broadcast address where there is one."""
    interface = ipaddress.ip_interface(address)
    network = interface.network
    extra = {"broadcast": str(network.broadcast_address)} if network.version == 4 and network.prefixlen < 31 else {}
    with asked(f"address {address}"):
        near.addr("add", index=index(near, name), address=str(interface.ip), prefixlen=network.prefixlen, **extra)


def route(near: "IPRoute", dst: str, gateway: str) -> None:
    """Add a route; `dst` is "default" or CIDR."""
    with asked(f"route {dst}"):
        near.route("add", dst=dst, gateway=gateway)


def neighbour(near: "IPRoute", name: str, ip: str, mac: str) -> None:
    """Add a permanent neighbour."""
    with asked(f"neighbour {ip}"):
        near.neigh("add", ifindex=index(near, name), dst=ip, lladdr=mac, state="permanent")


def forward(near: "IPRoute", name: str, mac: str, vtep: str) -> None:
    """Add a permanent entry to a VXLAN device's forwarding table: frames for this MAC go to that host."""
    with asked(f"fdb {mac}"):
        near.fdb("append", ifindex=index(near, name), lladdr=mac, dst=vtep)


def index(near: "IPRoute", name: str) -> int:
    """The ifindex of a link."""
    found = near.link_lookup(ifname=name)
    if not found:
        raise FileNotFoundError(19, os.strerror(19), name)
    return int(found[0])
