"""What a recording may not say of a namespace."""

from dataclasses import replace

import pytest

from netview.decode.recorded import misfit, misfit_of
from netview.model import Container, Family, FdbEntry, Neighbour, NeighbourState, NextHop, Owner, PublishedPort, Runtime, Tables
from tests.factories import RULES, a_route, an_address, docker_sample

ADDRESS, ROUTE, RULE = an_address(2, "10.0.0.2/24"), a_route("10.0.0.0/24", 2), RULES[0]
NEIGHBOUR = Neighbour(2, Family.INET, "nobody", None, NeighbourState.STALE)
FDB = FdbEntry(7, 3, "veth", None, None, "", ())


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (Tables(addresses=(replace(ADDRESS, address="\x1b[2J"),)), "\x1b[2J/24"),
        (Tables(addresses=(replace(ADDRESS, prefixlen=33),)), "10.0.0.2/33"),
        (Tables(addresses=(replace(ADDRESS, prefixlen=-1),)), "10.0.0.2/-1"),
        (Tables(addresses=(replace(ADDRESS, family=Family.INET6),)), "10.0.0.2/24"),
        (Tables(addresses=(replace(ADDRESS, peer="::1"),)), "::1"),
        (Tables(routes=(replace(ROUTE, dst="all"),)), "all"),
        (Tables(routes=(replace(ROUTE, src="10.0.0.0"),)), "10.0.0.0"),
        (Tables(routes=(replace(ROUTE, gateway=""),)), ""),
        (Tables(routes=(replace(ROUTE, prefsrc="x"),)), "x"),
        (Tables(routes=(replace(ROUTE, nexthops=(NextHop("y", 2, 1),)),)), "y"),
        (Tables(rules=(replace(RULE, src="default"),)), "default"),
        (Tables(neighbours=(NEIGHBOUR,)), "nobody"),
        (Tables(fdb=(FDB,)), "veth"),
        (Tables(fdb=(replace(FDB, mac="02:42:ac:11:00:02", dst="z"),)), "z"),
    ],
)
def test_the_first_that_is_none_is_told(tables: Tables, told: str) -> None:
    assert misfit(tables) == told


def test_what_a_kernel_says_fits() -> None:
    assert {misfit(tables) for tables in docker_sample().tables.values()} == {None}
    assert misfit(Tables(routes=(replace(ROUTE, dst="default", gateway="fe80::1"),), rules=RULES)) is None


def test_ports_are_published_at_addresses() -> None:
    def published(address: str | None) -> Container:
        return Container(Owner(Runtime.DOCKER, "a" * 64, "a", ports=(PublishedPort(address, 80, 80, "tcp"),)), pid=2)

    assert misfit_of(published(None)) is None
    assert misfit_of(published("::")) is None
    assert misfit_of(published("here")) == "here"
