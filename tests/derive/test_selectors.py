from dataclasses import replace

import pytest

from netview.derive.selectors import outcome, selectors
from tests.factories import RULES

_MAIN = RULES[1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ()),
        ({"inverted": True, "iif": "eth0"}, ("not", "iif eth0")),
        ({"tos": 16, "protocol": 6, "ports": (80, 80)}, ("tos 0x10", "ipproto 6", "dport 80")),
        ({"source_ports": (10, 20), "uids": (0, 99)}, ("sport 10-20", "uidrange 0-99")),
        ({"fwmark": "0x1/0xff", "oif": "eth1", "l3mdev": True}, ("oif eth1", "fwmark 0x1/0xff", "l3mdev")),
        ({"others": (26,)}, ("selector 26",)),
    ],
)
def test_selectors_are_in_the_words_of_ip_rule(changes: dict[str, object], words: tuple[str, ...]) -> None:
    assert selectors(replace(_MAIN, **changes)) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "lookup main"),
        ({"suppress_prefixlength": 0}, "lookup main suppress_prefixlength 0"),
        ({"action": "goto", "target": 110, "table": None}, "goto 110"),
        ({"action": "prohibit", "table": None}, "prohibit"),
    ],
)
def test_an_outcome_says_where_the_packet_goes_on(changes: dict[str, object], words: str) -> None:
    assert outcome(replace(_MAIN, **changes)) == words  # type: ignore[arg-type]
