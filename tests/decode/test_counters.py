"""Counters of the stack, as the kernel writes them."""

from netview.decode.counters import by_processor, listed, paired


def test_names_and_values_are_lines_one_after_the_other() -> None:
    text = b"Tcp: RtoAlgorithm MaxConn\nTcp: 1 -1\nUdp: InDatagrams InCsumErrors\nUdp: 7 3\n"
    assert paired(text) == {"Tcp/RtoAlgorithm": 1, "Tcp/MaxConn": -1, "Udp/InDatagrams": 7, "Udp/InCsumErrors": 3}


def test_those_of_ipv6_are_one_a_line() -> None:
    text = b"Ip6InReceives                   \t12\nIp6FragFails                    \t5\nIcmp6InMsgs \t1\nUdp6InCsumErrors \t2\n"
    assert listed(text) == {"Ip6/InReceives": 12, "Ip6/FragFails": 5, "Icmp6/InMsgs": 1, "Udp6/InCsumErrors": 2}


def test_what_each_processor_counts_is_added_up() -> None:
    text = b"entries  found insert_failed drop\n0000000a  00000001 00000010 00000002\n0000000a  00000002 00000001 00000000\n"
    told = by_processor("nf_conntrack", text)
    assert (told["nf_conntrack/insert_failed"], told["nf_conntrack/drop"], told["nf_conntrack/found"]) == (17, 2, 3)


def test_other_forms_are_no_numbers() -> None:
    assert paired(b"Ip: a b\nIp: x 1\nodd") == {"Ip/b": 1}
    assert by_processor("x", b"") == {}
    assert by_processor("x", b"a\nzz\n") == {}
