"""Containers whose addresses nobody outside knows the way to."""

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Network

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.probes import LEGACY, OUTSIDE, Hosted, around, doubt, flows, known_link, one_of_each, rules_of
from netview.derive.netfilter.hook import at_hook
from netview.derive.path.questions import AskRuleset
from netview.derive.path.routing import Lookup, decide
from netview.model import Family, Flow, Packet, Runtime, Snapshot
from netview.model.finding import Confidence
from netview.model.ruleset import Hook

_TRANSLATING = frozenset({Runtime.DOCKER, Runtime.PODMAN})
"""Engines whose networks are translated if nobody asks for something else."""
_OF_A_SITE = IPv6Network("fc00::/7")
"""Unique local addresses (RFC 4193)."""
_HOOKS: tuple[Hook, Hook] = ("forward", "postrouting")


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """What they send leaves the host with their own address, and the next router has no way back to it."""
    for one in one_of_each(snapshot):
        confidence = _confidence(snapshot, one)
        if confidence is None:
            continue
        ruleset = rules_of(answers, one.bridge.namespace)
        if isinstance(ruleset, str):
            yield check.unknown(ruleset)
            continue
        host = snapshot.namespaces[one.bridge.namespace]
        bridge, uplink = known_link(snapshot, one.bridge), known_link(snapshot, one.uplink)
        flow = flows(one.family, one.address, OUTSIDE[one.family])[0]
        packet, beside = Packet(flow, bridge, uplink), around(answers, host)
        before, after = (at_hook(ruleset, hook, packet, beside) for hook in _HOOKS)
        if after.packet.flow.source != one.address or before.lost is not None or after.lost is not None:
            continue
        told = before.unsure or after.unsure
        if told is not None or LEGACY[one.family] in ruleset.legacy:
            yield check.unknown("the rules of iptables-legacy are not evaluated" if told is None else doubt(told))
            continue
        yield check.finding(
            one.bridge,
            snapshot,
            severity="error" if confidence == "certain" else "warning",
            confidence=confidence,
            message=f"what {name_of(snapshot, one.end.namespace)} sends to the outside leaves"
            f" {name_of(snapshot, one.uplink)} with its own address {one.address}: no rule translates it, and "
            + ("the next router has no way back" if confidence == "certain" else "routers outside hardly know a way back"),
            evidence=evidence(source=one.address, uplink=uplink.name, translated_to=None),
            command=["nft", "-a", "list", "ruleset"],
            remedy="masquerade what leaves by the uplink (restarting the engine writes its rules anew), or route the subnet",
        )


def _confidence(snapshot: Snapshot, one: Hosted) -> Confidence | None:
    """How sure it is that untranslated packets get no answer; None: they may."""
    way_back = _way_back(snapshot, one)
    if way_back is not None:
        return None if way_back else "certain"
    # An address of IPv6 that is not for a site alone may well be known to the next router.
    if one.family is Family.INET6 and IPv6Address(one.address) not in _OF_A_SITE:
        return None
    owners = snapshot.namespaces[one.end.namespace].owners
    engine = any(owner.runtime in _TRANSLATING and owner.pod is None for owner in owners)
    return "possible" if engine and one.bridge.namespace == snapshot.home else None


def _way_back(snapshot: Snapshot, one: Hosted) -> bool | None:
    """Whether the next router leads back to the container; None: it cannot be seen."""
    host = snapshot.namespaces[one.bridge.namespace]
    gateway = next(
        (
            route.gateway
            for route in host.tables.routes
            if route.dst == "default" and route.oif == one.uplink.ifindex and route.family is one.family
        ),
        None,
    )
    peer = snapshot.peer(one.uplink)
    far = None if peer is None or peer.namespace is None else snapshot.namespaces.get(peer.namespace)
    if peer is None or peer.key is None or far is None or far.tables.error is not None or far.tables.unknown:
        return None
    if gateway not in {address.address for address in far.addresses_of(peer.key.ifindex)}:
        return None
    decision = decide(far.tables, Lookup(Flow("tcp", "", one.address, None, 443)))
    return True if decision.unsure is not None else decision.type == "unicast"


def asks(snapshot: Snapshot) -> Iterator[AskRuleset]:
    """Of each namespace whose containers may need it."""
    those = (one.bridge.namespace for one in one_of_each(snapshot) if _confidence(snapshot, one) is not None)
    return (AskRuleset(namespace) for namespace in dict.fromkeys(those))


CHECK = Check(3, "nothing translates addresses", look, asks)
