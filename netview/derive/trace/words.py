"""What a trace's lines say, in words. They may hold names: see text.safe()."""

from collections.abc import Mapping

from netview.derive.netfilter.text import rule_text
from netview.derive.trace.journeys import End, Journey, Passage
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.model.ruleset import Ruleset
from netview.model.trace import TraceHit

Rulesets = Mapping[NamespaceId, Ruleset]


def met_text(rulesets: Rulesets, namespace: NamespaceId, hit: TraceHit) -> str:
    """What a packet met: the rule's text, or what the chain does by itself."""
    if hit.kind == "policy":
        return f"policy {hit.verdict}"
    if hit.kind == "return":
        return "the chain ends"
    ruleset = rulesets.get(namespace)
    chain = None if ruleset is None else ruleset.chains.get((hit.family, hit.table, hit.chain))
    rule = None if chain is None else next((one for one in chain.rules if one.handle == hit.handle), None)
    return f"rule handle {hit.handle}" if rule is None else rule_text(rule, hit.family)


def chain_text(hit: TraceHit) -> str:
    """Where the rule is: "ip filter FORWARD"."""
    return f"{hit.family} {hit.table} {hit.chain}"


def verdict_text(hit: TraceHit) -> str:
    """How it goes on: "jump DOCKER"."""
    return hit.verdict if hit.to is None else f"{hit.verdict} {hit.to}"


def through(snapshot: Snapshot, passage: Passage) -> str:
    """The links it came in and left by: "in docker0, out eth0"."""
    told = (("in", passage.iif), ("out", passage.oif))
    return ", ".join(f"{word} {link_name(snapshot, passage.namespace, index)}" for word, index in told if index)


def link_name(snapshot: Snapshot, namespace: NamespaceId, ifindex: int) -> str:
    """A link by its name, else by its number."""
    link = snapshot.link(LinkKey(namespace, ifindex))
    return f"#{ifindex}" if link is None else link.name


def label(snapshot: Snapshot, namespace: NamespaceId) -> str:
    """What a namespace is called."""
    known = snapshot.namespaces.get(namespace)
    return namespace if known is None else known.label


def untold(rulesets: Rulesets) -> tuple[NamespaceId, ...]:
    """The namespaces with rules of iptables-legacy: the kernel tells where a packet is before and behind those, and no more."""
    return tuple(
        name
        for name, rules in rulesets.items()
        if rules.legacy or any(chain.legacy and chain.rules for chain in rules.chains.values())
    )


def changed(passage: Passage) -> str | None:
    """What was made of its addresses here; None: nothing."""
    before, after = passage.before, passage.after
    if before is None or after is None or before.flow == after.flow:
        return None
    return f"now {after.flow}"


def headline(journey: Journey) -> str:
    """A packet in one line, as it was seen first."""
    sent = journey.sent
    if sent is None:
        return "a packet whose headers were not told"
    return " ".join(word for word in (sent.protocol, sent.flow, sent.what, f"{sent.length} bytes") if word)


def ending(snapshot: Snapshot, journey: Journey) -> str:
    """What became of the packet as far as it was seen."""
    last = journey.last
    where = label(snapshot, last.namespace)
    if last.end is End.DROPPED and last.by is not None:
        return f"dropped in {where} by {chain_text(last.by.hit)}"
    if last.end is End.LOST:
        return f"lost in {where} {last.where}"
    if last.end is End.SENT:
        out = "" if not last.oif else f" by {link_name(snapshot, last.namespace, last.oif)}"
        return f"sent by {where}{out}"
    return f"delivered in {where}" if last.end is End.DELIVERED else f"seen in {where}"
