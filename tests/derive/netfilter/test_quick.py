import pytest

from netview.derive.netfilter.headers import Seen
from netview.derive.netfilter.quick import Quick
from netview.model import Flow, Packet
from netview.model.ruleset import Chain, Compare, Counter, Expression, Immediate, Meta, NftRule, Payload, Ports, Recent, SetMark
from tests.factories import a_link

_PACKET = Packet(Flow("tcp", "10.0.0.5", "192.0.2.1", port=80), a_link(2, "eth0"), None)
_ELSEWHERE = (Payload(1, 1, 16, 4), Compare(1, 0, bytes([192, 0, 2, 9])))
_NOTED = Recent("bad", "set", 0, 0, inverted=False, source=True, mask=b"\xff" * 16)


def _fails(*rule: Expression) -> bool:
    sieve = Quick()
    (checks,) = sieve.checks(Chain("ip", "filter", "FORWARD", rules=(NftRule(1, rule),)))
    return sieve.fails(checks, Seen(_PACKET, opening=True))


@pytest.mark.parametrize(
    ("rule", "fails"),
    [
        (_ELSEWHERE, True),
        ((Payload(1, 1, 16, 4), Compare(1, 1, bytes([192, 0, 2, 1]))), True),
        ((Payload(1, 1, 16, 3), Compare(1, 0, bytes([192, 0, 2]))), False),
        ((Payload(1, 2, 2, 2), Compare(1, 0, b"\0\x51")), True),
        ((Payload(1, 2, 0, 2), Compare(1, 0, b"\0\x51")), False),
        ((Meta(1, 6), Compare(1, 0, b"eth1")), True),
        ((Meta(1, 6), Compare(1, 0, b"eth")), False),
        ((Ports(6, (0, 0xFFFF), (81, 81), 0),), True),
        ((Ports(6, (0, 0xFFFF), (81, 81), 2),), False),
        ((Ports(6, (0, 0xFFFF), (80, 90), 0),), False),
        ((Ports(17, (0, 0xFFFF), (0, 0xFFFF), 0),), True),
        ((Counter(3), *_ELSEWHERE), True),
    ],
)
def test_a_rule_fails_surely_only_by_what_is_known(rule: tuple[Expression, ...], *, fails: bool) -> None:
    assert _fails(*rule) is fails


@pytest.mark.parametrize("before", [(_NOTED,), (Immediate(1, bytes(4)), SetMark(1))])
def test_a_rule_is_not_passed_over_that_does_something_before_it_fails(before: tuple[Expression, ...]) -> None:
    assert not _fails(*before, *_ELSEWHERE)
