"""Limits, lists and sets: what is sure, and what nobody can tell."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from netview.derive.netfilter.hook import Outcome, at_hook
from netview.derive.netfilter.surroundings import NEW, Missing, Noted, Surroundings
from netview.derive.path.questions import Answer, AskElement, AskMember, AskRecent, AskRule, Question, Unanswered
from netview.model import Flow, NamespaceId, Packet, Tables
from netview.model.ruleset import (
    Chain,
    Counter,
    Element,
    Expression,
    IpSet,
    Judgement,
    Limit,
    Lookup,
    Membership,
    NftRule,
    Opaque,
    Payload,
    Recent,
    Remembered,
    Ruleset,
    Touch,
    TouchIpSet,
)
from tests.factories import a_link

if TYPE_CHECKING:
    from netview.derive.netfilter.surroundings import Notes

_HERE = NamespaceId("c1")
_DROP, _ACCEPT = Judgement("drop"), Judgement("accept")
_PACKET = Packet(Flow("tcp", "10.0.0.5", "192.0.2.1", 40000, 80), a_link(2, "eth0"), None)
_CHAIN = ("ip", "filter", "INPUT")
_LIMIT, _OVER = Limit(5, inverted=False, words="5/minute"), Limit(5, inverted=True, words="5/minute")
_MEMBER = IpSet(3, 1, 2, inverted=False)


def _ruleset(*rules: tuple[Expression, ...], policy: str = "accept", legacy: bool = False) -> Ruleset:
    numbered = tuple(NftRule(number, expressions) for number, expressions in enumerate(rules, 1))
    chain = Chain(*_CHAIN, "input", rules=numbered, policy=policy, legacy=legacy)
    return Ruleset({_CHAIN: chain}, {("ip", "filter", "s"): 4})


def _at(ruleset: Ruleset, answers: Mapping[Question, Answer] | None = None, noted: "Notes | None" = None) -> Outcome:
    return at_hook(
        ruleset,
        "input",
        _PACKET,
        Surroundings(Tables(), NEW, namespace=_HERE, answers=answers or {}, wanted={}, noted=noted or {}),
    )


def _said(outcome: Outcome) -> str:
    return "dropped" if outcome.lost else f"unsure {outcome.unsure.word}" if outcome.unsure else "accepted"


def _now(ruleset: Ruleset) -> dict[Question, Answer]:
    """Each rule as it was before."""
    return {AskRule(_HERE, _CHAIN, one.handle): one for one in ruleset.chains[_CHAIN].rules}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ((_LIMIT, Counter(0), _DROP), "dropped"),
        ((_LIMIT, Counter(4), _DROP), "dropped"),
        ((_LIMIT, Counter(5), _DROP), "unsure limit"),
        ((Counter(4), _LIMIT, _DROP), "dropped"),
        ((_LIMIT, _DROP), "unsure limit"),
        ((_LIMIT, Payload(1, 1, 8, 1), Counter(0), _DROP), "unsure limit"),
        ((_OVER, Counter(0), _DROP), "unsure limit"),
        ((Counter(4), _OVER, _DROP), "accepted"),
        ((Limit(None, inverted=False, words="1 bytes/second"), Counter(0), _DROP), "unsure limit"),
        ((_LIMIT, _ACCEPT), "accepted"),
    ],
)
def test_a_limit_has_room_while_fewer_came_than_it_holds(rule: tuple[Expression, ...], said: str) -> None:
    ruleset = _ruleset(rule)
    assert _said(_at(ruleset, _now(ruleset))) == said
    assert _said(_at(_ruleset(rule, legacy=True))) == said


def test_what_a_packet_took_from_a_limit_is_taken_for_its_reply() -> None:
    ruleset = _ruleset((_LIMIT, Counter(4), _DROP))
    first = _at(ruleset, _now(ruleset))
    assert _said(_at(ruleset, _now(ruleset), first.noted)) == "unsure limit"


def test_a_limit_whose_rule_is_not_what_it_was_is_unsure() -> None:
    gone: Answer = Unanswered("No such file or directory")
    assert _said(_at(_ruleset((_LIMIT, Counter(0), _DROP)), {AskRule(_HERE, _CHAIN, 1): gone})) == "unsure limit"


def _recent(action: str, hits: int = 0, seconds: int = 0, *, inverted: bool = False, ttl: bool = False) -> Recent:
    return Recent("bad", action, seconds, hits, inverted, True, b"\xff" * 16, ttl)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("match", "stamps", "said"),
    [
        (_recent("check"), None, "accepted"),
        (_recent("check"), 1, "dropped"),
        (_recent("check", inverted=True), None, "dropped"),
        (_recent("check", 3), 2, "accepted"),
        (_recent("check", 3), 3, "dropped"),
        (_recent("check", 3, 60), 2, "accepted"),
        (_recent("update", 3, 60), 3, "unsure recent"),
        (_recent("check", ttl=True), 1, "unsure recent"),
        (_recent("check", ttl=True), None, "accepted"),
        (_recent("remove"), 1, "dropped"),
        (_recent("remove"), None, "accepted"),
        (_recent("set"), None, "dropped"),
    ],
)
def test_a_list_is_asked_for_one_address(match: Recent, stamps: int | None, said: str) -> None:
    answers: dict[Question, Answer] = {AskRecent(_HERE, "bad", "10.0.0.5"): Remembered(stamps)}
    assert _said(_at(_ruleset((match, _DROP)), answers)) == said


def test_what_a_rule_puts_into_a_list_the_next_one_finds() -> None:
    answers: dict[Question, Answer] = {AskRecent(_HERE, "bad", "10.0.0.5"): Remembered(None)}
    once, twice = ((_recent("set"),), (_recent("update", 1, 60), _DROP)), ((_recent("set"),), (_recent("update", 2, 60), _DROP))
    assert _said(_at(_ruleset(*once), answers)) == "dropped"
    assert _said(_at(_ruleset(*twice), answers)) == "accepted"
    taken_out = ((_recent("set"),), (_recent("remove"),), (_recent("check"), _DROP))
    assert _said(_at(_ruleset(*taken_out), answers)) == "accepted"
    perhaps = ((Opaque("string"), _recent("set")), (_recent("check"), _DROP))
    assert _said(_at(_ruleset(*perhaps), answers)) == "unsure recent"
    before = {("bad", "10.0.0.5"): Noted(removed=False, stamps=2)}
    assert _said(_at(_ruleset((_recent("check", 2, 60), _DROP)), answers, before)) == "dropped"


@pytest.mark.parametrize(
    ("found", "inverted", "said"),
    [(True, False, "dropped"), (True, True, "accepted"), (False, True, "dropped"), (None, False, "")],
)
def test_a_set_of_ipset_is_asked_by_key(found: bool | None, inverted: bool, said: str) -> None:
    match = _MEMBER._replace(inverted=inverted)
    answers: dict[Question, Answer] = {AskMember(_HERE, match, _PACKET): Membership(found)}
    assert _said(_at(_ruleset((match, _DROP)), answers)) == (said or "unsure ipset")


def _wanted(*rules: tuple[Expression, ...], answers: Mapping[Question, Answer] | None = None) -> tuple[Question, ...]:
    with pytest.raises(Missing) as missing:
        _at(_ruleset(*rules), answers)
    return missing.value.questions


def test_what_a_rule_has_put_into_ipset_is_not_told_by_what_was_there() -> None:
    answers: dict[Question, Answer] = {AskMember(_HERE, _MEMBER, _PACKET): Membership(found=False)}
    assert _said(_at(_ruleset((_MEMBER, _DROP)), answers)) == "accepted"
    assert _said(_at(_ruleset((TouchIpSet((3,)),), (_MEMBER, _DROP)), answers)) == "unsure ipset"
    assert _said(_at(_ruleset((TouchIpSet((4,)),), (_MEMBER, _DROP)), answers)) == "accepted"


def test_what_is_not_known_yet_is_asked_for_some_at_once() -> None:
    sets = [IpSet(number, 1, 2, inverted=False) for number in range(40)]
    questions = [AskMember(_HERE, one, _PACKET) for one in sets]
    assert _wanted((sets[0], _DROP), (_DROP,)) == (questions[0],)
    assert _wanted((sets[0], _DROP), (sets[1], _ACCEPT), (_DROP,), (sets[2], _DROP)) == tuple(questions[:2])
    assert _wanted(*[(one, _DROP) for one in sets]) == tuple(questions[:16])
    assert _wanted(*[(one, _DROP) for one in sets], answers=dict.fromkeys(questions[:30], Membership(False))) == tuple(
        questions[30:]
    )


def test_who_takes_no_questions_is_believed_in_what_is_told() -> None:
    answers: dict[Question, Answer] = {AskMember(_HERE, _MEMBER, _PACKET): Membership(found=True)}
    for told, said in ((answers, "dropped"), ({}, "unsure ipset")):
        around = Surroundings(Tables(), NEW, namespace=_HERE, answers=told)
        assert _said(at_hook(_ruleset((_MEMBER, _DROP)), "input", _PACKET, around)) == said


_IN_SET = (Payload(1, 1, 12, 4), Lookup(1, "s", False, 0))


def test_where_nobody_answers_all_that_has_to_be_asked_for_is_unsure() -> None:
    for rule in ((_MEMBER, _DROP), (_recent("check"), _DROP), (_LIMIT, Counter(0), _DROP), _IN_SET):
        outcome = at_hook(_ruleset(rule), "input", _PACKET, Surroundings(Tables(), NEW))
        assert outcome.unsure is not None


def test_what_a_rule_has_put_into_a_set_nobody_knows_to_be_out_of_it() -> None:
    question = AskElement(_HERE, ("ip", "filter", "s"), bytes([10, 0, 0, 5]))
    answers: dict[Question, Answer] = {question: Element(found=False)}
    looks = (Payload(1, 1, 12, 4), Lookup(1, "s", False, None), _DROP)
    assert _said(_at(_ruleset(looks), answers)) == "accepted"
    assert _said(_at(_ruleset((Touch("s"),), looks), answers)) == "unsure lookup"
    assert _said(_at(_ruleset((Touch("other"),), looks), answers)) == "accepted"


def test_a_map_of_verdicts_that_nobody_can_look_into_is_unsure() -> None:
    question = AskElement(_HERE, ("ip", "filter", "s"), bytes([10, 0, 0, 5]))
    assert _said(_at(_ruleset(_IN_SET), {question: Unanswered("refused")})) == "unsure lookup"
    assert _said(_at(_ruleset(_IN_SET), {question: Element(found=True, verdict=_DROP)})) == "dropped"


@pytest.mark.parametrize(
    ("rules", "policy", "said"),
    [
        (((Opaque("a"), _DROP),), "drop", "dropped"),
        (((Opaque("a"), _ACCEPT),), "accept", "accepted"),
        (((Opaque("a"), _ACCEPT), (_DROP,)), "accept", "unsure a"),
        (((Opaque("a"), _ACCEPT), (Opaque("b"), _ACCEPT)), "accept", "accepted"),
        (((Opaque("a"), _DROP), (Opaque("b"), _ACCEPT)), "accept", "unsure a"),
        (((Opaque("a"), Judgement("reject")),), "drop", "unsure a"),
        (((Opaque("a"), Opaque("TPROXY", acts=True)),), "accept", "unsure a"),
        (((Opaque("a"), _ACCEPT),) * 4, "accept", "unsure a"),
    ],
)
def test_a_rule_that_nobody_can_judge_matters_only_where_something_hangs_on_it(
    rules: tuple[tuple[Expression, ...], ...], policy: str, said: str
) -> None:
    assert _said(_at(_ruleset(*rules, policy=policy))) == said
