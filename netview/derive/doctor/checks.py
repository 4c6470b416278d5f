"""All checks by their number, and what becomes of asking them."""

from collections.abc import Generator, Mapping
from types import MappingProxyType

from netview.derive.doctor import (
    backlog,
    bridge_filter,
    bypassed_firewall,
    conntrack_full,
    default_route,
    dns,
    duplicate_address,
    duplicate_mac,
    forward_drops,
    forwarding_off,
    full_bridge,
    gateway_neighbour,
    growing_drops,
    hairpin,
    host_manager,
    leaked_namespace,
    link_down,
    lone_listener,
    macvlan_parent,
    masquerade,
    mtu,
    neighbour_table_full,
    overlapping_subnets,
    port_flags,
    port_state,
    programs,
    router_advertisements,
    stale_connections,
    stolen_traffic,
    stray_veth,
    strict_source,
    tunnel_checksums,
    two_backends,
    unpublished,
    unseen_peer,
    vxlan_remotes,
)
from netview.derive.doctor.check import COUNTING, Answers, Asked, Check
from netview.derive.path.questions import Answer, AskElement, AskMember, AskRecent, AskRule, Question
from netview.model import Snapshot
from netview.model.finding import Diagnosis, Finding, NotLooked

CHECKS: Mapping[int, Check] = MappingProxyType(
    {
        module.CHECK.number: module.CHECK
        for module in sorted(
            (
                backlog,
                bridge_filter,
                bypassed_firewall,
                conntrack_full,
                default_route,
                dns,
                duplicate_address,
                duplicate_mac,
                forward_drops,
                forwarding_off,
                full_bridge,
                gateway_neighbour,
                growing_drops,
                hairpin,
                host_manager,
                leaked_namespace,
                link_down,
                lone_listener,
                macvlan_parent,
                masquerade,
                mtu,
                neighbour_table_full,
                overlapping_subnets,
                port_flags,
                port_state,
                programs,
                router_advertisements,
                stale_connections,
                stolen_traffic,
                stray_veth,
                strict_source,
                tunnel_checksums,
                two_backends,
                unpublished,
                unseen_peer,
                vxlan_remotes,
            ),
            key=lambda module: module.CHECK.number,
        )
    }
)
_GRAVITY = {"error": 0, "warning": 1, "notice": 2}


_HELD = AskElement, AskRule, AskRecent, AskMember
_MOST_LOOKS = 32
"""So often a check looks again for what it has asked for as it looked."""


def counted(snapshot: Snapshot) -> Generator[Asked, Answer, Mapping[Question, Answer]]:
    """Ask what is to be compared with what it will be a while later."""
    answers: dict[Question, Answer] = {}
    for asked in _wanted(snapshot):
        if isinstance(asked.question, COUNTING):
            answers[asked.question] = yield asked
    return answers


def judged(snapshot: Snapshot, answers: Answers, *, beat_at: float | None = None) -> Generator[Asked, Answer, Diagnosis]:
    """Ask what the checks want to know, each question once, and have them look; what they say, the gravest first.

    `answers`: holds what is known of a while before, and takes in what is answered. A check that could not look says so once
    for each reason.
    """
    for asked in _wanted(snapshot):
        answers.now[asked.question] = yield asked
    told: list[Finding | NotLooked] = []
    for check in CHECKS.values():
        told += yield from looked(check, snapshot, answers)
    findings = [one for one in told if isinstance(one, Finding)]
    unknown = dict.fromkeys(one for one in told if isinstance(one, NotLooked))
    findings.sort(key=lambda finding: (_GRAVITY[finding.severity], finding.check))
    beat = snapshot.taken_at if beat_at is None else beat_at
    return Diagnosis(snapshot.taken_at, beat, tuple(findings), tuple(sorted(unknown, key=lambda one: one.check)))


def looked(check: Check, snapshot: Snapshot, answers: Answers) -> Generator[Asked, Answer, list[Finding | NotLooked]]:
    """What one check says; where that hangs on what nobody has asked yet, it is asked, and the check looks again."""
    told: list[Finding | NotLooked] = []
    for _ in range(_MOST_LOOKS):
        answers.missing.clear()
        told = list(check.look(check, snapshot, answers))
        if not answers.missing:
            break
        for question in tuple(answers.missing):
            answers.now[question] = yield Asked(question, _is_fresh(check, question))
    return told


def _wanted(snapshot: Snapshot) -> list[Asked]:
    """What the checks want to know beforehand, each once, and fresh where one of them wants it so."""
    questions: dict[Question, bool] = {}
    for check in CHECKS.values():
        for question in check.asks(snapshot):
            questions[question] = questions.get(question, False) or _is_fresh(check, question)
    return [Asked(question, fresh) for question, fresh in questions.items()]


def _is_fresh(check: Check, question: Question) -> bool:
    """What sets and rules hold changes all the time; what is counted is told from beat to beat."""
    return isinstance(question, _HELD) or (check.fresh == "event" and not isinstance(question, COUNTING))
