"""Bytes really sent through a pair are in the right column at each end."""

import socket
import time

import pytest

from netview.derive.build import build
from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.model import LinkKey, Sample, Snapshot
from tests.kernel.lab import Lab
from tests.kernel.looking import BACKENDS, Backend, at_home_in, link

_COUNT, _PAYLOAD = 100, 1000
# Ethernet, IPv4 and UDP headers.
_BYTES = _COUNT * (_PAYLOAD + 14 + 20 + 8)
_HOST, _CONTAINER = "10.5.0.1", "10.5.0.2"
_HOST_MAC, _CONTAINER_MAC = "02:00:00:00:05:01", "02:00:00:00:05:02"


@pytest.fixture
def pair(lab: Lab) -> Lab:
    """A host and a container that need not ask for each other's MAC, and say nothing by themselves."""
    lab.add("host", "c")
    lab.ip("host", f"link add v address {_HOST_MAC} type veth peer name eth0 address {_CONTAINER_MAC} netns @c\n")
    for name, ifname, own, far, mac in (
        ("host", "v", _HOST, _CONTAINER, _CONTAINER_MAC),
        ("c", "eth0", _CONTAINER, _HOST, _HOST_MAC),
    ):
        lab.ip(name, f"link set {ifname} addrgenmode none up\naddr add {own}/24 dev {ifname}\n")
        lab.ip(name, f"neigh add {far} lladdr {mac} dev {ifname} nud permanent\n")
    return lab


def _send(lab: Lab, name: str, to: str) -> None:
    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(_COUNT):
                sender.sendto(bytes(_PAYLOAD), (to, 9))

    at_home_in(lab, name, send)


def _frames_for_nobody(lab: Lab) -> None:
    def send() -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            sender.bind(("v", 0))
            for _ in range(9):
                sender.send(bytes.fromhex("02000000ffff0200000005010800") + bytes(50))

    at_home_in(lab, "host", send)


def _around(lab: Lab, backend: Backend, way: tuple[str, str]) -> tuple[Sample, Sample, Snapshot]:
    """Samples from before and after sending, by one source, and the second one resolved."""

    def look() -> tuple[Sample, Sample, Snapshot]:
        source = LiveSource(backend)
        try:
            before = source.sample(Want())
            first = build(before)
            _send(lab, *way)
            time.sleep(0.2)
            after = source.sample(Want())
            return before, after, build(after, before, first)
        finally:
            source.close()

    return at_home_in(lab, "host", look)


def _moved(before: Sample, after: Sample, key: LinkKey) -> tuple[int, int, int, int]:
    new, old = after.counters[key], before.counters[key]
    return (
        new.rx_packets - old.rx_packets,
        new.rx_bytes - old.rx_bytes,
        new.tx_packets - old.tx_packets,
        new.tx_bytes - old.tx_bytes,
    )


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("to_container", [True, False], ids=["into the container", "out of the container"])
def test_each_end_counts_what_it_received_and_sent_itself(pair: Lab, backend: Backend, *, to_container: bool) -> None:
    way = ("host", _CONTAINER) if to_container else ("c", _HOST)
    before, after, seen = _around(pair, backend, way)
    v, eth0 = link(seen, pair, "host", "v"), link(seen, pair, "c", "eth0")
    sender, receiver = (v, eth0) if to_container else (eth0, v)
    # Nobody listens at the other end, whose kernel says so, but only some times a second.
    assert _moved(before, after, sender)[2:] == (_COUNT, _BYTES)
    assert _moved(before, after, receiver)[:2] == (_COUNT, _BYTES)
    assert _moved(before, after, sender)[:2] == _moved(before, after, receiver)[2:]
    assert _moved(before, after, sender)[0] < _COUNT


@pytest.mark.parametrize("backend", BACKENDS)
def test_rates_are_what_moved_by_the_time_between_the_readings(pair: Lab, backend: Backend) -> None:
    before, after, seen = _around(pair, backend, ("host", _CONTAINER))
    v, eth0 = link(seen, pair, "host", "v"), link(seen, pair, "c", "eth0")
    for key, field in ((v, "tx_bytes"), (eth0, "rx_bytes")):
        seconds = after.read_at[key] - before.read_at[key]
        assert getattr(seen.rates[key], field) == pytest.approx(_BYTES / seconds)


def test_frames_for_somebody_else_are_counted_as_such_by_the_end_that_got_them(pair: Lab) -> None:
    def look() -> tuple[Sample, Sample]:
        source = LiveSource()
        try:
            before = source.sample(Want())
            _frames_for_nobody(pair)
            # What has no mirror is read again at once where it is on the screen.
            return before, source.sample(Want(visible=frozenset({link(build(before), pair, "c", "eth0")})))
        finally:
            source.close()

    before, after = at_home_in(pair, "host", look)
    seen = build(after)
    v, eth0 = link(seen, pair, "host", "v"), link(seen, pair, "c", "eth0")
    got = after.counters[eth0].rx_otherhost_dropped, before.counters[eth0].rx_otherhost_dropped
    assert got[0] is not None
    assert got[1] is not None
    assert got[0] - got[1] == 9
    assert after.counters[v].rx_otherhost_dropped == before.counters[v].rx_otherhost_dropped
    assert _moved(before, after, v) == (0, 0, 9, 9 * 64)
