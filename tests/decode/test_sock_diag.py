"""Bytes made by pyroute2's encoder, and lines as the kernel writes them."""

import struct
from typing import Any

import pytest
from pyroute2.netlink.diag import inet_diag_msg

from netview.decode.netlink import MalformedError
from netview.decode.procnet import socket_count, socket_inode, socket_line
from netview.decode.sock_diag import IPPROTO_TCP, IPPROTO_UDP, inet_socket, request
from netview.model import Family, Socket, SocketState

_HEADER = 16


def message(family: int, state: int, local: tuple[bytes, int], remote: tuple[bytes, int], inode: int, *rest: bytes) -> bytes:
    """A struct inet_diag_msg, field by field as linux/inet_diag.h has them."""
    ports = struct.pack("!HH", local[1], remote[1])
    addresses = local[0].ljust(16, b"\0") + remote[0].ljust(16, b"\0")
    return (
        struct.pack("=BBBB", family, state, 0, 0)
        + ports
        + addresses
        + struct.pack("=I8xIIIII", 7, 1, 2, 3, 1000, inode)
        + b"".join(rest)
    )


_V6ONLY = struct.pack("=HHBxxx", 5, 11, 1)
_TAKES_IPV4 = struct.pack("=HHBxxx", 5, 11, 0)
_SHUTDOWN = struct.pack("=HHBxxx", 5, 8, 0)
_MY, _YOUR = bytes([10, 1, 0, 2]), bytes([10, 1, 0, 9])


def decoded(data: bytes, protocol: int = IPPROTO_TCP) -> Socket | None:
    return inet_socket(protocol, b"\0" * _HEADER + data, _HEADER, _HEADER + len(data))


def test_a_listener_has_address_port_link_and_inode() -> None:
    found = decoded(message(2, 10, (_MY, 80), (bytes(4), 0), 4711, _SHUTDOWN))
    assert found == Socket("tcp", Family.INET, "10.1.0.2", 80, "0.0.0.0", 0, SocketState.LISTEN, 4711, ifindex=7)  # noqa: S104
    assert found.listens


def test_a_connection_has_another_end() -> None:
    found = decoded(message(2, 1, (_MY, 80), (_YOUR, 50000), 12))
    assert found is not None
    assert (found.remote, found.remote_port, found.state.word, found.listens) == ("10.1.0.9", 50000, "ESTAB", False)


@pytest.mark.parametrize(("attribute", "told"), [(_V6ONLY, True), (_TAKES_IPV4, False), (b"", None)])
def test_v6only_is_what_the_kernel_says_of_it(attribute: bytes, told: bool | None) -> None:
    found = decoded(message(10, 10, (bytes(16), 80), (bytes(16), 0), 5, attribute))
    assert found is not None
    assert (found.local, found.v6only) == ("::", told)


def test_a_udp_socket_listens_as_long_as_it_has_no_other_end() -> None:
    waiting = decoded(message(2, 7, (_MY, 53), (bytes(4), 0), 6), IPPROTO_UDP)
    talking = decoded(message(2, 1, (_MY, 4000), (_YOUR, 53), 6), IPPROTO_UDP)
    assert waiting is not None
    assert talking is not None
    assert (waiting.state.word, waiting.listens, talking.listens) == ("UNCONN", True, False)


@pytest.mark.parametrize(("family", "state"), [(1, 10), (2, 0), (2, 99)])
def test_families_and_states_not_met_before_are_left_out(family: int, state: int) -> None:
    assert decoded(message(family, state, (_MY, 1), (_YOUR, 2), 3)) is None


def test_a_socket_that_is_cut_off_is_malformed() -> None:
    whole = message(2, 10, (_MY, 80), (bytes(4), 0), 4711)
    for end in range(len(whole)):
        with pytest.raises(MalformedError):
            decoded(whole[:end])


def test_pyroute2_reads_the_same_bytes_alike() -> None:
    body = message(10, 10, (bytes(15) + b"\1", 8080), (bytes(16), 0), 77, _V6ONLY)
    oracle: Any = inet_diag_msg(struct.pack("=IHHII", _HEADER + len(body), 20, 0, 1, 0) + body)
    oracle.decode()
    found = decoded(body)
    assert found is not None
    assert (oracle["idiag_sport"], oracle["idiag_state"], oracle["idiag_inode"], oracle["idiag_if"]) == (8080, 10, 77, 7)
    assert (found.local_port, found.state, found.inode, found.ifindex) == (8080, 10, 77, 7)


def test_the_request_asks_for_a_family_a_protocol_and_some_states() -> None:
    asked = request(Family.INET6, IPPROTO_UDP, 1 << 7)
    assert (len(asked), asked[:2], asked[4:8]) == (56, bytes([10, 17]), struct.pack("=I", 128))


_TCP = b"   1: 0200010A:0050 0900010A:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 20 4"
_TCP6 = (
    b"   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A"
    b" 00000000:00000000 00:00000000 00000000     0        0 77 1 0000000000000000 100 0 0 10 0"
)


def test_a_line_of_proc_says_the_same_but_for_v6only() -> None:
    assert socket_line("tcp", _TCP) == Socket(
        "tcp", Family.INET, "10.1.0.2", 80, "10.1.0.9", 50000, SocketState.ESTABLISHED, 4711
    )
    found = socket_line("tcp", _TCP6)
    assert found is not None
    assert (found.local, found.local_port, found.state, found.inode, found.v6only) == ("::1", 8080, SocketState.LISTEN, 77, None)


@pytest.mark.parametrize(
    "line", [b"  sl  local_address rem_address   st", b"", b"1: zz:1 zz:1 01", _TCP.replace(b" 01 ", b" FF "), _TCP[:40]]
)
def test_headings_and_lines_of_another_form_are_left_out(line: bytes) -> None:
    assert socket_line("tcp", line) is None


def test_sockets_are_counted_with_those_that_wait_for_the_end() -> None:
    ipv4 = b"sockets: used 13\nTCP: inuse 5 orphan 0 tw 3 alloc 9 mem 2\nUDP: inuse 2 mem 0\nUDPLITE: inuse 7\n"
    text = ipv4 + b"TCP6: inuse 1\nUDP6: inuse 4\n"
    assert socket_count(text) == 5 + 3 + 2 + 1 + 4


def test_only_sockets_have_an_inode_among_descriptors() -> None:
    assert [socket_inode(target) for target in ("socket:[4711]", "/dev/null", "pipe:[3]")] == [4711, None, None]
