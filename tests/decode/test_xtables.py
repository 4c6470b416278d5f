"""Matches and targets as iptables-nft 1.8.9 wrote them."""

import pytest

from netview.decode.xtables import match, target
from netview.model.ruleset import (
    Addresses,
    AddressType,
    ConnectionState,
    Expression,
    Icmp,
    IpSet,
    Judgement,
    Limit,
    MarkBits,
    Multiport,
    Opaque,
    Passive,
    Ports,
    Recent,
    TouchIpSet,
    Translate,
)


def _conntrack(flags: int, inverted: int, states: int) -> bytes:
    parts = b"".join(number.to_bytes(2, "little") for number in (flags, inverted, states, 0))
    return (bytes(128 + 8 + 10) + parts).ljust(168, b"\0")


@pytest.mark.parametrize(
    ("name", "revision", "data", "expression"),
    [
        ("conntrack", 3, _conntrack(0x2001, 0, 2), ConnectionState(2, inverted=False)),
        ("conntrack", 3, _conntrack(1, 1, 1), ConnectionState(1, inverted=True)),
        ("conntrack", 3, _conntrack(0x11, 0, 2), Opaque("conntrack")),
        ("icmp", 0, bytes.fromhex("0800ff0000000000"), Icmp(8, (0, 255), inverted=False)),
        ("addrtype", 1, bytes.fromhex("0000040000000000"), AddressType(0, 4, 0)),
        ("addrtype", 0, bytes.fromhex("000004000000000001000000"), AddressType(0, 4, 2)),
        ("tcp", 0, bytes.fromhex("0000ffff50005000000000000000"), Ports(6, (0, 65535), (80, 80), 0)),
        ("tcp", 0, bytes.fromhex("0000ffff50005000051202040000"), Opaque("tcp")),
        ("udp", 0, bytes.fromhex("0000ffff350035000200"), Ports(17, (0, 65535), (53, 53), 2)),
        (
            "multiport",
            1,
            bytes.fromhex("0103") + bytes.fromhex("51005a006300").ljust(30, b"\0") + b"\0\1".ljust(15, b"\0") + b"\0",
            Multiport("destination", ((81, 81), (90, 99)), inverted=False),
        ),
        ("comment", 0, b"anything", Passive("comment")),
        ("recent", 0, bytes(8), Opaque("recent")),
        (
            "recent",
            1,
            bytes.fromhex("3c0000000400000004") + b"\0" + b"SSH".ljust(200, b"\0") + b"\0\0" + b"\xff" * 16,
            Recent("SSH", "update", 60, 4, inverted=False, source=True, mask=b"\xff" * 16),
        ),
        (
            "limit",
            0,
            bytes.fromhex("e0930400").ljust(4) + bytes.fromhex("05000000").ljust(36, b"\0"),
            Limit(5, False, "2/minute"),
        ),
        ("set", 4, bytes.fromhex("03000206").ljust(48, b"\0"), IpSet(3, 2, 6, inverted=False)),
        ("set", 4, bytes.fromhex("03000187").ljust(48, b"\0"), Opaque("set")),
        ("set", 0, bytes(44), Opaque("set")),
        (
            "iprange",
            1,
            b"".join(bytes([10, 1, 0, last]).ljust(16, b"\0") for last in (1, 9, 0, 0)) + b"\x11",
            Addresses((bytes([10, 1, 0, 1]).ljust(16, b"\0"), bytes([10, 1, 0, 9]).ljust(16, b"\0")), None, 1),
        ),
        ("tcp", 0, b"cut", Opaque("tcp")),
    ],
)
def test_matches(name: str, revision: int, data: bytes, expression: Expression) -> None:
    assert match(name, revision, data) == expression


@pytest.mark.parametrize(
    ("name", "revision", "hex_", "expression"),
    [
        ("REJECT", 0, "0700000000000000", Judgement("reject")),
        ("MASQUERADE", 0, "010000000400000000000000000000000000000000000000", Translate("masquerade", flags=4)),
        ("REDIRECT", 0, "010000000200000000000000000000000050005000000000", Translate("redirect", None, (80, 80))),
        (
            "SNAT",
            0,
            "010000000100000001010101010101090000000000000000",
            Translate("snat", bytes([1, 1, 1, 1]), None, bytes([1, 1, 1, 9])),
        ),
        ("SNAT", 0, "010000002100000001010101010101010000000000000000", Opaque("snat", acts=True)),
        ("SNAT", 0, "010000000100000001010101010101010000000000000000", Translate("snat", bytes([1, 1, 1, 1]))),
        ("MARK", 2, "07000000ffffffff", MarkBits(7, 0xFFFFFFFF)),
        ("LOG", 0, "04000000" + "00" * 28, Passive("LOG")),
        ("SET", 3, bytes.fromhex("05000102ffff0000ffff0000").ljust(20, b"\0").hex(), TouchIpSet((5,))),
        ("SET", 3, bytes.fromhex("05000102ffff000006000102").ljust(20, b"\0").hex(), Opaque("SET", acts=True)),
        ("TPROXY", 1, "00" * 32, Opaque("TPROXY", acts=True)),
    ],
)
def test_targets(name: str, revision: int, hex_: str, expression: Expression) -> None:
    assert target(name, revision, bytes.fromhex(hex_)) == expression
