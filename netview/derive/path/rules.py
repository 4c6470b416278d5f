"""What rules of netfilter do with a packet at one of their hooks."""

from typing import Literal, NamedTuple

from netview.derive.path.journey import Journey, Steps, settings
from netview.derive.path.questions import AskPrograms, AskRules, Programs, Ruled, Unanswered
from netview.model import Family, Flow, Link, LinkKey, NamespaceId

Hook = Literal["prerouting", "input", "forward", "output", "postrouting"]
_FAMILIES = {
    Family.INET: frozenset({"ip", "inet", "legacy ip"}),
    Family.INET6: frozenset({"ip6", "inet", "legacy ip6"}),
}
_NF_CALL = {Family.INET: "bridge/bridge-nf-call-iptables", Family.INET6: "bridge/bridge-nf-call-ip6tables"}


class Between(NamedTuple):
    """The links that a packet is between; None: it was made here, it stays here, or it is not decided yet."""

    iif: Link | None
    oif: Link | None


def passed(journey: Journey, namespace: NamespaceId, hook: Hook, flow: Flow, between: Between) -> Steps[Flow]:
    """The flow as it leaves a hook; raises Ended where a rule drops it."""
    del hook, between
    yield from _unjudged(journey, namespace, _FAMILIES[flow.family], None)
    return flow


def bridged(journey: Journey, bridge: LinkKey, flow: Flow) -> Steps[None]:
    """The hooks of a bridge that takes a frame from port to port; raises Ended where a rule drops it."""
    families = frozenset({"bridge"})
    device = journey.snapshot.link(bridge)
    known = None if device is None or device.bridge is None else device.bridge.nf_call_iptables
    name = _NF_CALL[flow.family]
    told = yield from _setting(journey, bridge.namespace, name)
    if known or told:
        families |= _FAMILIES[flow.family]
    yield from _unjudged(journey, bridge.namespace, families, bridge)


def programmed(journey: Journey, key: LinkKey) -> Steps[None]:
    """Note whether programs look at the packets of a link: nobody can tell what they do."""
    answer = yield AskPrograms(key.namespace, key.ifindex)
    if isinstance(answer, Programs):
        for program in answer.attached[:1]:
            journey.doubts(key.namespace, key, f"{program} on {journey.name(key)}")
        return
    why = answer.reason if isinstance(answer, Unanswered) else "no answer"
    journey.doubts(key.namespace, key, f"the programs on {journey.name(key)} are not known: {why}")


def _unjudged(journey: Journey, namespace: NamespaceId, families: frozenset[str], key: LinkKey | None) -> Steps[None]:
    answer = yield AskRules(namespace)
    label = journey.label(namespace)
    if not isinstance(answer, Ruled):
        why = answer.reason if isinstance(answer, Unanswered) else "no answer"
        journey.doubts(namespace, key, f"the rules in {label} are not known: {why}")
        return
    concerned = sorted(answer.families & families)
    if concerned:
        journey.doubts(namespace, key, f"rules in {label} ({', '.join(concerned)}) are not evaluated")


def _setting(journey: Journey, namespace: NamespaceId, name: str) -> Steps[int | None]:

    return (yield from settings(journey, namespace, name)).get(name)
