"""Frames layer by layer, and whatever is broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.decode.headers import packet_headers, tunnelled
from netview.decode.packet import layers, summary
from tests.decode.frames import FRAMES, ethernet, four, icmp, six, tcp, udp

PORTS = frozenset({4789})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("arp", "ARP who has 10.1.0.3, tell 10.1.0.2"),
        ("echo", "ICMP echo request 3"),
        ("syn", "TCP 40000 → 80 SYN 0 bytes"),
        ("dns", "DNS query A web.example"),
        ("dns answer", "DNS answer A web.example → 10.1.0.9"),
        ("dhcp", "DHCP request 02:00:00:00:00:0a"),
        ("vxlan", "ICMP echo request 3"),
        ("six neighbour", "ICMPv6 who has 2001:db8::3"),
        ("later fragment", "IPv4 10.1.0.2 → 10.1.0.3 UDP 33 bytes"),
        ("lldp", "Ethernet 02:00:00:00:00:0a → 02:00:00:00:00:0b LLDP"),
    ],
)
def test_a_frame_in_one_line(name: str, said: str) -> None:
    assert summary(FRAMES[name], 14) == said


def test_a_tunnel_is_told_with_all_that_is_in_it() -> None:
    assert [layer.name for layer in layers(FRAMES["vxlan"], 14)] == [
        "Ethernet", "IPv4", "UDP", "VXLAN", "Ethernet", "IPv4", "ICMP", "bytes",
    ]  # fmt: skip


def test_a_vlan_is_told() -> None:
    (layer, *_) = layers(ethernet(0x0800, four(1, icmp()), tag=42), 18)
    assert ("vlan", "42") in layer.fields


def test_a_link_without_a_header_of_its_own() -> None:
    assert [layer.name for layer in layers(four(6, tcp(1, 2)), 0)] == ["IPv4", "TCP"]


def test_headers_of_every_frame() -> None:
    found = {name: packet_headers(frame, 14) for name, frame in FRAMES.items()}
    syn, fragment = found["syn"], found["later fragment"]
    assert syn is not None
    assert (syn.flow, syn.what) == ("10.1.0.2:40000 → 10.1.0.3:80", "SYN")
    assert fragment is not None
    assert fragment.port is None
    assert {name for name, one in found.items() if one is None} == {"arp", "lldp"}
    inner = tunnelled(FRAMES["vxlan"], 14, PORTS)
    assert inner is not None
    assert inner.what == "echo request 3"
    assert all(tunnelled(frame, 14, PORTS) is None for name, frame in FRAMES.items() if name != "vxlan")


def test_extension_headers_are_passed_over() -> None:
    extended = six(0, bytes([6, 0]) + bytes(6) + tcp(40000, 80))
    told = packet_headers(extended, 0)
    assert told is not None
    assert (told.protocol, told.port) == ("tcp", 80)
    assert [layer.name for layer in layers(extended, 0)] == ["IPv6", "TCP"]


def test_packets_in_packets_are_decoded_only_so_deep() -> None:
    packet = b"x"
    for _ in range(2000):
        packet = four(4, packet)
    assert {layer.name for layer in layers(packet, 0)} == {"IPv4", "bytes"}
    quoted = four(1, b"\3\1" + bytes(6) + packet)
    assert [layer.name for layer in layers(quoted, 0)] == ["IPv4", "ICMP", "bytes"]


def test_later_fragments_have_no_headers_of_what_they_carry() -> None:
    inner = udp(5000, 4789, b"\x08\0\0\0\0\x10\x01\0" + ethernet(0x0800, four(1, icmp())))
    assert tunnelled(four(17, inner), 0, PORTS) is not None
    assert tunnelled(four(17, inner, fragment=100), 0, PORTS) is None
    later = six(44, bytes([17, 0, 1, 0]) + bytes(4) + inner)
    assert [layer.name for layer in layers(later, 0)] == ["IPv6", "bytes"]


def test_a_long_answer_is_told_in_part() -> None:
    asked = b"\1a" * 120 + b"\0\0\1\0\1" + b"\xc0\x0c\0\1\0\1" * 999
    answer = layers(four(17, udp(53, 5000, b"\0\1\x80\0" + (1000).to_bytes(2, "big") + bytes(6) + asked)), 0)[-1]
    assert answer.name == "DNS"
    assert answer.fields[-1] == ("asked", "968 more")
    assert len(answer.summary) < 10_000


@pytest.mark.parametrize("name", FRAMES)
def test_whatever_is_cut_off_is_borne(name: str) -> None:
    whole = FRAMES[name]
    for length in range(len(whole)):
        broken = whole[:length]
        assert isinstance(layers(broken, 14), tuple)
        summary(broken, 14)
        packet_headers(broken, 14)
        tunnelled(broken, 14, PORTS)


@given(st.sampled_from(sorted(FRAMES)), st.data())
def test_whatever_is_changed_is_borne(name: str, data: st.DataObject) -> None:
    whole = bytearray(FRAMES[name])
    for at, byte in data.draw(st.dictionaries(st.integers(0, len(whole) - 1), st.integers(0, 255), max_size=8)).items():
        whole[at] = byte
    told = layers(bytes(whole), 14)
    assert told
    packet_headers(bytes(whole), 14)
    tunnelled(bytes(whole), 14, PORTS)


@given(st.binary(max_size=200), st.integers(0, 40))
def test_any_bytes_are_borne(data: bytes, network: int) -> None:
    layers(data, network)
    packet_headers(data, network)
    tunnelled(data, network, PORTS)
