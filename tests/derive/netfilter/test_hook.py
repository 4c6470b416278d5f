from dataclasses import replace

import pytest

from netview.derive.netfilter.hook import Outcome, at_hook
from netview.derive.netfilter.surroundings import ESTABLISHED, NEW, Surroundings
from netview.model import Flow, Packet
from netview.model.ruleset import (
    AddressType,
    Bitwise,
    Chain,
    Compare,
    ConnectionState,
    Conntrack,
    Expression,
    Fib,
    Immediate,
    Judgement,
    Mark,
    MarkBits,
    Meta,
    Multiport,
    NftRule,
    Opaque,
    Passive,
    Payload,
    Ports,
    Range,
    Ruleset,
    SetMark,
    Translate,
)
from tests.factories import a_link, a_route, an_address, tables

_IN, _OUT = a_link(2, "eth0"), a_link(3, "docker0", "bridge")
_FLOW = Flow("tcp", "10.0.0.5", "192.0.2.1", port=80)
_PACKET = Packet(_FLOW, _IN, _OUT)
_TABLES = tables(
    [_IN, _OUT],
    addresses=(an_address(2, "192.0.2.1/24"), an_address(3, "172.17.0.1/16")),
    routes=(
        a_route("192.0.2.1/32", 2, table="local", type="local"),
        a_route("192.0.2.255/32", 2, table="local", type="broadcast"),
    ),
)
_DROP = Judgement("drop")


def _chain(name: str, *rules: tuple[Expression, ...], hook: str | None = "forward", **others: object) -> Chain:
    numbered = tuple(NftRule(number, expressions) for number, expressions in enumerate(rules, 1))
    return Chain("ip", "filter", name, hook, rules=numbered, **others)  # type: ignore[arg-type]


def _at(*chains: Chain, packet: Packet = _PACKET, state: int = NEW, hook: str = "forward") -> Outcome:
    ruleset = Ruleset({(one.family, one.table, one.name): one for one in chains})
    return at_hook(ruleset, hook, packet, Surroundings(_TABLES, state))  # type: ignore[arg-type]


def _said(outcome: Outcome) -> str:
    told = outcome.lost or outcome.unsure
    if told is None:
        return "accepted"
    where = "policy" if told.rule is None else f"{told.chain.name} {told.rule.handle}"
    return f"{'lost' if outcome.lost else 'unsure'} {where} {told.word}"


_LOADS: tuple[tuple[tuple[Expression, ...], bool], ...] = (
    ((Payload(1, 1, 12, 4), Compare(1, 0, bytes([10, 0, 0, 5]))), True),
    ((Payload(1, 1, 12, 3), Compare(1, 0, bytes([10, 0, 1]))), False),
    ((Payload(1, 1, 12, 4), Bitwise(1, 1, b"\xff\0\0\0", bytes(4)), Compare(1, 0, bytes([10, 0, 0, 0]))), True),
    ((Payload(9, 2, 2, 2), Compare(9, 0, b"\0\x50")), True),
    ((Payload(9, 2, 2, 2), Range(9, False, b"\0\x51", b"\0\x60")), False),
    ((Payload(9, 2, 0, 2), Compare(9, 0, b"\0\x50")), False),
    ((Meta(1, 6), Compare(1, 0, b"eth0".ljust(16, b"\0"))), True),
    ((Meta(1, 6), Compare(1, 0, b"eth")), True),
    ((Meta(1, 7), Compare(1, 1, b"docker0".ljust(16, b"\0"))), False),
    ((Meta(1, 16), Compare(1, 0, b"\x06")), True),
    ((Meta(1, 15), Compare(1, 0, b"\x0a")), False),
    ((Conntrack(1, 0), Bitwise(1, 1, b"\x08\0\0\0", bytes(4)), Compare(1, 1, bytes(4))), True),
    ((Conntrack(1, 0), Bitwise(1, 1, b"\x02\0\0\0", bytes(4)), Compare(1, 1, bytes(4))), False),
    ((Ports(6, (0, 65535), (80, 80), 0),), True),
    ((Ports(6, (0, 65535), (80, 80), 2),), False),
    ((Ports(17, (0, 65535), (0, 65535), 0),), False),
    ((Ports(6, (0, 65535), (0, 65535), 0, (0x17, 0x02)),), True),
    ((Multiport("either", ((70, 90),), False),), True),
    ((Multiport("source", ((70, 90),), False),), False),
    ((AddressType(0, 1 << 2, 0),), True),
    ((AddressType(1 << 2, 0, 0),), False),
    ((AddressType(0, 1 << 2, 2),), False),
    ((ConnectionState(8, False),), True),
    ((ConnectionState(2, False),), False),
    ((Mark(0, 0xFF, False),), True),
)


@pytest.mark.parametrize(("expressions", "matches"), _LOADS)
def test_a_rule_acts_on_what_all_its_expressions_match(expressions: tuple[Expression, ...], matches: bool) -> None:
    assert _said(_at(_chain("FORWARD", (*expressions, Passive("counter"), _DROP)))) == (
        "lost FORWARD 1 drop" if matches else "accepted"
    )


@pytest.mark.parametrize(
    "expressions",
    [
        (Payload(1, 1, 8, 1), Compare(1, 0, b"\x40")),
        (Payload(9, 2, 0, 2), Compare(9, 0, b"\x90\x10")),
        (Opaque("limit"),),
        (AddressType(0, 4, 4),),
        (ConnectionState(128, False),),
    ],
)
def test_what_is_not_known_leaves_a_verdict_open_but_harms_no_counter(expressions: tuple[Expression, ...]) -> None:
    assert _said(_at(_chain("FORWARD", (*expressions, _DROP)))).startswith("unsure FORWARD 1")
    assert _said(_at(_chain("FORWARD", (*expressions, Passive("counter"))))) == "accepted"
    sure = (Meta(2, 16), Compare(2, 0, b"\x11"))
    assert _said(_at(_chain("FORWARD", (*expressions, *sure, _DROP)))) == "accepted"


@pytest.mark.parametrize(
    "load", [Opaque("numgen"), Conntrack(1, 8), Fib(1, 2, 0)], ids=["an expression", "of conntrack", "of the routes"]
)
def test_what_is_loaded_and_not_known_is_not_what_another_rule_loaded_before(load: Expression) -> None:
    before = (Immediate(1, bytes(range(16))), Compare(1, 0, bytes(16)), _DROP)
    told = _said(_at(_chain("FORWARD", before, (load, Compare(1, 0, b"\xff" * 16), _DROP))))
    assert told.startswith("unsure FORWARD 2")


def test_a_target_that_is_not_known_may_do_anything() -> None:
    assert _said(_at(_chain("FORWARD", (Opaque("TPROXY", acts=True),)))) == "unsure FORWARD 1 TPROXY"


def test_jumps_come_back_and_gotos_do_not() -> None:
    user, base = _chain("USER", (Judgement("return"),), (_DROP,), hook=None), "FORWARD"
    assert _said(_at(user, _chain(base, (Judgement("jump", "USER"),), (_DROP,)))) == "lost FORWARD 2 drop"
    assert _said(_at(user, _chain(base, (Judgement("goto", "USER"),), (_DROP,)))) == "accepted"
    assert _said(_at(user, _chain(base, (Judgement("goto", "USER"),), policy="drop"))) == "lost policy drop"
    assert _said(_at(_chain(base, (Judgement("jump", "GONE"),)))) == "unsure FORWARD 1 chain GONE is not known"


def test_a_loop_of_jumps_ends() -> None:
    loop = _chain("FORWARD", (Judgement("jump", "FORWARD"),))
    assert _said(_at(loop)).endswith("there are too many rules")


def test_chains_go_by_priority_and_an_accept_ends_only_its_own() -> None:
    first = _chain("a", (Judgement("accept"),), (_DROP,), priority=-10)
    assert _said(_at(_chain("b", (_DROP,), priority=10), first)) == "lost b 1 drop"
    assert _said(_at(first, _chain("b", (_DROP,), hook="input"))) == "accepted"
    assert _said(_at(Chain("ip6", "t", "c", "forward", rules=(NftRule(1, (_DROP,)),)))) == "accepted"


def test_a_mark_is_seen_by_the_rules_after_it() -> None:
    marking = (Immediate(1, (5).to_bytes(4, "little")), SetMark(1))
    outcome = _at(_chain("FORWARD", marking, (MarkBits(2, 0),), (Mark(7, 0xFF, False), _DROP)))
    assert (_said(outcome), outcome.packet.flow.mark) == ("lost FORWARD 3 drop", 7)


def _nat(*rules: tuple[Expression, ...], hook: str, name: str = "n") -> Chain:
    return _chain(name, *rules, hook=hook, type="nat")


def test_the_first_translation_of_a_hook_counts() -> None:
    dnat = Translate("dnat", bytes([172, 17, 0, 2]), (8080, 8080))
    outcome = _at(_nat((dnat,), hook="prerouting"), _nat((_DROP,), hook="prerouting", name="m"), hook="prerouting")
    assert (outcome.packet.flow.destination, outcome.packet.flow.port) == ("172.17.0.2", 8080)
    assert _said(outcome) == "accepted"
    (note,) = outcome.notes
    assert note.word == "dnat to 172.17.0.2:8080"


def test_translation_has_its_own_place_whatever_the_priority_of_its_chains() -> None:
    dnat = _chain("n", (Translate("dnat", bytes([172, 17, 0, 2])),), hook="prerouting", type="nat", priority=50)
    later = _chain("m", (Translate("dnat", bytes([172, 17, 0, 9])),), hook="prerouting", type="nat", priority=60)
    seen = (Payload(1, 1, 16, 4), Compare(1, 0, bytes([172, 17, 0, 2])), _DROP)
    before, after = (_chain(f"f{at}", seen, hook="prerouting", priority=at) for at in (-101, -99))
    assert _said(_at(later, dnat, before, hook="prerouting")) == "accepted"
    assert _said(_at(later, dnat, after, hook="prerouting")) == "lost f-99 1 drop"


def test_only_the_first_packet_is_translated() -> None:
    outcome = _at(_nat((Translate("masquerade"),), hook="postrouting"), hook="postrouting", state=ESTABLISHED)
    assert outcome.packet == _PACKET


@pytest.mark.parametrize(
    ("kind", "hook", "flow"),
    [
        ("masquerade", "postrouting", replace(_FLOW, source="172.17.0.1")),
        ("redirect", "prerouting", replace(_FLOW, destination="192.0.2.1", port=81)),
        ("redirect", "output", replace(_FLOW, destination="127.0.0.1", port=81)),
    ],
)
def test_some_translations_take_the_links_own_address(kind: str, hook: str, flow: Flow) -> None:
    port = (81, 81) if kind == "redirect" else None
    outcome = _at(_nat((Translate(kind, None, port),), hook=hook), hook=hook)  # type: ignore[arg-type]
    assert outcome.packet.flow == flow


def test_an_address_from_a_register_is_taken_where_it_is_known() -> None:
    known = (Immediate(1, bytes([172, 17, 0, 9])), Translate("dnat", 1))
    assert _at(_nat(known, hook="prerouting"), hook="prerouting").packet.flow.destination == "172.17.0.9"
    unknown = (Payload(1, 1, 8, 4), Translate("dnat", 1))
    assert _said(_at(_nat(unknown, hook="prerouting"), hook="prerouting")).startswith("unsure n 1")
