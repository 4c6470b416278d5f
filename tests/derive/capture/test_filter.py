"""Filters that are not understood; what they let through is held against tcpdump in tests/kernel/test_capture.py."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.derive.capture.filter import FilterError, program


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tcp port", "ends where a number"),
        ("port 99999", "no number from 0 to 65535"),
        ("host nowhere", "'nowhere' is no address"),
        ("net 10.0.0.1/8", "no network such as"),
        ("host 10.0.0.0/8", "write net 10.0.0.0/8"),
        ("(tcp", "a ( without its )"),
        ("tcp)", "ends before ')'"),
        ("tcp src host 10.0.0.1", "a port is what can be asked of tcp"),
        ("portrange 90-80", "two ports such as"),
        ("vlan", "'vlan' is neither an address nor one of host, net, port"),
        ("tcp and and udp", "'and' is neither"),
        ("10.0.0.256", "'10.0.0.256' is no address"),
        ("src nowhere", "'nowhere' is no address"),
        ("not", "ends where something"),
        ("tcp & port 80", "ends before '&'"),
        ("tcp |", "ends before '|'"),
        ("(" * 5000 + "tcp" + ")" * 5000, "too long"),
        ("not " * 400 + "tcp", "too long"),
        ("proto " + "1" * 5000, "too long"),
        ("portrange 1-" + "1" * 5000, "too long"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(FilterError) as raised:
        program(text)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_filter_is_no_program() -> None:
    assert program("  ") == b""


def test_one_that_is_too_long_for_the_kernel_is_refused() -> None:
    with pytest.raises(FilterError, match="too long"):
        program(" or ".join(f"port {number}" for number in range(200)))


@given(st.text(alphabet="tcpudhosrnar() 0123456789./-!&|", max_size=40))
def test_nothing_else_is_raised(text: str) -> None:
    with contextlib.suppress(FilterError):
        assert len(program(text)) % 8 == 0
