"""Connections as /proc/net/nf_conntrack tells them."""

from netview.decode.conntrack import connection
from netview.model import Family
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
