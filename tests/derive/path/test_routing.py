from dataclasses import replace

import pytest

from netview.derive.path.routing import Lookup, decide, is_local
from netview.model import Flow, NextHop, Route, Rule, Tables
from tests.factories import RULES, a_link, a_route, tables

_LOCAL, _MAIN, _DEFAULT = RULES
_ETH0, _ETH1 = a_link(2, "eth0"), a_link(3, "eth1")
_TO = Flow("tcp", "10.0.0.1", "10.2.3.4", port=80)


def _tables(*routes: Route, rules: tuple[Rule, ...] = RULES) -> Tables:
    return tables([_ETH0, _ETH1], routes=routes, rules=rules)


def _chosen(lookup: Lookup, *routes: Route, rules: tuple[Rule, ...] = RULES) -> str:
    decision = decide(_tables(*routes, rules=rules), lookup)
    return decision.type or "none" if decision.route is None else f"{decision.route.dst} {decision.route.metric}"


@pytest.mark.parametrize(
    ("routes", "chosen"),
    [
        ((), "none"),
        ((a_route("default", 2), a_route("10.2.0.0/16", 2), a_route("10.0.0.0/8", 2)), "10.2.0.0/16 None"),
        ((a_route("10.2.0.0/16", 2, metric=9), a_route("10.2.0.0/16", 2, metric=3)), "10.2.0.0/16 3"),
        ((a_route("10.2.0.0/16", 2, metric=3), a_route("10.2.0.0/16", 2, metric=9, tos=16)), "10.2.0.0/16 3"),
        ((a_route("10.2.0.0/16", 2, flags=1), a_route("default", 2)), "default None"),
        ((a_route("10.2.0.0/16", 0, type="throw"), a_route("default", 2, table="default")), "default None"),
    ],
)
def test_the_longest_prefix_then_tos_then_metric_decide(routes: tuple[Route, ...], chosen: str) -> None:
    assert _chosen(Lookup(_TO), *routes) == chosen


def test_a_tos_of_its_own_goes_before_a_better_metric() -> None:
    routes = a_route("10.2.0.0/16", 2, metric=3), a_route("10.2.0.0/16", 2, metric=9, tos=16)
    assert _chosen(Lookup(replace(_TO, tos=16)), *routes) == "10.2.0.0/16 9"


@pytest.mark.parametrize(
    ("changes", "lookup", "taken"),
    [
        ({"src": "10.0.0.0/24"}, Lookup(_TO), True),
        ({"src": "10.9.0.0/24"}, Lookup(_TO), False),
        ({"dst": "10.2.0.0/16", "inverted": True}, Lookup(_TO), False),
        ({"iif": "lo"}, Lookup(_TO), True),
        ({"iif": "lo"}, Lookup(_TO, _ETH0), False),
        ({"iif": "eth0"}, Lookup(_TO, _ETH0), True),
        ({"oif": "eth1"}, Lookup(_TO), False),
        ({"oif": "eth1"}, Lookup(_TO, oif=_ETH1), True),
        ({"fwmark": "0x10/0xf0"}, Lookup(replace(_TO, mark=0x1F)), True),
        ({"fwmark": "0x10"}, Lookup(replace(_TO, mark=0x1F)), False),
        ({"tos": 16}, Lookup(_TO), False),
        ({"protocol": 6}, Lookup(_TO), True),
        ({"protocol": 17}, Lookup(_TO), False),
        ({"ports": (80, 90)}, Lookup(_TO), True),
        ({"ports": (1, 79)}, Lookup(_TO), False),
        ({"source_ports": (1, 500)}, Lookup(_TO), False),
        ({"uids": (0, 0)}, Lookup(_TO, uid=0), True),
        ({"uids": (1000, 2000)}, Lookup(_TO, _ETH0), False),
        ({"l3mdev": True}, Lookup(_TO), False),
    ],
)
def test_a_rule_takes_what_all_its_selectors_match(changes: dict[str, object], lookup: Lookup, taken: bool) -> None:
    rule = replace(_LOCAL, priority=10, action="prohibit", table=None, **changes)  # type: ignore[arg-type]
    assert (_chosen(lookup, a_route("default", 2), a_route("default", 3), rules=(rule, *RULES)) == "prohibit") is taken


@pytest.mark.parametrize("changes", [{"source_ports": (4000, 6000)}, {"uids": (0, 9)}, {"others": (26,)}])
def test_what_cannot_be_judged_is_said(changes: dict[str, object]) -> None:
    rule = replace(_LOCAL, priority=10, action="prohibit", table=None, **changes)  # type: ignore[arg-type]
    decision = decide(_tables(a_route("default", 2), rules=(rule, *RULES)), Lookup(_TO))
    assert (decision.type, decision.unsure) == ("unicast", "rule 10 has a selector that cannot be judged")


def test_goto_goes_on_at_its_target() -> None:
    jump = replace(_MAIN, priority=10, action="goto", table=None, target=32767)
    routes = a_route("default", 2), a_route("default", 3, table="default", metric=7)
    assert _chosen(Lookup(_TO), *routes, rules=(jump, *RULES)) == "default 7"


def test_a_suppressed_prefix_lets_the_next_rule_decide() -> None:
    rule = replace(_MAIN, priority=10, suppress_prefixlength=0)
    routes = a_route("default", 2), a_route("default", 3, table="default", metric=7)
    rules = (_LOCAL, rule, _DEFAULT)
    assert _chosen(Lookup(_TO), *routes, rules=rules) == "default 7"
    assert _chosen(Lookup(_TO), *routes, a_route("10.2.0.0/16", 2), rules=rules) == "10.2.0.0/16 None"


def test_the_two_tables_of_ipv4_are_one_until_a_rule_is_added() -> None:
    known = _tables(a_route("10.0.0.0/8", 1, table="local", type="local"), a_route("10.2.3.4/32", 2))
    assert decide(known, Lookup(_TO)).type == "local"
    assert decide(known, Lookup(_TO), merged=True).type == "unicast"


def test_only_next_hops_that_may_be_used_are_left() -> None:
    hops = (NextHop("10.0.0.2", 2, 1), NextHop("10.0.0.3", 3, 1, flags=1), NextHop("10.0.0.4", 3, 1, flags=16))
    route = replace(a_route("default", 0), oif=None, nexthops=hops)
    assert decide(_tables(route), Lookup(_TO)).ways == (hops[0], hops[2])
    assert decide(_tables(route), Lookup(_TO), frozenset({3})).ways == hops[:1]


def test_an_address_is_local_by_the_table_of_local_routes() -> None:
    known = _tables(a_route("10.0.0.1/32", 2, table="local", type="local"), a_route("10.0.0.2/32", 2, type="local"))
    assert [is_local(known, ip) for ip in ("10.0.0.1", "10.0.0.2", "::1")] == [True, False, False]
