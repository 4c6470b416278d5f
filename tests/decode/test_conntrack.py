"""Connections as /proc/net/nf_conntrack and ctnetlink tell them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.decode.conntrack import ask_connections, connection, tracked
from netview.decode.netlink import MalformedError, attribute, attributes
from netview.model import Family, Flow
from netview.model.connection import Connection, Ends

UDP = (
    b"ipv4     2 udp      17 29 src=192.0.2.2 dst=192.0.2.1 sport=54851 dport=53 [UNREPLIED]"
    b" src=10.9.0.9 dst=192.0.2.2 sport=5353 dport=54851 mark=0 zone=0 use=2"
)
TCP = (
    b"ipv6     10 tcp      6 431999 ESTABLISHED src=fd00::2 dst=fd00::1 sport=5 dport=6"
    b" src=fd00::1 dst=fd00::2 sport=6 dport=5 [ASSURED] mark=0 zone=0 use=2"
)
ICMP = (
    b"ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7"
    b" src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 zone=0 use=2"
)


def test_both_directions_are_told() -> None:
    ends = Ends("192.0.2.2", "192.0.2.1", 54851, 53), Ends("10.9.0.9", "192.0.2.2", 5353, 54851)
    assert connection(UDP) == Connection("udp", Family.INET, *ends)
    assert connection(TCP) == Connection("tcp", Family.INET6, Ends("fd00::2", "fd00::1", 5, 6), Ends("fd00::1", "fd00::2", 6, 5))


def test_what_has_no_ports_or_another_form_is_none() -> None:
    for line in (ICMP, b"", b"ipv4", b"\xff\xfe 2 udp", UDP[:60], UDP.replace(b"sport=54851", b"sport=x")):
        assert connection(line) is None


def _tuple(kind: int, source: bytes, destination: bytes, protocol: int, *ports: int) -> bytes:
    first = 1 if len(source) == 4 else 3
    addresses = attribute(first, source) + attribute(first + 1, destination)
    told = attribute(1, bytes([protocol])) + b"".join(attribute(2 + n, port.to_bytes(2, "big")) for n, port in enumerate(ports))
    return attribute(kind, attribute(1, addresses) + attribute(2, told))


_A, _B, _C = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]), bytes([10, 0, 0, 3])
MESSAGE = (
    bytes([2, 0, 0, 0])
    + _tuple(1, _A, _B, 6, 4000, 80)
    + _tuple(2, _C, _A, 6, 8080, 4000)
    + attribute(3, (2 | 4 | 32).to_bytes(4, "big"))
    + attribute(4, attribute(1, attribute(1, b"\x03")))
    + attribute(7, (431999).to_bytes(4, "big"))
)


def test_netlink_tells_state_and_age_as_well() -> None:
    found = tracked(MESSAGE, 0, len(MESSAGE))
    ends = Ends("10.0.0.1", "10.0.0.2", 4000, 80), Ends("10.0.0.3", "10.0.0.1", 8080, 4000)
    assert found == Connection("tcp", Family.INET, *ends, "ESTABLISHED", replied=True, expires_s=431999)
    assert str(found.reply.turned) == "10.0.0.1:4000 → 10.0.0.3:8080"


def test_what_netlink_leaves_out_is_not_told() -> None:
    message = bytes([10, 0, 0, 0]) + _tuple(1, bytes(16), bytes(16), 58) + _tuple(2, bytes(16), bytes(16), 58)
    ends = Ends("::", "::", None, None)
    assert tracked(message, 0, len(message)) == Connection("icmpv6", Family.INET6, ends, ends)
    assert tracked(bytes([7]) + message[1:], 0, len(message)) is None


def test_ports_that_a_flow_does_not_tell_are_not_asked_for() -> None:
    asked = ask_connections(Flow("tcp", "10.0.0.1", "10.0.0.2", port=80))
    assert asked is not None
    found = attributes(asked, 4)
    assert attributes(found[25])[1] == (0b101011).to_bytes(4, "little")
    assert set(attributes(attributes(found[1])[2])) == {1, 3}
    assert ask_connections(Flow("132", "10.0.0.1", "10.0.0.2")) is None


@given(st.integers(0, len(MESSAGE)), st.integers(0, len(MESSAGE) - 1), st.integers(0, 255))
def test_bytes_of_any_kind_are_a_connection_or_malformed(end: int, at: int, value: int) -> None:
    changed = bytearray(MESSAGE[:end])
    if at < end:
        changed[at] = value
    try:
        tracked(bytes(changed), 0, len(changed))
    except MalformedError:
        return


def test_a_connection_begins_as_the_flow_of_its_first_packet() -> None:
    one = tracked(MESSAGE, 0, len(MESSAGE))
    assert one is not None
    assert one.original.is_of(Flow("tcp", "10.0.0.1", "10.0.0.2", port=80))
    assert one.original.is_of(Flow("tcp", "10.0.0.1", "10.0.0.2", 4000, 80))
    assert not one.original.is_of(Flow("tcp", "10.0.0.1", "10.0.0.2", 4001, 80))
    assert not one.original.is_of(Flow("tcp", "10.0.0.2", "10.0.0.1", port=80))


@pytest.mark.parametrize("cut", range(4))
def test_less_than_a_header_is_malformed(cut: int) -> None:
    with pytest.raises(MalformedError):
        tracked(MESSAGE, 0, cut)
