"""Where packets were seen, beside where their path leads."""

from collections.abc import Sequence

import pytest

from netview.decode.headers import packet_headers
from netview.derive.capture.agreement import agreement
from netview.derive.capture.journeys import PacketJourney, Seen
from netview.derive.capture.points import points_of
from netview.derive.path.walk import walk
from netview.live.followed import followed
from netview.model import Flow, LinkKey
from netview.model.path import Path
from netview.model.ruleset import Chain, Judgement, NftRule, Ruleset
from tests.decode.frames import ethernet, four, icmp
from tests.derive.path.worlds import Kernel, address, container, snapshot
from tests.factories import HOME

_NOW = snapshot()
_WAY = (LinkKey(container(1), 2), LinkKey(HOME, 1001), LinkKey(HOME, 1002), LinkKey(container(2), 2))
_OUT = LinkKey(HOME, 2)


def _path(flow: Flow) -> Path:
    return followed(walk(_NOW, container(1), flow), Kernel(_NOW).answer)


def _journey(points: Sequence[LinkKey], *seen: tuple[LinkKey, bool], to: str = address(2)) -> PacketJourney:
    headers = packet_headers(ethernet(0x0800, four(1, icmp(), to=to)), 14)
    assert headers is not None
    return PacketJourney(1, [Seen(points.index(key), n, outgoing, headers) for n, (key, outgoing) in enumerate(seen)])


_ECHO = Flow("icmp", "", address(2), icmp_type=8)


def test_both_ends_of_each_wire_are_on_the_way() -> None:
    points = points_of(_NOW, _path(_ECHO))
    assert [key for key in points if key in _WAY] == list(_WAY)


@pytest.mark.parametrize(
    ("count", "open_", "agrees", "message"),
    [
        (4, range(4), True, "as the path says: delivered in web-2"),
        (3, range(4), False, "the path says delivered in web-2, but the packet was seen last at host/v2"),
        (3, range(3), None, "the path says delivered in web-2, where nothing is captured; the packet was seen last at host/v2"),
    ],
)
def test_what_is_delivered_is_seen_there(count: int, open_: range, *, agrees: bool | None, message: str) -> None:
    seen = list(zip(_WAY, (True, False, True, False), strict=True))[:count]
    told = agreement(_NOW, _journey(_WAY, *seen), _WAY, _path(_ECHO), watched=open_)
    assert told == (agrees, message)


@pytest.mark.parametrize(
    ("seen", "agrees"),
    [
        ([(0, True)], True),
        ([(0, True), (1, False)], True),
        ([(0, True), (1, False), (2, True)], False),
        ([(0, True), (1, False), (3, False)], False),
    ],
    ids=["on the wire", "there", "behind", "elsewhere"],
)
def test_what_is_lost_is_seen_no_further(seen: list[tuple[int, bool]], *, agrees: bool) -> None:
    rules = {HOME: Ruleset({("ip", "t", "c"): Chain("ip", "t", "c", "forward", rules=(NftRule(7, (Judgement("drop"),)),))})}
    path = followed(walk(_NOW, container(1), Flow("icmp", "", "198.51.100.7", icmp_type=8)), Kernel(_NOW, rules=rules).answer)
    assert (path.verdict.value, path.at and path.at.link) == ("dropped", _OUT)
    points = (_WAY[0], _WAY[1], _OUT, _WAY[3])
    told = agreement(
        _NOW, _journey(points, *((points[n], out) for n, out in seen), to="198.51.100.7"), points, path, watched=range(4)
    )
    assert told is not None
    assert told.agrees is agrees


@pytest.mark.parametrize("outgoing", [True, False])
def test_what_leaves_the_host_is_seen_to_leave(*, outgoing: bool) -> None:
    path = _path(Flow("icmp", "", "198.51.100.7", icmp_type=8))
    points = (_WAY[0], _OUT)
    told = agreement(_NOW, _journey(points, (_OUT, outgoing), to="198.51.100.7"), points, path, watched=range(2))
    assert told is not None
    assert told.agrees is outgoing


def test_of_other_packets_nothing_is_said() -> None:
    assert agreement(_NOW, _journey(_WAY, (_WAY[0], True), to="192.0.2.77"), _WAY, _path(_ECHO), watched=range(4)) is None
