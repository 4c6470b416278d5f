"""A firewall that lets nothing of a bridge through."""

from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.probes import (
    LEGACY,
    OUTSIDE,
    Hosted,
    around,
    chain_of,
    flows,
    kept_by_policy,
    known_link,
    listing,
    one_of_each,
    rules_of,
)
from netview.derive.netfilter.surroundings import ESTABLISHED
from netview.derive.netfilter.walk import Decided
from netview.derive.path.questions import AskRuleset
from netview.model import Packet, Snapshot
from netview.model.ruleset import Ruleset


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """The policy of a FORWARD chain drops what no rule accepts; what a rule drops is meant to be."""
    for one in one_of_each(snapshot):
        ruleset = rules_of(answers, one.bridge.namespace)
        if isinstance(ruleset, str):
            yield check.unknown(ruleset)
            continue
        kept, what = _kept(snapshot, answers, one, ruleset)
        if isinstance(kept, Decided):
            yield check.finding(
                one.bridge,
                snapshot,
                severity="error",
                confidence="likely",
                message=f"{name_of(snapshot, one.bridge.namespace)} drops {what} {name_of(snapshot, one.end.namespace)}:"
                f" no rule accepts it, and the policy of {chain_of(kept)} is drop",
                evidence=evidence(chain=chain_of(kept), policy="drop", container=one.address),
                command=listing(kept),
                remedy="accept what comes from the bridge and the replies to it (engines do when they start),"
                " or set the policy to accept",
            )
        elif kept is not None:
            yield check.unknown(kept)
        elif LEGACY[one.family] in ruleset.legacy:
            yield check.unknown("the rules of iptables-legacy are not evaluated")


def _kept(snapshot: Snapshot, answers: Answers, one: Hosted, ruleset: Ruleset) -> tuple[Decided | str | None, str]:
    host = snapshot.namespaces[one.bridge.namespace]
    bridge, uplink, outside = known_link(snapshot, one.bridge), known_link(snapshot, one.uplink), OUTSIDE[one.family]
    sent = [Packet(flow, bridge, uplink) for flow in flows(one.family, one.address, outside)]
    kept = kept_by_policy(ruleset, around(answers, host), "forward", sent)
    if kept is not None:
        return kept, "all that is sent to the outside by"
    answered = [Packet(flow, uplink, bridge) for flow in flows(one.family, outside, one.address)]
    return kept_by_policy(ruleset, around(answers, host, ESTABLISHED), "forward", answered), "every reply from the outside to"


def asks(snapshot: Snapshot) -> Iterator[AskRuleset]:
    """Of each namespace with a bridge that is a gateway."""
    return (AskRuleset(namespace) for namespace in dict.fromkeys(one.bridge.namespace for one in one_of_each(snapshot)))


CHECK = Check(2, "firewall forwards nothing", look, asks)
