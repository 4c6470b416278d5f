"""Rules and programs on the way: what they do with the packet, or that nobody can tell."""

import re
from collections.abc import Iterable
from dataclasses import replace

from netview.derive.netfilter.hook import FAMILIES, Outcome, at_hook
from netview.derive.netfilter.surroundings import ESTABLISHED, NEW, Missing, Surroundings
from netview.derive.netfilter.walk import Decided
from netview.derive.path.connection import Connection, turned_back
from netview.derive.path.journey import Ended, Journey, Steps, settings
from netview.derive.path.kept import told_of_kept
from netview.derive.path.questions import Answer, AskPrograms, AskRuleset, Programs, Question, Unanswered
from netview.derive.path.steps import Step
from netview.model import Bridge, Family, Flow, Link, LinkKey, NamespaceId, Packet
from netview.model.path import Place, Verdict
from netview.model.ruleset import Chain, Hook, Ruleset

_NF_CALL = {Family.INET: "bridge/bridge-nf-call-iptables", Family.INET6: "bridge/bridge-nf-call-ip6tables"}
_WITH_TAG = "bridge/bridge-nf-filter-vlan-tagged"
_LEGACY = {Family.INET: "ip", Family.INET6: "ip6"}
_INVALID = 1
_MOST_ANSWERS = 500
_RELEASE = re.compile(r"(\d+)\.(\d+)")
_FIRST = frozenset({"prerouting", "output"})


def passed(journey: Journey, namespace: NamespaceId, hook: Hook, packet: Packet) -> Steps[Flow]:
    """The flow as it leaves a hook; raises Ended where a rule drops it."""
    journey.translated = yield from _judged(journey, namespace, hook, packet)
    return journey.translated


def _judged(journey: Journey, namespace: NamespaceId, hook: Hook, packet: Packet) -> Steps[Flow]:
    ruleset = yield from _ruleset(journey, namespace)
    connection, state = _connection(journey, namespace, hook, packet.flow)
    if connection is not None and journey.reply:
        packet = replace(packet, flow=turned_back(connection, hook, packet.flow))
    if ruleset is None:
        return packet.flow
    link = packet.iif if hook in {"prerouting", "input"} else packet.oif
    place = Place(namespace, None if link is None else LinkKey(namespace, link.ifindex))
    if _LEGACY[packet.flow.family] in ruleset.legacy:
        journey.doubts(namespace, place.link, f"the rules of iptables-legacy in {journey.label(namespace)} are not evaluated")
    if connection is not None and not connection.bound and not journey.reply:
        yield from told_of_kept(journey, place, ruleset, packet.flow)
    bound = connection is not None and (hook in _FIRST) in connection.bound
    around = Surroundings(
        tables=journey.snapshot.namespaces[namespace].tables,
        state=state,
        bound=bound,
        namespace=namespace,
        noted=journey.noted.setdefault(namespace, {}),
        release=_release(journey.snapshot.kernel),
    )
    outcome = yield from _walked(hook, packet, ruleset, around)
    journey.noted[namespace].update(outcome.noted)
    _note(journey, place, hook, ruleset, outcome)
    if connection is not None and not journey.reply:
        connection.now = outcome.packet.flow
        if hook != "forward":
            connection.bound.add(hook in _FIRST)
    return outcome.packet.flow


def _walked(hook: Hook, packet: Packet, ruleset: Ruleset, around: Surroundings) -> Steps[Outcome]:
    """The hook, and before it what the kernel keeps that its rules come to look for."""
    answers: dict[Question, Answer] = {}
    while True:
        try:
            return at_hook(ruleset, hook, packet, around._replace(answers=answers, wanted={}))
        except Missing as missing:
            for question in missing.questions:
                full = len(answers) >= _MOST_ANSWERS
                answers[question] = Unanswered("too much is looked for") if full else (yield question)


def _release(kernel: str) -> tuple[int, int]:
    """The first two numbers of a kernel's release."""
    numbers = _RELEASE.match(kernel)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)


def bridged(journey: Journey, bridge: LinkKey, step: Step) -> Steps[None]:
    """The hooks of a bridge that takes a frame to a port; raises Ended where a rule drops it."""
    namespace, flow = bridge.namespace, journey.now
    ruleset = yield from _ruleset(journey, namespace)
    if ruleset is not None and _has_rules(ruleset, ("bridge",)):
        journey.doubts(namespace, bridge, f"rules for bridges in {journey.label(namespace)} are not evaluated")
    if journey.asking:
        return
    device = journey.snapshot.link(bridge)
    known = device is not None and device.bridge is not None and _calls(device.bridge, flow.family)
    name = _NF_CALL[flow.family]
    told = yield from settings(journey, namespace, name, _WITH_TAG)
    if device is None or not (known or told.get(name)):
        return
    out = journey.snapshot.link(step.link)
    hooks: tuple[Hook, ...] = ("prerouting", "forward", "postrouting")
    if not told.get(_WITH_TAG):
        # What has a tag when it comes is passed over at all of them, what gets one only from then on.
        hooks = () if step.tags[0] is not None else hooks[:1] if step.tags[1] is not None else hooks
    for hook in hooks:
        oif = None if hook == "prerouting" else device
        before = journey.now
        after = yield from passed(journey, namespace, hook, _packet(journey, device, oif, out))
        if (after.destination, after.port) != (before.destination, before.port):
            journey.doubts(namespace, bridge, f"rules translate what {device.name} only bridges")


def _calls(bridge: Bridge, family: Family) -> bool:
    """Whether a bridge alone has rules look at its packets; there is a switch for all of them as well."""
    return bool(bridge.nf_call_iptables if family is Family.INET else bridge.nf_call_ip6tables)


def programmed(journey: Journey, key: LinkKey) -> Steps[None]:
    """Note whether programs look at the packets of a link: nobody can tell what they do."""
    answer = yield AskPrograms(key.namespace, key.ifindex)
    if isinstance(answer, Programs):
        for program in answer.attached[:1]:
            journey.doubts(key.namespace, key, f"{program} on {journey.name(key)}")
    else:
        why = answer.reason if isinstance(answer, Unanswered) else "no answer"
        journey.doubts(key.namespace, key, f"the programs on {journey.name(key)} are not known: {why}")
    ruleset = yield from _ruleset(journey, key.namespace)
    if ruleset is not None and _has_rules(ruleset, ("netdev", "arp")):
        journey.doubts(key.namespace, key, f"rules for links or ARP in {journey.label(key.namespace)} are not evaluated")


def _packet(journey: Journey, iif: Link | None, oif: Link | None, physical_out: Link | None) -> Packet:
    return Packet(journey.now, iif, oif, physical_out=physical_out, length=journey.size or None)


def _ruleset(journey: Journey, namespace: NamespaceId) -> Steps[Ruleset | None]:
    answer = yield AskRuleset(namespace)
    if isinstance(answer, Ruleset):
        return answer
    why = answer.reason if isinstance(answer, Unanswered) else "no answer"
    journey.doubts(namespace, None, f"the rules in {journey.label(namespace)} are not known: {why}")
    return None


def _connection(journey: Journey, namespace: NamespaceId, hook: Hook, flow: Flow) -> tuple[Connection | None, int]:
    """The connection that a packet belongs to here, and its state."""
    known = journey.connections.setdefault(namespace, [])
    if journey.reply:
        found = next((one for one in known if one.answers(flow)), None)
        return found, ESTABLISHED if found is not None else NEW if flow.protocol == "udp" else _INVALID
    found = next((one for one in known if one.now == flow), None)
    if found is None and hook in _FIRST:
        found = Connection(flow, flow)
        known.append(found)
    return found, NEW


def _note(journey: Journey, place: Place, hook: Hook, ruleset: Ruleset, outcome: Outcome) -> None:
    """Tell what the rules did; raises Ended where they drop it."""
    for note in outcome.notes:
        journey.hop(place.namespace, place.link, "netfilter", note.word, _because(note), argv=_shown(note))
    if outcome.unsure is not None:
        told = outcome.unsure
        reason = f"undecided because of {_because(told)} in {journey.label(place.namespace)}: {told.word}"
        journey.hop(place.namespace, place.link, "netfilter", "undecided", reason, argv=_shown(told))
        journey.doubts(place.namespace, place.link, reason)
    elif outcome.lost is not None:
        told = outcome.lost
        word = "rejects" if told.word == "reject" else "drops"
        journey.hop(place.namespace, place.link, "netfilter", f"{hook} {word} it", _because(told), argv=_shown(told))
        raise Ended(Verdict.DROPPED, f"{journey.label(place.namespace)} {word} it by {_because(told)}", place)
    elif not outcome.notes:
        family = outcome.packet.flow.family
        chains = [one for one in ruleset.chains.values() if one.hook == hook and one.family in FAMILIES[family] and one.rules]
        if chains:
            names = ", ".join(map(_called, chains))
            argv = _listing(chains[-1])
            journey.hop(
                place.namespace, place.link, "netfilter", f"accepted at {hook}", f"no rule of {names} keeps it", argv=argv
            )


def _because(told: Decided) -> str:
    chain = _called(told.chain)
    number = "rule" if told.chain.legacy else "rule handle"
    return f"the policy of {chain}" if told.rule is None else f"{number} {told.rule.handle} of {chain}"


def _called(chain: Chain) -> str:
    return f"{_tool(chain)} {chain.table} {chain.name}" if chain.legacy else f"{chain.family} {chain.table} {chain.name}"


def _tool(chain: Chain) -> str:
    return "iptables-legacy" if chain.family == "ip" else "ip6tables-legacy"


def _shown(told: Decided) -> tuple[str, ...]:
    return _listing(told.chain)


def _listing(chain: Chain) -> tuple[str, ...]:
    if chain.legacy:
        return _tool(chain), "-t", chain.table, "-vnL", chain.name, "--line-numbers"
    return "nft", "-a", "list", "chain", chain.family, chain.table, chain.name


def _has_rules(ruleset: Ruleset, families: Iterable[str]) -> bool:
    return any(one.family in families and (one.rules or one.policy == "drop") for one in ruleset.chains.values())
