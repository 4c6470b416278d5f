"""What is dropped because it would be answered another way than it came."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.doctor.gist import gists
from netview.derive.doctor.probes import (
    OUTSIDE,
    around,
    chain_of,
    doubt,
    known_link,
    led_to,
    listing,
    rules_of,
)
from netview.derive.netfilter.hook import at_hook
from netview.derive.netfilter.walk import Decided
from netview.derive.path.questions import AskCounters, AskRuleset, AskSettings
from netview.derive.path.routing import Lookup, decide
from netview.derive.proof import device
from netview.model import Address, Family, Flow, LinkKey, Namespace, Packet, Snapshot
from netview.model.finding import Finding
from netview.model.ruleset import Fib, Judgement, NftRule, Ruleset

_STRICT = 1
_MOST = 64
_DROPPED = "TcpExt/IPReversePathFilter"
_LEAST = 1.0
"""So many a second; a packet now and then strays in any network."""
_STRICTLY, _LINKS = 1 | 8, frozenset({1, 2})
"""Of the source, by the link that it came by: which link that is, or its name."""


class _Led(NamedTuple):
    """An address of a container that a port is led to, and whose answers leave by another link."""

    namespace: Namespace
    address: Address
    port: int

    @property
    def key(self) -> LinkKey:
        """The link that has it."""
        return LinkKey(self.namespace.id, self.address.ifindex)


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """A port led to a container by one network, whose way out is by another; and what was counted as dropped for its source."""
    yield from _counted(check, snapshot, answers)
    several = list(_several(snapshot))
    if not several:
        return
    ruleset = rules_of(answers, snapshot.home)
    if isinstance(ruleset, str):
        yield check.unknown(ruleset)
        return
    for one in _led(snapshot, answers, ruleset, several):
        if one.address.family is Family.INET:
            yield from _filtered(check, snapshot, answers, one)
        else:
            yield from _ruled(check, snapshot, answers, one)


def _counted(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    for namespace in _watched(snapshot):
        grown = answers.grown(AskCounters(namespace.id), _DROPPED)
        if isinstance(grown, str):
            yield check.unknown(grown)
        elif (rate := grown.get(_DROPPED, 0.0)) >= _LEAST:
            yield check.finding(
                namespace.id,
                snapshot,
                severity="warning",
                confidence="certain",
                message=f"{name_of(snapshot, namespace.id)} drops {rate:.1f} packets a second because it would answer them"
                " another way than they came (rp_filter)",
                evidence=evidence(IPReversePathFilter=round(rate, 1)),
                command=["nstat", "-az", "TcpExtIPReversePathFilter"],
                remedy="see by which link they come (sysctl -w net.ipv4.conf.all.log_martians=1), and set rp_filter to 2 (loose)"
                " there, or have the way back lead there",
                by_beat=True,
            )


def _filtered(check: Check, snapshot: Snapshot, answers: Answers, one: _Led) -> Told:
    """IPv4: the kernel's own check."""
    link = one.namespace.links[one.address.ifindex]
    question = AskSettings(one.namespace.id, tuple(f"ipv4/conf/{name}/rp_filter" for name in ("all", link.name)))
    values = [setting(answers, question, name) for name in question.names]
    words = next((value for value in values if isinstance(value, str)), None)
    if words is not None:
        yield check.unknown(f"{name_of(snapshot, one.key)}: {words}")
    elif max((value for value in values if isinstance(value, int)), default=0) == _STRICT:
        yield check.finding(
            one.key,
            snapshot,
            severity="error",
            confidence="likely",
            message=f"{name_of(snapshot, one.key)} drops what a published port leads to {one.address.address}: its answers would"
            " leave by another link, and rp_filter is strict",
            evidence=evidence(rp_filter=1, address=one.address.address, port=one.port),
            command=["sysctl", "net.ipv4.conf.all.rp_filter", f"net.ipv4.conf.{device(snapshot, one.key)}.rp_filter"],
            remedy="set rp_filter to 2 (loose) there, or publish the port on the network of its default route",
        )


def _ruled(check: Check, snapshot: Snapshot, answers: Answers, one: _Led) -> Told:
    """IPv6, where only a rule does so (fib saddr . iif); what rpfilter of ip6tables does nobody tells."""
    ruleset = rules_of(answers, one.namespace.id)
    if isinstance(ruleset, str):
        yield check.unknown(f"{name_of(snapshot, one.key)}: {ruleset}")
        return
    flow = Flow("tcp", OUTSIDE[Family.INET6], one.address.address, None, one.port)
    packet = Packet(flow, known_link(snapshot, one.key), None)
    outcome = at_hook(ruleset, "prerouting", packet, around(answers, one.namespace))
    by = outcome.lost or outcome.unsure
    if by is None or by.rule is None or not _looks_back(by.rule):
        if outcome.unsure is not None:
            yield check.unknown(f"{name_of(snapshot, one.key)}: {doubt(outcome.unsure)}")
        return
    yield _told_of_rule(check, snapshot, one, by)


def _told_of_rule(check: Check, snapshot: Snapshot, one: _Led, by: Decided) -> Finding:
    return check.finding(
        one.key,
        snapshot,
        severity="error",
        confidence="likely",
        message=f"{name_of(snapshot, one.key)} drops what a published port leads to {one.address.address}: its answers would"
        f" leave by another link, and a rule of {chain_of(by)} checks sources strictly",
        evidence=evidence(chain=chain_of(by), handle=None if by.rule is None else by.rule.handle, address=one.address.address),
        command=listing(by),
        remedy="have the rule look at all links (fib saddr oif, rpfilter --loose), or publish the port on the network of its"
        " default route",
    )


def _looks_back(rule: NftRule) -> bool:
    """Whether it drops what has no way back by the link that it came by."""
    looks = any(isinstance(one, Fib) and one.flags & _STRICTLY == _STRICTLY and one.result in _LINKS for one in rule.expressions)
    return looks and any(isinstance(one, Judgement) and one.word in {"drop", "reject"} for one in rule.expressions)


def _led(snapshot: Snapshot, answers: Answers, ruleset: Ruleset, several: list[Namespace]) -> Iterator[_Led]:
    targets = dict(led_to(ruleset))
    for namespace in several:
        for address in gists(snapshot)[namespace.id].own:
            port = targets.get(address.address)
            link = namespace.links.get(address.ifindex)
            if port is None or link is None or "/" in link.name:
                continue
            one = _Led(namespace, address, port)
            if _elsewhere(one) and _comes(snapshot, answers, ruleset, one):
                yield one


def _elsewhere(one: _Led) -> bool:
    """Whether an answer to the outside surely leaves by another link."""
    flow = Flow("tcp", one.address.address, OUTSIDE[one.address.family])
    decision = decide(one.namespace.tables, Lookup(flow))
    ways = {way.oif for way in decision.ways}
    return decision.unsure is None and bool(ways) and one.address.ifindex not in ways


def _comes(snapshot: Snapshot, answers: Answers, ruleset: Ruleset, one: _Led) -> bool:
    """Whether it arrives with the sender's own address, and not with the host's."""
    peer = snapshot.peer(one.key)
    bridge = None if peer is None or peer.key is None else snapshot.master_of(peer.key)
    if bridge is None or bridge.namespace != snapshot.home:
        return False
    flow = Flow("tcp", OUTSIDE[one.address.family], one.address.address, None, one.port)
    packet = Packet(flow, None, known_link(snapshot, bridge))
    outcome = at_hook(ruleset, "postrouting", packet, around(answers, snapshot.namespaces[snapshot.home]))
    return outcome.unsure is None and outcome.lost is None and outcome.packet.flow.source == flow.source


@lru_cache(maxsize=1)
def _several(snapshot: Snapshot) -> tuple[Namespace, ...]:
    return tuple(_each(snapshot))


def _each(snapshot: Snapshot) -> Iterator[Namespace]:
    """Containers with addresses on several networks, as many as can be looked at in a moment."""
    left = _MOST
    for place, gist in gists(snapshot).items():
        if left and len(gist.own) > 1 and place != snapshot.home and len({one.ifindex for one in gist.own}) > 1:
            left -= 1
            yield snapshot.namespaces[place]


def _watched(snapshot: Snapshot) -> Iterator[Namespace]:
    """Home, and whoever else packets come to by several links."""
    yield snapshot.namespaces[snapshot.home]
    yield from _several(snapshot)


def asks(snapshot: Snapshot) -> Iterator[AskCounters | AskRuleset]:
    """What was dropped so; where a container is on several networks also what is led to it."""
    watched = list(_watched(snapshot))
    yield from (AskCounters(namespace.id) for namespace in watched)
    if len(watched) > 1:
        yield AskRuleset(snapshot.home)


CHECK = Check(8, "strict source check", look, asks)
