"""Packets that nobody sends, and what the rules of a namespace would do with them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from netview.derive.doctor.check import Answers
from netview.derive.doctor.gist import gists, links_of, wires
from netview.derive.netfilter.hook import at_hook
from netview.derive.netfilter.surroundings import NEW, Surroundings
from netview.derive.netfilter.walk import Decided
from netview.derive.path.questions import Answer, AskRuleset, Question, Unanswered
from netview.model import Family, Flow, Link, LinkKey, Namespace, NamespaceId, Packet, Snapshot
from netview.model.ruleset import Hook, Immediate, NftRule, Ruleset, Translate

OUTSIDE = {Family.INET: "198.51.100.1", Family.INET6: "2001:db8:ffff::1"}
"""Nobody (RFC 5737, RFC 3849)."""
LEGACY = {Family.INET: "ip", Family.INET6: "ip6"}
_PING = {Family.INET: ("icmp", 8), Family.INET6: ("icmpv6", 128)}


class Behind(NamedTuple):
    """A container whose gateway is the bridge that it is plugged into."""

    end: LinkKey
    """Its own end of the wire."""
    port: LinkKey
    bridge: LinkKey
    address: str
    gateway: str

    @property
    def family(self) -> Family:
        """That of its address."""
        return Family.INET6 if ":" in self.address else Family.INET


class Hosted(NamedTuple):
    """One whose bridge's namespace has a way out."""

    end: LinkKey
    """Its own end of the wire."""
    port: LinkKey
    bridge: LinkKey
    address: str
    gateway: str
    uplink: LinkKey
    """By which the bridge's namespace goes on."""

    @property
    def family(self) -> Family:
        """That of its address."""
        return Family.INET6 if ":" in self.address else Family.INET


def bridge_beyond(snapshot: Snapshot, key: LinkKey) -> LinkKey | None:
    """What the other end of a wire is plugged into, if that is a bridge."""
    wire = wires(snapshot).get(key)
    if wire is None or wire.far_link.master is None or wire.far_link.port_kind != "bridge":
        return None
    return LinkKey(wire.far.namespace, wire.far_link.master)


@lru_cache(maxsize=1)
def behind(snapshot: Snapshot) -> tuple[Behind, ...]:
    """Each container with a bridge as its gateway, once for each family."""
    return tuple(_behind(snapshot))


def _behind(snapshot: Snapshot) -> Iterator[Behind]:
    known, bridges = wires(snapshot), _of_bridges(snapshot)
    for place, gist in gists(snapshot).items():
        for route in gist.defaults:
            if route.gateway is None or route.oif is None or route.table != "main":
                continue
            end = LinkKey(place, route.oif)
            wire = known.get(end)
            if wire is None or wire.far_link.master is None:
                continue
            port, bridge = wire.far, LinkKey(wire.far.namespace, wire.far_link.master)
            address = next((a.address for a in gist.own if a.ifindex == route.oif and a.family is route.family), None)
            if address is not None and route.gateway in bridges.get(bridge, ()):
                yield Behind(end, port, bridge, address, route.gateway)


@lru_cache(maxsize=1)
def _of_bridges(snapshot: Snapshot) -> dict[LinkKey, frozenset[str]]:
    """The addresses of every bridge."""
    return {
        key: frozenset(one.address for one in snapshot.namespaces[key.namespace].addresses_of(key.ifindex))
        for key, _ in links_of(snapshot, "bridge")
    }


@lru_cache(maxsize=1)
def hosted(snapshot: Snapshot) -> tuple[Hosted, ...]:
    """Each container, once for each family, that a namespace with a way out is the gateway of."""
    ways: dict[tuple[NamespaceId, Family], int | None] = {}
    found: list[Hosted] = []
    for one in behind(snapshot):
        way = (one.bridge.namespace, one.family)
        if way not in ways:
            ways[way] = way_out(snapshot.namespaces[one.bridge.namespace], one.family)
        uplink = ways[way]
        if uplink is not None and uplink != one.bridge.ifindex:
            found.append(Hosted(*one, LinkKey(one.bridge.namespace, uplink)))
    return tuple(found)


def one_of_each(snapshot: Snapshot) -> list[Hosted]:
    """Of all that is plugged into a bridge one, for each family: rules are about bridges."""
    first: dict[tuple[LinkKey, Family], Hosted] = {}
    for one in hosted(snapshot):
        first.setdefault((one.bridge, one.family), one)
    return list(first.values())


def rules_of(answers: Answers, namespace: NamespaceId) -> Ruleset | str:
    """The rules of a namespace; words: why they are not known."""
    answer = answers.get(AskRuleset(namespace))
    if isinstance(answer, Ruleset):
        return answer
    return answer.reason if isinstance(answer, Unanswered) else "no answer"


def flows(family: Family, source: str, destination: str) -> list[Flow]:
    """What a host that reaches others reaches them by, one or another."""
    ping, kind = _PING[family]
    return [
        Flow("tcp", source, destination, None, 443),
        Flow("tcp", source, destination, None, 80),
        Flow("udp", source, destination, None, 53),
        Flow(ping, source, destination, icmp_type=kind, icmp_code=0),
    ]


class _Kept(Mapping[Question, Answer]):
    """What the kernel keeps that rules look for, such as sets: whatever is looked for is asked for."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def __contains__(self, question: object) -> bool:
        return True

    def __getitem__(self, question: Question) -> Answer:
        return self._answers.get(question)

    def __iter__(self) -> Iterator[Question]:
        return iter(self._answers.now)

    def __len__(self) -> int:
        return len(self._answers.now)


def around(answers: Answers, namespace: Namespace, state: int = NEW) -> Surroundings:
    """What the rules of a namespace look at besides the packet."""
    return Surroundings(namespace.tables, state, namespace=namespace.id, answers=_Kept(answers), wanted={})


def kept_by_policy(ruleset: Ruleset, around: Surroundings, hook: Hook, packets: Sequence[Packet]) -> Decided | str | None:
    """The policy that drops all of them for want of a rule; None: one passes, or a rule means to drop it; words: nobody knows."""
    outcomes = []
    for packet in packets:
        outcomes.append(at_hook(ruleset, hook, packet, around))
        if outcomes[-1].lost is None and outcomes[-1].unsure is None:
            return None
    unsure = next((outcome.unsure for outcome in outcomes if outcome.unsure is not None), None)
    if unsure is not None:
        return doubt(unsure)
    lost = [outcome.lost for outcome in outcomes if outcome.lost is not None]
    return lost[0] if lost and all(one.rule is None for one in lost) else None


def doubt(told: Decided) -> str:
    """What nobody can judge, in words."""
    return f"rule handle {0 if told.rule is None else told.rule.handle} of {chain_of(told)}: {told.word}"


def chain_of(told: Decided) -> str:
    """Its family, table and name."""
    return f"{told.chain.family} {told.chain.table} {told.chain.name}"


def listing(told: Decided) -> list[str]:
    """The command that shows the chain."""
    return ["nft", "-a", "list", "chain", told.chain.family, told.chain.table, told.chain.name]


@lru_cache(maxsize=4)
def led_to(ruleset: Ruleset) -> frozenset[tuple[str, int]]:
    """Addresses and ports that some rule translates a destination to."""
    return frozenset(
        target for chain in ruleset.chains.values() for rule in chain.rules for target in _targets(rule, chain.family)
    )


def _targets(rule: NftRule, family: str) -> Iterator[tuple[str, int]]:
    held: dict[int, bytes] = {}
    for expression in rule.expressions:
        if isinstance(expression, Immediate):
            held[expression.register] = expression.value
        elif isinstance(expression, Translate) and expression.kind == "dnat":
            to, port = expression.address, expression.port
            address = held.get(to) if isinstance(to, int) else to
            number = port[0] if isinstance(port, tuple) else 0 if port is None else int.from_bytes(held.get(port, b"")[:2], "big")
            # In a table of both families the value's length tells which.
            length = 16 if family == "ip6" or (family == "inet" and address is not None and len(address) >= 16) else 4
            if address is not None and len(address) >= length:
                yield str(ip_address(address[:length])), number


def known_link(snapshot: Snapshot, key: LinkKey) -> Link:
    """A link that is there."""
    return snapshot.namespaces[key.namespace].links[key.ifindex]


def way_out(namespace: Namespace, family: Family) -> int | None:
    """The ifindex that its default route leaves by."""
    return next(
        (
            route.oif
            for route in namespace.tables.routes
            if route.family is family and route.dst == "default" and route.table == "main" and route.oif in namespace.links
        ),
        None,
    )
