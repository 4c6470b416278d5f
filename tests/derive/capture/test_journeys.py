"""Sightings put together."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from netview.decode.headers import packet_headers
from netview.derive.capture.journeys import PacketJourneys, Seen
from tests.decode.frames import FRAMES


def sighting(point: int, at_ns: int, *, outgoing: bool = False, **changed: object) -> Seen:
    headers = packet_headers(FRAMES["echo"], 14)
    assert headers is not None
    return Seen(point, at_ns, outgoing, replace(headers, **changed))  # type: ignore[arg-type]


def test_a_flood_of_equal_packets_takes_no_longer_for_each() -> None:
    journeys = PacketJourneys()
    numbers = [journeys.add(sighting(0, at)).number for at in range(5000)]
    assert all(before < after for before, after in pairwise(numbers))
    assert max(map(len, journeys._known.values())) <= 64
    told = journeys.add(sighting(1, 5000))
    assert (told.number, told.alike) == (numbers[-64], 63)


def test_one_that_comes_too_late_is_another() -> None:
    journeys = PacketJourneys()
    first = journeys.add(sighting(0, 0))
    assert journeys.add(sighting(1, 1_000_000_000)) is first
    assert journeys.add(sighting(2, 4_000_000_000)) is not first


def test_packets_of_a_burst_that_are_equal_keep_their_order_and_are_told_as_alike() -> None:
    journeys = PacketJourneys()
    first, second = (journeys.add(sighting(0, at)) for at in (0, 1_000))
    assert [journeys.add(sighting(1, at)) for at in (2_000, 3_000)] == [first, second]
    assert (first.alike, second.alike) == (1, 0)


def test_one_that_was_lost_long_ago_does_not_go_on_in_place_of_a_new_one() -> None:
    journeys = PacketJourneys()
    lost, new = (journeys.add(sighting(0, at)) for at in (0, 1_000_000_000))
    assert journeys.add(sighting(1, 1_000_010_000)) is new
    assert len(lost.seen) == 1


def test_of_equal_packets_that_were_translated_the_namespaces_own_word_decides() -> None:
    asked: list[tuple[str, str]] = []

    def translated(before: Seen, now: Seen) -> bool:
        asked.append((before.headers.source, now.headers.source))
        return before.headers.source == "10.0.0.3"

    journeys = PacketJourneys(translated=translated)
    one, two = (journeys.add(sighting(0, n, source=source)) for n, source in enumerate(("10.0.0.2", "10.0.0.3")))
    assert journeys.add(sighting(1, 10, source="192.0.2.1")) is two
    assert (two.alike, asked) == (0, [("10.0.0.2", "192.0.2.1"), ("10.0.0.3", "192.0.2.1")])
    assert journeys.add(sighting(1, 20, source="192.0.2.1")) is one


def test_a_packet_of_which_a_translation_leaves_nothing_is_recognised_by_the_namespaces_word_alone() -> None:
    changed: dict[str, Any] = {"source": "192.0.2.1", "destination": "192.0.2.9", "source_port": 7, "port": 9}
    for word in (True, False):
        journeys = PacketJourneys(translated=lambda *_, word=word: word)
        first = journeys.add(sighting(0, 0))
        assert (journeys.add(sighting(1, 10, **changed)) is first) is word
