"""Counters and reasons of drops, from what the kernel writes."""

from netview.decode.drops import (
    conntrack_counters,
    device_counters,
    drop_reason,
    lost_events,
    protocol6_counters,
    protocol_counters,
    softnet_counters,
)
from netview.model.drops import DropCounter, DropReason

LINE = (
    b"           ping-685     [000] %s  5206.826354: kfree_skb: skbaddr=000000002a73b0c7 rx_sk=0000000000000000"
    b" protocol=2048 location=nf_hook_slow+0x437/0x4c0 reason: %s"
)


def test_a_reason_with_the_process_that_sent() -> None:
    assert drop_reason(LINE % (b".....", b"NETFILTER_DROP")) == DropReason("NETFILTER_DROP", "nf_hook_slow", 2048, 685)


def test_what_is_dropped_in_an_interrupt_is_nobodys() -> None:
    found = drop_reason(LINE % (b"..s1.", b"NO_SOCKET"))
    assert found is not None
    assert found.pid is None


def test_what_is_no_drop_is_passed_over() -> None:
    assert drop_reason(LINE % (b".....", b"CONSUMED")) is None
    assert drop_reason(b"CPU:1 [LOST 42 EVENTS]") is None
    assert drop_reason(b"") is None


def test_no_process_claims_losses_by_its_name() -> None:
    assert lost_events(b"CPU:1 [LOST 42 EVENTS]") == 42
    assert lost_events(b"CPU:1 [LOST EVENTS]") == 1
    named = b"CPU:0 [LOST 99 -685     [000] ..... 1.0: kfree_skb: skbaddr=0 protocol=2048 location=f+0x1/0x2 reason: NO_SOCKET"
    assert lost_events(named) == 0
    assert drop_reason(named) == DropReason("NO_SOCKET", "f", 2048, 685)


def test_a_kernel_without_reasons_still_tells_the_place() -> None:
    line = b" x-1 [000] ..... 1.0: kfree_skb: skbaddr=00 protocol=2048 location=icmp_rcv"
    assert drop_reason(line) == DropReason("NOT_SPECIFIED", "icmp_rcv", 2048, 1)


def test_protocols_tell_their_losses_alone() -> None:
    text = b"Ip: Forwarding InHdrErrors OutNoRoutes\nIp: 1 2 3\nUdp: InDatagrams NoPorts\nUdp: 9 4\n"
    told = {one.name: value for one, value in protocol_counters(text)}
    assert told == {"IpInHdrErrors": 2, "IpOutNoRoutes": 3, "UdpNoPorts": 4}
    assert dict(protocol6_counters(b"Ip6InNoRoutes   \t7\nIp6InReceives\t9\n")) == {DropCounter("protocol", "Ip6InNoRoutes"): 7}
    assert list(protocol_counters(b"Ip: a b\n")) == []


def test_processors_are_added_up() -> None:
    assert dict(softnet_counters(b"00000010 00000002 00000001\n00000010 0000000a 00000000\n")) == {
        DropCounter("softnet", "dropped"): 12,
        DropCounter("softnet", "time_squeeze"): 1,
    }
    text = b"entries insert_failed drop early_drop\n00000001 00000002 00000003 00000000\n00000001 00000001 00000000 00000000\n"
    assert {one.name: value for one, value in conntrack_counters(text)} == {"insert_failed": 3, "drop": 3, "early_drop": 0}


def test_links_are_told_by_name() -> None:
    text = b"h\nh\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
    told = {(name, word): value for name, word, value in device_counters(text)}
    assert told["eth0", "rx_dropped"] == 4
    assert told["eth0", "tx_dropped"] == 12
    assert told["eth0", "tx_carrier_errors"] == 15
