"""Frames by hand: every protocol that is told apart."""

import struct
from ipaddress import ip_address

import dpkt

A, B = b"\x02\0\0\0\0\x0a", b"\x02\0\0\0\0\x0b"


def ethernet(kind: int, body: bytes, tag: int | None = None) -> bytes:
    vlan = b"" if tag is None else struct.pack("!HH", 0x8100, tag)
    return B + A + vlan + struct.pack("!H", kind) + body


def four(protocol: int, body: bytes, *, source: str = "10.1.0.2", to: str = "10.1.0.3", fragment: int = 0) -> bytes:
    ends = ip_address(source).packed + ip_address(to).packed
    header = struct.pack("!BBHHHBBH", 0x45, 0, min(20 + len(body), 0xFFFF), 7, fragment, 64, protocol, 0) + ends
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return header[:10] + struct.pack("!H", ~total & 0xFFFF) + header[12:] + body


def six(following: int, body: bytes, *, source: str = "2001:db8::2", to: str = "2001:db8::3") -> bytes:
    return struct.pack("!IHBB", 0x60000000, len(body), following, 64) + ip_address(source).packed + ip_address(to).packed + body


def udp(source: int, to: int, body: bytes = b"hello") -> bytes:
    return struct.pack("!HHHH", source, to, 8 + len(body), 0) + body


def tcp(source: int, to: int, flags: int = 2, body: bytes = b"") -> bytes:
    return struct.pack("!HHIIBBHHH", source, to, 1, 0, 0x50, flags, 1000, 0, 0) + body


def icmp(kind: int = 8) -> bytes:
    return struct.pack("!BBHHH", kind, 0, 0, 1, 3) + b"payload"


ARP = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + A + b"\x0a\x01\0\x02" + bytes(6) + b"\x0a\x01\0\x03"
DNS = bytes(dpkt.dns.DNS(id=9, qd=[dpkt.dns.DNS.Q(name="web.example", type=1)]))
ANSWER = bytes(
    dpkt.dns.DNS(
        id=9,
        op=dpkt.dns.DNS_QR,
        qd=[dpkt.dns.DNS.Q(name="web.example", type=1)],
        an=[dpkt.dns.DNS.RR(name="web.example", type=1, ip=b"\x0a\x01\0\x09", rlen=4)],
    )
)
DHCP = bytes(dpkt.dhcp.DHCP(op=1, chaddr=A + bytes(10), opts=((53, b"\x03"), (50, b"\x0a\x01\0\x02"))))
VXLAN = b"\x08\0\0\0\0\x10\x01\0" + ethernet(0x0800, four(1, icmp()))

FRAMES: dict[str, bytes] = {
    "arp": ethernet(0x0806, ARP),
    "echo": ethernet(0x0800, four(1, icmp())),
    "reply": ethernet(0x0800, four(1, icmp(0), source="10.1.0.3", to="10.1.0.2")),
    "syn": ethernet(0x0800, four(6, tcp(40000, 80))),
    "syn back": ethernet(0x0800, four(6, tcp(80, 40000, 18), source="10.1.0.3", to="10.1.0.2")),
    "other port": ethernet(0x0800, four(6, tcp(40000, 443))),
    "dns": ethernet(0x0800, four(17, udp(40000, 53, DNS))),
    "dns answer": ethernet(0x0800, four(17, udp(53, 40000, ANSWER), source="10.1.0.3", to="10.1.0.2")),
    "dhcp": ethernet(0x0800, four(17, udp(68, 67, DHCP), to="255.255.255.255")),
    "vxlan": ethernet(0x0800, four(17, udp(5000, 4789, VXLAN))),
    "elsewhere": ethernet(0x0800, four(17, udp(1, 2), source="192.0.2.1", to="198.51.100.1")),
    "later fragment": ethernet(0x0800, four(17, udp(53, 53), fragment=100)),
    "six syn": ethernet(0x86DD, six(6, tcp(40000, 80))),
    "six dns": ethernet(0x86DD, six(17, udp(40000, 53, DNS))),
    "six echo": ethernet(0x86DD, six(58, icmp(128))),
    "six neighbour": ethernet(0x86DD, six(58, struct.pack("!BBHI", 135, 0, 0, 0) + ip_address("2001:db8::3").packed)),
    "six fragment": ethernet(0x86DD, six(44, struct.pack("!BBHI", 17, 0, 8, 1) + b"rest")),
    "long": ethernet(0x0800, four(17, udp(7, 7, b"x" * 600))),
    "sctp": ethernet(0x0800, four(132, struct.pack("!HHII", 80, 5000, 0, 0))),
    "lldp": ethernet(0x88CC, b"\x02\x07\x04"),
}
