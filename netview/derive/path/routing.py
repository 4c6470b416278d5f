"""Which policy rule and which route decide where a packet goes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from netview.derive.path import fib
from netview.derive.path.prefixes import UNSPECIFIED, number, prefix
from netview.model import Family, Flow, Link, NextHop, Route, Rule, Tables

_DSCP = 0xFC
PROTOCOLS: Mapping[str, int] = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "sctp": 132}
_ALWAYS = frozenset({(0, "local"), (32766, "main"), (32767, "default")})
_EPHEMERAL = 1024
"""No socket that asks for no port gets one below."""
_PORTED = frozenset({"tcp", "udp", "sctp"})


class Lookup(NamedTuple):
    """One question to the routing of a namespace."""

    flow: Flow
    iif: Link | None = None
    """That the packet came in by; None: it is made here."""
    oif: Link | None = None
    """That it must leave by; None: any."""
    uid: int | None = None
    """Of the sending socket; None: not told. Of a forwarded packet it is 0."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What decided."""

    rule: Rule | None
    """None: no rule led anywhere."""
    route: Route | None
    """None: a rule refused, or there is no route."""
    ways: tuple[NextHop, ...] = ()
    """Next hops that may be used."""
    rivals: tuple[Route, ...] = ()
    unsure: str | None = None
    """Why another rule may decide: a selector that netview cannot judge."""

    @property
    def type(self) -> str | None:
        """The route's type, or the rule's refusal; None: no route."""
        if self.route is not None:
            return self.route.type
        return None if self.rule is None else self.rule.action


def decide(tables: Tables, lookup: Lookup, spare: frozenset[int] = frozenset(), *, merged: bool = False) -> Decision:
    """Walk rules and tables; `spare`: links whose routes do not count without a carrier.

    `merged`: main and local are one table, as those of IPv4 are until the first rule is added, and for good once it was.
    """
    family = lookup.flow.family
    rules = sorted((rule for rule in tables.rules if rule.family is family), key=lambda rule: rule.priority)
    key = fib.key(
        family,
        lookup.flow.destination,
        lookup.flow.source or UNSPECIFIED[family],
        oif=0 if lookup.oif is None else lookup.oif.ifindex,
        tos=lookup.flow.tos,
        spare=spare,
    )
    known = _by_table(tables.routes)
    if merged:
        known = {**known, "local": [*known.get("local", ()), *known.get("main", ())]}
    return _walk(rules, known, lookup, key, vrf=any(link.kind == "vrf" for link in tables.links.values()))


def is_plain(tables: Tables, family: Family) -> bool:
    """Whether the only rules are those that are always there."""
    return all(
        rule.action == "lookup" and (rule.priority, rule.table) in _ALWAYS and not rule.inverted
        for rule in tables.rules
        if rule.family is family
    )


def _by_table(routes: Iterable[Route]) -> Mapping[str, Sequence[Route]]:
    known: dict[str, list[Route]] = defaultdict(list)
    for route in routes:
        known[route.table].append(route)
    return known


def _walk(rules: Sequence[Rule], known: Mapping[str, Sequence[Route]], lookup: Lookup, key: fib.Key, *, vrf: bool) -> Decision:
    unsure: str | None = None
    at = 0
    while at < len(rules):
        rule = rules[at]
        at += 1
        takes = _takes(rule, lookup, key, vrf=vrf)
        if takes is None:
            unsure = unsure or f"rule {rule.priority} has a selector that cannot be judged"
        if not takes or rule.action == "nop":
            continue
        if rule.action == "goto":
            # A rule only ever leads on, never back.
            at = next((i for i in range(at, len(rules)) if rules[i].priority == rule.target), at)
            continue
        if rule.action != "lookup":
            return Decision(rule, None, unsure=unsure)
        entry = fib.look_up(known.get(rule.table or "", ()), key)
        if entry is None or entry.route.type == "throw":
            continue
        if rule.suppress_ifgroup is not None:
            unsure = unsure or f"rule {rule.priority} suppresses an interface group"
        if _suppressed(rule, entry):
            continue
        return Decision(rule, entry.route, entry.ways, entry.rivals, unsure)
    return Decision(None, None, unsure=unsure)


def _suppressed(rule: Rule, entry: fib.Entry) -> bool:
    limit = rule.suppress_prefixlength
    refuses = entry.route.type in fib.REFUSALS
    return limit is not None and not refuses and prefix(entry.route.dst, entry.route.family).length <= limit


def _takes(rule: Rule, lookup: Lookup, key: fib.Key, *, vrf: bool) -> bool | None:
    """Whether a rule takes the packet; None: it cannot be told."""
    judged = [
        _matches_address(rule, key),
        _matches_links(rule, lookup),
        *_matches_headers(rule, lookup),
        _matches_user(rule, lookup),
    ]
    if rule.l3mdev:
        judged.append(None if vrf else False)
    if rule.others:
        judged.append(None)
    if False in judged:
        return rule.inverted
    return None if None in judged else not rule.inverted


def _matches_address(rule: Rule, key: fib.Key) -> bool:
    source, destination = prefix(rule.src, rule.family), prefix(rule.dst, rule.family)
    return source.holds(key.source) and destination.holds(key.destination)


def _matches_links(rule: Rule, lookup: Lookup) -> bool:
    # What is made here comes from the loopback, for the rules.
    by = "lo" if lookup.iif is None else lookup.iif.name
    return rule.iif in {None, by} and (rule.oif is None or (lookup.oif is not None and rule.oif == lookup.oif.name))


def _matches_headers(rule: Rule, lookup: Lookup) -> list[bool | None]:
    flow = lookup.flow
    mark, mask = _mark(rule)
    protocol = PROTOCOLS.get(flow.protocol) or (int(flow.protocol) if flow.protocol.isdecimal() else 0)
    ported = flow.protocol in _PORTED
    return [
        (mark ^ flow.mark) & mask == 0,
        not rule.tos or rule.tos & _DSCP == flow.tos & _DSCP,
        rule.protocol in {None, 0, protocol},
        _within(rule.source_ports, flow.source_port, ported=ported),
        _within(rule.ports, flow.port, ported=ported),
    ]


def _matches_user(rule: Rule, lookup: Lookup) -> bool | None:
    if rule.uids is None:
        return True
    uid = 0 if lookup.iif is not None else lookup.uid
    return None if uid is None else rule.uids[0] <= uid <= rule.uids[1]


def _within(ports: tuple[int, int] | None, port: int | None, *, ported: bool) -> bool | None:
    if ports is None:
        return True
    if not ported:
        return False
    if port is None:
        return None if ports[1] >= _EPHEMERAL else False
    return ports[0] <= port <= ports[1]


def _mark(rule: Rule) -> tuple[int, int]:
    if rule.fwmark is None:
        return 0, 0
    mark, _, mask = rule.fwmark.partition("/")
    return int(mark, 16), int(mask, 16) if mask else 0xFFFFFFFF


def is_local(tables: Tables, address: str) -> bool:
    """Whether an address is one of the namespace's own, by its table of local routes."""
    family = Family.INET6 if ":" in address else Family.INET
    value = number(address)
    return any(
        route.table == "local"
        and route.family is family
        and route.type in {"local", "anycast"}
        and prefix(route.dst, family).holds(value)
        for route in tables.routes
    )
