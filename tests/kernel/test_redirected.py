"""A wire whose container end is fed past its host end (bpf_redirect_peer, as Cilium does): it mirrors nothing."""

import os
import socket
import time

from netview.derive.build import build
from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.model import Sample
from tests.kernel.bpf import redirecting
from tests.kernel.lab import Lab
from tests.kernel.looking import at_home_in, link

_COUNT = 50
_TO, _MAC = "10.6.0.2", "02:00:00:00:06:02"


def _send(lab: Lab) -> None:
    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(_COUNT):
                sender.sendto(bytes(100), (_TO, 9))

    at_home_in(lab, "a", send)


def _built(lab: Lab) -> tuple[int, int]:
    """Two containers on a host that only a program leads from one to the other; the ifindexes of the host's ends."""
    lab.add("host", "a", "b")
    lab.ip(
        "host", f"link add va type veth peer name eth0 netns @a\nlink add vb type veth peer name eth0 address {_MAC} netns @b\n"
    )
    for name, ifname in (("host", "va"), ("host", "vb"), ("a", "eth0"), ("b", "eth0")):
        lab.ip(name, f"link set {ifname} addrgenmode none up\n")
    lab.ip("a", f"addr add 10.6.0.1/24 dev eth0\nneigh add {_TO} lladdr {_MAC} dev eth0 nud permanent\n")
    lab.ip("b", f"addr add {_TO}/24 dev eth0\n")
    at = {row["ifname"]: row["ifindex"] for row in lab.show("host", "link")}
    return at["va"], at["vb"]


def test_a_redirected_pair_is_found_not_mirrored_within_two_ticks_and_its_rates_are_right(lab: Lab) -> None:
    first, second = _built(lab)

    def look() -> tuple[Sample, list[Sample]]:
        source = LiveSource()
        program = -1
        try:
            source.sample(Want())
            before = source.sample(Want())
            program = redirecting(first, second)
            _send(lab)
            want = Want(visible=frozenset({link(build(before), lab, "b", "eth0")}))
            found = []
            for _ in range(3):
                time.sleep(0.15)
                found.append(source.sample(want))
                _send(lab)
            time.sleep(0.15)
            return before, [*found, source.sample(want)]
        finally:
            if program >= 0:
                os.close(program)
            source.close()

    before, seen = at_home_in(lab, "host", look)
    inner, outer = link(build(before), lab, "b", "eth0"), link(build(before), lab, "host", "vb")
    assert inner in before.mirrored
    assert all(inner not in sample.mirrored for sample in seen[1:])
    assert [sample.counters[inner].rx_packets - before.counters[inner].rx_packets for sample in seen[1:]] == [100, 150, 200]
    assert seen[-1].counters[outer].tx_packets == before.counters[outer].tx_packets
    measured = build(seen[2], seen[1], build(seen[1]))
    rates = build(seen[3], seen[2], measured).rates[inner]
    assert rates.rx_packets == _COUNT / (seen[3].read_at[inner] - seen[2].read_at[inner])
