"""Packets made by hand."""

import struct

import pytest

from netview.lab.traffic import _checksum, _request


@pytest.mark.parametrize(
    ("data", "checksum"),
    [(b"", 0xFFFF), (b"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 0x220D), (b"\xff", 0x00FF), (b"\xff\xff\xff\xff", 0x0000)],
)
def test_the_checksum_is_that_of_rfc_1071(data: bytes, checksum: int) -> None:
    assert _checksum(data) == checksum


def test_an_echo_request_sums_up_to_nothing() -> None:
    packet = _request(0x1234, 7, b"odd")
    assert _checksum(packet) == 0
    assert struct.unpack_from("!BxxxHH", packet) == (8, 0x1234, 7)
