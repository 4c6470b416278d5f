"""Bridged frames that a firewall for routed packets drops, or that one which needs them does not see."""

from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.doctor.probes import (
    Hosted,
    around,
    chain_of,
    flows,
    hosted,
    kept_by_policy,
    known_link,
    listing,
    rules_of,
)
from netview.derive.netfilter.walk import Decided
from netview.derive.path.questions import AskRuleset, AskSettings
from netview.model import Family, LinkKey, Packet, Runtime, Snapshot

_NAMES = ("bridge/bridge-nf-call-iptables",)
_KUBE = frozenset({Runtime.KUBERNETES, Runtime.CONTAINERD, Runtime.CRIO})


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Between two containers on one bridge, where bridged frames are handed to the chains of IPv4."""
    for bridge, those in _pairs(snapshot).items():
        value = setting(answers, AskSettings(bridge.namespace, _NAMES), _NAMES[0])
        if isinstance(value, str):
            yield check.unknown(value)
            continue
        own = known_link(snapshot, bridge).bridge
        if value or (own is not None and own.nf_call_iptables):
            yield from _dropped(check, snapshot, answers, those)
        elif any(_is_pod(snapshot, one) for one in those):
            yield check.finding(
                bridge,
                snapshot,
                severity="warning",
                confidence="possible",
                message=f"pods on {name_of(snapshot, bridge)} reach a service whose pod is on the same bridge only where"
                " bridged frames pass iptables, and they do not",
                evidence=evidence(bridge_nf_call_iptables=value),
                command=["sysctl", "net.bridge.bridge-nf-call-iptables"],
                remedy="modprobe br_netfilter; sysctl -w net.bridge.bridge-nf-call-iptables=1",
            )


def _dropped(check: Check, snapshot: Snapshot, answers: Answers, those: list[Hosted]) -> Told:
    if len(those) == 1:
        return
    ruleset = rules_of(answers, those[0].bridge.namespace)
    if isinstance(ruleset, str):
        yield check.unknown(ruleset)
        return
    first, second = those[0], those[1]
    host, device = snapshot.namespaces[first.bridge.namespace], known_link(snapshot, first.bridge)
    ports = known_link(snapshot, first.port), known_link(snapshot, second.port)
    packets = [Packet(flow, device, device, *ports) for flow in flows(Family.INET, first.address, second.address)]
    kept = kept_by_policy(ruleset, around(answers, host), "forward", packets)
    if isinstance(kept, Decided):
        yield check.finding(
            first.bridge,
            snapshot,
            severity="error",
            confidence="likely",
            message=f"what is plugged into {name_of(snapshot, first.bridge)} does not reach each other: bridged frames pass"
            f" iptables (bridge-nf-call-iptables), no rule accepts them, and the policy of {chain_of(kept)} is drop",
            evidence=evidence(bridge_nf_call_iptables=1, chain=chain_of(kept), policy="drop"),
            command=listing(kept),
            remedy="accept what the bridge passes from port to port, or sysctl -w net.bridge.bridge-nf-call-iptables=0"
            " where no engine needs it",
        )
    elif kept is not None:
        yield check.unknown(kept)


def _pairs(snapshot: Snapshot) -> dict[LinkKey, list[Hosted]]:
    found: dict[LinkKey, list[Hosted]] = {}
    for one in hosted(snapshot):
        those = found.setdefault(one.bridge, [])
        if one.family is Family.INET and len(those) < 2:
            those.append(one)
    return {bridge: those for bridge, those in found.items() if those}


def _is_pod(snapshot: Snapshot, one: Hosted) -> bool:
    owners = snapshot.namespaces[one.end.namespace].owners
    return any(owner.runtime in _KUBE and owner.pod is not None for owner in owners)


def asks(snapshot: Snapshot) -> Iterator[AskSettings | AskRuleset]:
    """Of each namespace with a bridge that is a gateway."""
    for namespace in dict.fromkeys(bridge.namespace for bridge in _pairs(snapshot)):
        yield AskSettings(namespace, _NAMES)
        yield AskRuleset(namespace)


CHECK = Check(7, "bridged frames and iptables", look, asks)
