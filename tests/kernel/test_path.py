"""What netview says becomes of a packet against what becomes of it."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from netview.derive.trace.agreement import Agreement
from tests.kernel.lab import Lab
from tests.kernel.path_situations import SITUATIONS
from tests.kernel.paths import Captured, Situation, Told, Truth, Worlds


class Look(NamedTuple):
    told: Told
    truth: Truth
    traced: list[Agreement]
    captured: Captured


@pytest.fixture(scope="module")
def looks(_rights: None) -> Iterator[dict[str, Look]]:
    lab = Lab()
    worlds = Worlds(lab, SITUATIONS)
    try:
        worlds.build()
        told, truth = worlds.told(), worlds.truth()
        assert worlds.lost == 0
        looks = zip(told, truth, worlds.agreements(), worlds.captured(), strict=True)
        yield {one.name: Look(*look) for one, look in zip(SITUATIONS, looks, strict=True)}
    finally:
        worlds.close()
        lab.close()


def _ids(situation: Situation) -> str:
    return situation.name.replace(" ", "-")


@pytest.mark.parametrize("situation", SITUATIONS, ids=_ids)
def test_verdict_and_place_are_those_of_a_real_packet(situation: Situation, looks: dict[str, Look]) -> None:
    told, truth, *_ = looks[situation.name]
    path = told.path
    story = "\n".join(f"{hop.decision} · {hop.because}" for hop in path.hops)
    said = path.verdict.value, told.at
    assert said == (situation.verdict, situation.at), f"{path.reason}\n{story}"
    assert truth.seen in (situation.at if situation.seen is None else situation.seen).split("|"), f"{path.reason}\n{story}"
    gets_back = path.back is not None and path.back.verdict.value == "delivered"
    assert truth.answered == (path.verdict.value == "delivered" and gets_back), path.reason
    if situation.port:
        assert truth.refused == (path.verdict.value == "no listener" and gets_back), path.reason
    if path.back is not None:
        assert (path.back.verdict.value, told.back_at) == (situation.back, situation.back_at), path.back.reason
    if situation.mtu:
        assert path.mtu is not None
        assert path.mtu.bytes == situation.mtu


@pytest.mark.parametrize("situation", SITUATIONS, ids=_ids)
def test_a_traced_packet_ends_where_its_path_says(situation: Situation, looks: dict[str, Look]) -> None:
    told, _, traced, _ = looks[situation.name]
    assert [one.message for one in traced if one.agrees is False] == []
    assert traced or told.path.verdict.value in {"no route", "dropped"}, told.path.reason


@pytest.mark.parametrize("situation", SITUATIONS, ids=_ids)
def test_a_captured_packet_is_seen_where_its_path_says(situation: Situation, looks: dict[str, Look]) -> None:
    told, truth, _, captured = looks[situation.name]
    ways = [way.verdict.value for way in (told.path, told.path.back) if way is not None]
    expected = {True, None} if "undecided" in ways else {True}
    assert [one.message for one in captured.agreements if one.agrees not in expected] == []
    if truth.arrived and not truth.seen.endswith(" lo"):  # Nobody captures at loopbacks.
        assert captured.agreements
        # A watch knows no packet any more whose port was translated.
        assert captured.last in ({truth.seen}, {situation.at}), told.path.reason
