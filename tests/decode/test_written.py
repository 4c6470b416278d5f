"""What may be an address, a prefix or a MAC."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.decode.written import is_address, is_length, is_mac, is_prefix
from netview.model import Family


@given(st.ip_addresses())
def test_every_address_is_one_of_its_family_alone(address: object) -> None:
    family = Family.INET6 if ":" in str(address) else Family.INET
    other = Family.INET if family is Family.INET6 else Family.INET6
    assert is_address(str(address))
    assert is_address(str(address), family)
    assert not is_address(str(address), other)


@given(st.text(alphabet="0123456789abcdef.:%/\0\udcff\u0663 ", max_size=20))
def test_what_is_taken_for_an_address_is_one(text: str) -> None:
    if is_address(text):
        ip_address(text)


LENGTHS = ("", "33", "-1", "\u0663", "0" * 5000)


@pytest.mark.parametrize("text", ["", "/8", "::/8", "10.0.0.0", *(f"10.0.0.0/{length}" for length in LENGTHS)])
def test_what_is_no_ipv4_prefix(text: str) -> None:
    assert not is_prefix(text, Family.INET)


def test_prefixes_and_lengths() -> None:
    assert is_prefix("10.0.0.0/8", Family.INET)
    assert is_prefix("fd00::/128", Family.INET6)
    assert is_length("0", Family.INET)
    assert not is_length("129", Family.INET6)


@pytest.mark.parametrize("text", ["", "veth", "0:1:2", "02:4", "\u0663\u0663"])
def test_what_is_no_mac(text: str) -> None:
    assert is_mac("02:42:ac:11:00:02")
    assert not is_mac(text)
