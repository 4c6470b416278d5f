"""Bridged frames that a firewall for routed packets drops, or that one which needs them does not see."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of, setting
from netview.derive.doctor.gist import gists, links_of
from netview.derive.doctor.probes import (
    around,
    chain_of,
    flows,
    kept_by_policy,
    known_link,
    listing,
    rules_of,
)
from netview.derive.netfilter.walk import Decided
from netview.derive.path.questions import AskSettings
from netview.model import Family, LinkKey, Packet, Runtime, Snapshot

_NAMES = {Family.INET: "bridge/bridge-nf-call-iptables", Family.INET6: "bridge/bridge-nf-call-ip6tables"}
_ENOUGH = 2
_KUBE = frozenset({Runtime.KUBERNETES, Runtime.CONTAINERD, Runtime.CRIO})


class _Plugged(NamedTuple):
    """A container on a bridge."""

    end: LinkKey
    port: LinkKey
    address: str


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Between two containers on one bridge, where bridged frames are handed to the chains of IPv4 or IPv6."""
    for (bridge, family), those in _plugged(snapshot).items():
        name = _NAMES[family]
        value = setting(answers, _question(bridge), name)
        if isinstance(value, str):
            yield check.unknown(value)
            continue
        # A bridge may say so for itself; without br_netfilter there is no such setting, and nobody looks.
        if value or (value is not None and _calls(snapshot, bridge, family)):
            yield from _dropped(check, snapshot, answers, bridge, (family, those))
        elif family is Family.INET and any(_is_pod(snapshot, one) for one in those):
            yield check.finding(
                bridge,
                snapshot,
                severity="warning",
                confidence="possible",
                message=f"pods on {name_of(snapshot, bridge)} reach a service whose pod is on the same bridge only where"
                " bridged frames pass iptables, and they do not" + (" (br_netfilter is not loaded)" if value is None else ""),
                evidence=evidence(bridge_nf_call_iptables=value),
                command=["sysctl", "net.bridge.bridge-nf-call-iptables"],
                remedy="modprobe br_netfilter; sysctl -w net.bridge.bridge-nf-call-iptables=1",
            )


def _calls(snapshot: Snapshot, bridge: LinkKey, family: Family) -> bool:
    own = known_link(snapshot, bridge).bridge
    return own is not None and bool(own.nf_call_iptables if family is Family.INET else own.nf_call_ip6tables)


def _dropped(
    check: Check, snapshot: Snapshot, answers: Answers, bridge: LinkKey, plugged: tuple[Family, Sequence[_Plugged]]
) -> Told:
    family, those = plugged
    if len(those) == 1:
        return
    ruleset = rules_of(answers, bridge.namespace)
    if isinstance(ruleset, str):
        yield check.unknown(ruleset)
        return
    first, second = those[0], those[1]
    host, device = snapshot.namespaces[bridge.namespace], known_link(snapshot, bridge)
    ports = known_link(snapshot, first.port), known_link(snapshot, second.port)
    packets = [Packet(flow, device, device, *ports) for flow in flows(family, first.address, second.address)]
    kept = kept_by_policy(ruleset, around(answers, host), "forward", packets)
    if isinstance(kept, Decided):
        name = _NAMES[family].partition("/")[2]
        yield check.finding(
            bridge,
            snapshot,
            severity="error",
            confidence="likely",
            message=f"what is plugged into {name_of(snapshot, bridge)} does not reach each other: bridged frames pass"
            f" iptables ({name}), no rule accepts them, and the policy of {chain_of(kept)} is drop",
            evidence=((name, 1), *evidence(chain=chain_of(kept), policy="drop")),
            command=listing(kept),
            remedy=f"accept what the bridge passes from port to port, or sysctl -w net.bridge.{name}=0 where no engine needs it",
        )
    elif kept is not None:
        yield check.unknown(kept)


def _plugged(snapshot: Snapshot) -> dict[tuple[LinkKey, Family], list[_Plugged]]:
    """Two of each bridge and family are enough: rules are about networks."""
    found: dict[tuple[LinkKey, Family], list[_Plugged]] = {}
    known = gists(snapshot)
    for bridge, _ in links_of(snapshot, "bridge"):
        for port, end in inner_ends(snapshot, bridge):
            for address in known[end.namespace].own:
                if address.ifindex == end.ifindex:
                    those = found.setdefault((bridge, address.family), [])
                    if len(those) < _ENOUGH and (not those or those[-1].end != end):
                        those.append(_Plugged(end, port, address.address))
    return found


def _question(bridge: LinkKey) -> AskSettings:
    return AskSettings(bridge.namespace, tuple(_NAMES.values()))


def _is_pod(snapshot: Snapshot, one: _Plugged) -> bool:
    owners = snapshot.namespaces[one.end.namespace].owners
    return any(owner.runtime in _KUBE and owner.pod is not None for owner in owners)


def asks(snapshot: Snapshot) -> Iterator[AskSettings]:
    """Of each namespace with a bridge that containers are plugged into."""
    return iter(dict.fromkeys(_question(bridge) for bridge, _ in _plugged(snapshot)))


CHECK = Check(7, "bridged frames and iptables", look, asks)
