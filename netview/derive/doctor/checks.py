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
from netview.derive.doctor.check import Check
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


def diagnosed(snapshot: Snapshot) -> Generator[Question, Answer, Diagnosis]:
    """Ask what the checks want to know, each question once, and have them look."""
    answers: dict[Question, Answer] = {}
    for check in CHECKS.values():
        for question in check.asks(snapshot):
            if question not in answers:
                answers[question] = yield question
    return judged(snapshot, answers)


def judged(snapshot: Snapshot, answers: Mapping[Question, Answer], *, beat_at: float | None = None) -> Diagnosis:
    """What the checks say, the gravest first; a check that could not look says so once for each reason."""
    told = [one for check in CHECKS.values() for one in check.look(check, snapshot, answers)]
    findings = [one for one in told if isinstance(one, Finding)]
    unknown = dict.fromkeys(one for one in told if isinstance(one, NotLooked))
    findings.sort(key=lambda finding: (_GRAVITY[finding.severity], finding.check))
    beat = snapshot.taken_at if beat_at is None else beat_at
    return Diagnosis(snapshot.taken_at, beat, tuple(findings), tuple(sorted(unknown, key=lambda one: one.check)))
