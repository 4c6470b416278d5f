"""All checks by their number, and what becomes of asking them."""

from collections.abc import Generator, Iterable, Mapping
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
from netview.derive.doctor.check import COUNTING, Answers, Check
from netview.derive.path.questions import Answer, Question
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


def counted(snapshot: Snapshot) -> Generator[Question, Answer, Mapping[Question, Answer]]:
    """Ask what is to be compared with what it will be a while later."""
    answers: dict[Question, Answer] = {}
    for question in wanted(snapshot):
        if isinstance(question, COUNTING):
            answers[question] = yield question
    return answers


def diagnosed(snapshot: Snapshot, earlier: Mapping[Question, Answer], before: Snapshot) -> Generator[Question, Answer, Diagnosis]:
    """Ask what the checks want to know, each question once, and have them look; `earlier`: what was counted `before`."""
    known: dict[Question, Answer] = {}
    for question in wanted(snapshot):
        known[question] = yield question
    answers = Answers(known, earlier, before)
    for question in wanted_then(snapshot, answers):
        if question not in known:
            known[question] = yield question
    return judged(snapshot, answers)


def wanted(snapshot: Snapshot) -> dict[Question, bool]:
    """What the checks want to know, each once, and whether one of them wants it as of now."""
    return _each((question, check) for check in CHECKS.values() for question in check.asks(snapshot))


def wanted_then(snapshot: Snapshot, answers: Answers) -> dict[Question, bool]:
    """The same of what they want to know once they have these answers."""
    return _each((question, check) for check in CHECKS.values() for question in check.then(snapshot, answers))


def _each(asked: Iterable[tuple[Question, Check]]) -> dict[Question, bool]:
    questions: dict[Question, bool] = {}
    for question, check in asked:
        fresh = check.fresh == "event" and not isinstance(question, COUNTING)
        questions[question] = questions.get(question, False) or fresh
    return questions


def judged(snapshot: Snapshot, answers: Answers, *, beat_at: float | None = None) -> Diagnosis:
    """What the checks say, the gravest first; a check that could not look says so once for each reason."""
    told = [one for check in CHECKS.values() for one in check.look(check, snapshot, answers)]
    findings = [one for one in told if isinstance(one, Finding)]
    unknown = dict.fromkeys(one for one in told if isinstance(one, NotLooked))
    findings.sort(key=lambda finding: (_GRAVITY[finding.severity], finding.check))
    beat = snapshot.taken_at if beat_at is None else beat_at
    return Diagnosis(snapshot.taken_at, beat, tuple(findings), tuple(sorted(unknown, key=lambda one: one.check)))
