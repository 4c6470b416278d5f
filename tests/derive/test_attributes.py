import dataclasses

import pytest

from netview.derive.attributes import Attributes, attributes, port_attributes, published
from netview.derive.pair import End, pair
from netview.model import Hardware, LinkKey, LinkRef, Macvlan, PublishedPort, Tun
from tests.factories import DOCKER0, HOME, HOSTILE, OVERLAY, VETH_1, a_link, docker_snapshot


def shown(key: LinkKey) -> Attributes:
    known = pair(docker_snapshot(), key)
    assert known is not None
    return attributes(known.inside)


def alone(kind: str, **others: object) -> End:
    link = a_link(5, "x0", kind, **others)
    return End(LinkKey(HOME, 5), 5, "host", link, home=True)


def test_a_bridge_shows_id_root_stp_ageing_and_ports() -> None:
    assert shown(DOCKER0) == (
        ("id", "8000.0242d8e4dfc1"),
        ("root", "this bridge"),
        ("stp", "off"),
        ("ageing", "300 s"),
        ("vlan_filtering", "off"),
        ("ports", "veth9c02e56, veth5a5cdcf"),
    )


def test_a_vxlan_shows_its_tunnel() -> None:
    assert shown(LinkKey(OVERLAY, 5)) == (
        ("vni", "4097"),
        ("local", "any"),
        ("remote", "192.0.2.8"),
        ("port", "4789"),
        ("learning", "on"),
    )


@pytest.mark.parametrize(
    ("hardware", "expected"),
    [
        (None, (("speed", "? not in this /sys"),)),
        (
            Hardware(None, None, "virtio_net"),
            (("speed", "? not told by the driver"), ("duplex", "?"), ("driver", "virtio_net")),
        ),
        (Hardware(10000, "full", "ixgbe"), (("speed", "10000 Mbit/s"), ("duplex", "full"), ("driver", "ixgbe"))),
    ],
)
def test_an_uplink_shows_what_sysfs_tells_and_why_it_does_not(hardware: Hardware | None, expected: Attributes) -> None:
    assert attributes(dataclasses.replace(alone("device"), hardware=hardware)) == expected


@pytest.mark.parametrize(
    ("tun", "expected"),
    [
        (Tun("tap", 1000, persist=True), (("mode", "tap"), ("owner", "uid 1000"), ("persist", "on"))),
        (Tun("tun", 0, persist=False), (("mode", "tun"), ("owner", "uid 0"), ("persist", "off"))),
        (Tun("tun", None, persist=False), (("mode", "tun"), ("owner", "anyone"), ("persist", "off"))),
    ],
)
def test_a_tun_shows_mode_owner_and_persistence(tun: Tun, expected: Attributes) -> None:
    assert attributes(alone("tun", tun=tun)) == expected


@pytest.mark.parametrize(
    ("lower", "expected"),
    [
        (LinkRef(HOME, None, 2, "eth0"), "eth0 #2"),
        (LinkRef(HOME, 0, 2, None), "? #2"),
        (LinkRef(None, 4, 2, None), "#2 in a namespace that cannot be seen: nsid 4"),
        (LinkRef(HOME, None, 2, HOSTILE), "e\\x1b[2J[/red]\\u202eb #2"),
    ],
)
def test_a_macvlan_shows_mode_and_lower(lower: LinkRef, expected: str) -> None:
    end = dataclasses.replace(alone("macvlan", macvlan=Macvlan("bridge")), lower=lower)
    assert attributes(end) == (("mode", "bridge"), ("over", expected))


def test_other_kinds_show_iproute2s_names() -> None:
    end = alone("gre", details=(("local", "192.0.2.1"), ("ttl", 64), ("pmtudisc", True), ("ikey", None)))
    assert attributes(end) == (("local", "192.0.2.1"), ("ttl", "64"), ("pmtudisc", "on"), ("ikey", "?"))


def test_a_plain_veth_and_an_unknown_end_have_none() -> None:
    assert attributes(alone("veth")) == ()
    assert attributes(End(None, 5, None, None)) == ()


def test_a_port_shows_how_it_is_plugged_in() -> None:
    link = docker_snapshot().link(VETH_1)
    assert link is not None
    assert port_attributes(link) == (
        ("cost", "2"),
        ("priority", "32"),
        ("hairpin", "off"),
        ("isolated", "off"),
        ("learning", "on"),
    )
    assert link.port is not None
    assert ("isolated", "?") in port_attributes(dataclasses.replace(link, port=dataclasses.replace(link.port, isolated=None)))
    assert port_attributes(a_link(5, "x0")) == ()


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (PublishedPort("0.0.0.0", 8080, 80, "tcp"), ("0.0.0.0:8080→80/tcp",)),  # noqa: S104 - Docker's word for any
        (PublishedPort("::", 8080, 80, "tcp"), ("[::]:8080→80/tcp",)),
        (PublishedPort(None, 53, 53, "udp"), ("*:53→53/udp",)),
        (PublishedPort("\x1b[2J", 1, 2, "tcp"), ("\\x1b[2J:1→2/tcp",)),
        (PublishedPort(None, None, 80, "tcp"), ()),
    ],
)
def test_a_published_port_reads_like_a_url(port: PublishedPort, expected: tuple[str, ...]) -> None:
    assert published((port,)) == expected
