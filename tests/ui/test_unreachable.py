"""A namespace that only its wires betray: what can be read is shown, and the rest is unknown, not empty."""

from dataclasses import replace

import pytest

from netview.model import Found, FoundBy, Sample, Tables, Unknown
from tests.factories import NGINX_1, docker_sample
from tests.ui.screen import Hand, running

_OUTSIDE = "only links and addresses can be read"


def unreachable_sample(at: float = 0.0) -> Sample:
    sample = docker_sample(at)
    seen = sample.tables[NGINX_1]
    unread = tuple(Unknown(table, _OUTSIDE) for table in ("routes", "rules", "neighbours", "fdb"))
    tables = Tables(links=seen.links, addresses=seen.addresses, nsids=seen.nsids, unknown=unread)
    return replace(
        sample,
        found={**sample.found, NGINX_1: Found(NGINX_1, None, frozenset({FoundBy.VETH}))},
        tables={**sample.tables, NGINX_1: tables},
    )


async def _opened(hand: Hand) -> None:
    await hand.press("3", "slash", *"unreachable", "enter", "enter")


async def test_it_is_listed_with_how_it_was_found_and_without_an_inode() -> None:
    async with running(unreachable_sample, size=(250, 40)) as hand:
        await hand.press("3", "w")
        line = next(line for line in hand.lines if "unreachable  " in line)
        assert " veth " in line
        assert " ? " in line


async def test_its_links_and_addresses_open() -> None:
    async with running(unreachable_sample) as hand:
        await _opened(hand)
        assert any("eth0" in line for line in hand.lines)
        await hand.press("right_square_bracket")
        assert "172.17.0.2" in hand.text


@pytest.mark.parametrize("tabs", [2, 3, 4, 5])
async def test_what_cannot_be_read_from_outside_says_so(tabs: int) -> None:
    async with running(unreachable_sample) as hand:
        await _opened(hand)
        await hand.press(*["right_square_bracket"] * tabs)
        assert f"✗ {_OUTSIDE}" in hand.text


async def test_the_pair_pane_claims_neither_routes_nor_neighbours() -> None:
    async with running(unreachable_sample) as hand:
        await _opened(hand)
        await hand.press("down")
        assert "routes unknown" in hand.text
        assert "neighbours unknown" in hand.text
        assert "no default route" not in hand.text
