"""Lines of a trace, and what is no such line."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.decode.netlink import MalformedError, attribute
from netview.decode.trace import trace_hit
from netview.model.trace import TraceHit


def u32(kind: int, number: int) -> bytes:
    return attribute(kind, (number & 0xFFFFFFFF).to_bytes(4, "big"))


def line(*attributes: bytes, family: int = 2) -> TraceHit:
    data = bytes([family, 0, 0, 0]) + b"".join(attributes)
    return trace_hit(data, 0, len(data))


NAMED = attribute(1, b"filter\0") + attribute(2, b"FORWARD\0") + u32(6, 7)


def test_a_rule_that_jumps() -> None:
    verdict = attribute(5, u32(1, -3) + attribute(2, b"DOCKER\0"))
    hit = line(NAMED, attribute(3, (12).to_bytes(8, "big")), u32(4, 3), verdict, u32(10, 2), u32(12, 3), u32(14, 9))
    assert hit == TraceHit(7, "ip", "filter", "FORWARD", "rule", "jump", 12, "DOCKER", 2, 3, 9)


def test_a_policy_has_an_attribute_of_its_own() -> None:
    assert line(NAMED, u32(4, 1), u32(16, 0), family=1) == TraceHit(7, "inet", "filter", "FORWARD", "policy", "drop")


def test_the_number_of_a_queue_does_not_hide_the_verdict() -> None:
    assert line(NAMED, u32(4, 3), attribute(5, u32(1, 0x00050003))).verdict == "queue"


@pytest.mark.parametrize("attributes", [(), (NAMED,), (NAMED, u32(4, 9)), (u32(4, 3), u32(6, 7))])
def test_what_names_no_packet_or_chain_is_malformed(attributes: tuple[bytes, ...]) -> None:
    with pytest.raises(MalformedError):
        line(*attributes)


@given(st.binary(max_size=200))
def test_nothing_else_is_raised(data: bytes) -> None:
    with contextlib.suppress(MalformedError):
        trace_hit(data, 0, len(data))
