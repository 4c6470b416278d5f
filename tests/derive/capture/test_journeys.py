"""Sightings put together."""

from itertools import pairwise

from netview.decode.headers import packet_headers
from netview.derive.capture.journeys import PacketJourneys, Seen
from tests.decode.frames import FRAMES


def sighting(point: int, at_ns: int, *, outgoing: bool = False) -> Seen:
    headers = packet_headers(FRAMES["echo"], 14)
    assert headers is not None
    return Seen(point, at_ns, outgoing, headers)


def test_a_flood_of_equal_packets_takes_no_longer_for_each() -> None:
    journeys = PacketJourneys()
    numbers = [journeys.add(sighting(0, at)).number for at in range(5000)]
    assert all(before < after for before, after in pairwise(numbers))
    assert max(map(len, journeys._known.values())) <= 64
    assert journeys.add(sighting(1, 5000)).number == numbers[-1]


def test_one_that_comes_too_late_is_another() -> None:
    journeys = PacketJourneys()
    first = journeys.add(sighting(0, 0))
    assert journeys.add(sighting(1, 1_000_000_000)) is first
    assert journeys.add(sighting(2, 4_000_000_000)) is not first
