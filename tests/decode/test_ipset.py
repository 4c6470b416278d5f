"""Keys of ipset's sets, of which real ones are asked in tests/kernel."""

import pytest

from netview.decode.ipset import Header, ask_header, ask_member, ask_name, header, name
from netview.decode.netlink import MalformedError, attribute, attributes
from netview.decode.recent import stamps
from netview.model import Flow, Packet
from netview.model.ruleset import IpSet
from tests.factories import a_link

_FLOW = Flow("tcp", "10.0.0.5", "192.0.2.1", 40000, 80)
_PACKET = Packet(_FLOW, a_link(2, "eth0"), None)


def _asked(kind: str, sides: int = 2, dimensions: int = 3, packet: Packet = _PACKET, family: int = 2) -> bytes | bool | None:
    return ask_member(Header(b"bad", kind, family), IpSet(0, dimensions, sides, inverted=False), packet)


def _parts(kind: str, sides: int) -> dict[int, bytes]:
    body = _asked(kind, sides)
    assert isinstance(body, bytes)
    whole = attributes(body, 4)
    assert (whole[1], whole[2]) == (b"\7", b"bad\0")
    return attributes(whole[7])


@pytest.mark.parametrize(
    ("kind", "sides", "parts"),
    [
        ("hash:ip", 2, {1: attribute(0x4001, bytes([10, 0, 0, 5]))}),
        ("hash:ip", 0, {1: attribute(0x4001, bytes([192, 0, 2, 1]))}),
        ("bitmap:port", 0, {4: b"\0\x50"}),
        ("hash:ip,port", 2, {1: attribute(0x4001, bytes([10, 0, 0, 5])), 4: b"\0\x50", 7: b"\6"}),
        ("hash:net,iface", 6, {1: attribute(0x4001, bytes([10, 0, 0, 5])), 23: b"eth0\0"}),
        ("hash:net,net", 4, {1: attribute(0x4001, bytes([192, 0, 2, 1])), 20: attribute(0x4001, bytes([10, 0, 0, 5]))}),
    ],
)
def test_a_key_has_the_parts_that_the_set_wants(kind: str, sides: int, parts: dict[int, bytes]) -> None:
    assert _parts(kind, sides) == parts


def test_a_packet_that_has_no_such_part_is_not_in_it_and_of_other_kinds_nobody_knows() -> None:
    ping = Packet(Flow("icmp", "10.0.0.5", "192.0.2.1", icmp_type=8, icmp_code=0), None, None)
    assert _asked("bitmap:port", packet=ping) is False
    assert _asked("hash:net,iface", 6, packet=ping) is False
    assert _asked("hash:ip,port", dimensions=1) is False
    assert _asked("hash:ip", family=10) is False
    assert _asked("list:set") is None
    assert _asked("hash:mac") is None
    assert _asked("hash:ip,port", 6, packet=Packet(Flow("tcp", "10.0.0.5", "192.0.2.1"), None, None)) is None


def test_sets_are_asked_for_by_number_and_described_by_name() -> None:
    assert ask_name(258) == bytes(4) + attribute(1, b"\7") + attribute(0x400B, b"\1\2")
    assert ask_header(b"bad") == bytes(4) + attribute(1, b"\7") + attribute(2, b"bad\0")
    told = bytes(4) + attribute(2, b"bad\0") + attribute(3, b"hash:ip\0") + attribute(5, b"\2")
    assert header(told, 0, len(told)) == Header(b"bad", "hash:ip", 2)
    with pytest.raises(MalformedError):
        name(bytes(4), 0, 4)


@pytest.mark.parametrize(
    ("line", "address", "found"),
    [
        (b"src=10.1.0.2 ttl: 64 last_seen: 4295 oldest_pkt: 1 4295\n", "10.1.0.2", 1),
        (b"src=10.1.0.2 ttl: 64 last_seen: 4297 oldest_pkt: 2 4295, 4297\n", "10.1.0.2", 2),
        (b"src=10.1.0.2 ttl: 64 last_seen: 4295 oldest_pkt: 1 4295\n", "10.1.0.3", None),
        (b"src=2001:0db8:0000:0000:0000:0000:0000:0002 ttl: 0 last_seen: 1 oldest_pkt: 1 1\n", "2001:db8::2", 1),
        (b"src=10.1.0.2\n", "10.1.0.2", None),
        (b"src=what ttl: 0 last_seen: 1 oldest_pkt: 1 1\n", "10.1.0.2", None),
        (b"\n", "10.1.0.2", None),
    ],
)
def test_a_line_of_a_list(line: bytes, address: str, found: int | None) -> None:
    assert stamps(line, address) == found
