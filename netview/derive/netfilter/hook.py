"""What the chains of one hook do with a packet, in the kernel's order."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import NamedTuple

from netview.derive.netfilter.headers import Seen
from netview.derive.netfilter.matching import CHECKS, NEW, MissingElement, Surroundings, match
from netview.derive.netfilter.quick import fails
from netview.derive.netfilter.registers import Registers
from netview.model import Family, Flow, Packet
from netview.model.ruleset import (
    Chain,
    ChainKey,
    Expression,
    Hook,
    Judgement,
    Lookup,
    MarkBits,
    NftRule,
    Opaque,
    Passive,
    Ruleset,
    SetMark,
    Translate,
)

FAMILIES: Mapping[Family, frozenset[str]] = {Family.INET: frozenset({"ip", "inet"}), Family.INET6: frozenset({"ip6", "inet"})}
_DEEPEST, _MOST = 16, 200_000
_ENDS = frozenset({"accept", "drop", "reject", "queue", "stolen"})


class Decided(NamedTuple):
    """A rule, or a chain's policy, that did something."""

    chain: Chain
    rule: NftRule | None
    """None: the policy."""
    word: str
    """ "drop", "reject", "dnat", "masquerade", …"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a hook."""

    packet: Packet
    """As it goes on."""
    notes: tuple[Decided, ...] = ()
    """What changed it."""
    lost: Decided | None = None
    unsure: Decided | None = None
    """The first one that nobody can judge; `word` says why."""


@dataclass(slots=True)
class _Walk:
    """One packet in the chains of one hook."""

    ruleset: Ruleset
    around: Surroundings
    seen: Seen
    hook: Hook
    notes: list[Decided]
    left: int = _MOST
    registers: Registers = field(default_factory=Registers)

    @property
    def packet(self) -> Packet:
        """As it is now."""
        return self.seen.packet

    def change(self, flow: Flow) -> None:
        """Let it go on as another flow."""
        self.seen = Seen(replace(self.packet, flow=flow), opening=self.around.state == NEW)


class _Stop(NamedTuple):
    """The end of a chain's walk, and what ended it."""

    word: str
    by: Decided


def at_hook(ruleset: Ruleset, hook: Hook, packet: Packet, around: Surroundings) -> Outcome:
    """Walk all chains of a hook; those of nat only see a connection's first packet, and only until one translates it."""
    walk = _Walk(ruleset, around, Seen(packet, opening=around.state == NEW), hook, [])
    translated = False
    for chain in _chains(ruleset, hook, packet.flow.family):
        if chain.type == "nat" and (around.state != NEW or around.bound or translated):
            continue
        end = _chain(walk, chain, 0)
        if end is not None and end.word == "unsure":
            return Outcome(walk.packet, tuple(walk.notes), unsure=end.by)
        if end is not None and end.word in {"drop", "reject", "queue", "stolen"}:
            return Outcome(walk.packet, tuple(walk.notes), lost=end.by)
        if (end is None or end.word == "return") and chain.policy == "drop":
            return Outcome(walk.packet, tuple(walk.notes), lost=Decided(chain, None, "drop"))
        translated = translated or (end is not None and end.word == "translated")
    return Outcome(walk.packet, tuple(walk.notes))


def _chains(ruleset: Ruleset, hook: Hook, family: Family) -> list[Chain]:
    families = FAMILIES[family]
    found = [chain for chain in ruleset.chains.values() if chain.hook == hook and chain.family in families]
    return sorted(found, key=lambda chain: chain.priority)


def _chain(walk: _Walk, chain: Chain, depth: int) -> _Stop | None:
    """How a chain ends; None: it lets the packet go on."""
    for rule in chain.rules:
        walk.left -= 1
        if walk.left < 0 or depth > _DEEPEST:
            return _Stop("unsure", Decided(chain, rule, "there are too many rules"))
        end = None if fails(rule, walk.seen) else _rule(walk, chain, rule, depth)
        if end is not None:
            return None if end.word == "return" else end
    return None


def _rule(walk: _Walk, chain: Chain, rule: NftRule, depth: int) -> _Stop | None:
    doubt: str | None = None
    for expression in rule.expressions:
        if isinstance(expression, CHECKS):
            judged = match(expression, walk.seen, walk.around, walk.registers)
            if judged is False:
                return None
            if judged is None and doubt is None:
                doubt = type(expression).__name__.lower()
        elif not isinstance(expression, Passive):
            goes_on, end = _done(walk, Decided(chain, rule, doubt or ""), expression, depth)
            if not goes_on:
                return end
            doubt = doubt or (None if end is None else end.by.word)
    # What only counts does nothing, whether it matches or not.
    return None


def _done(walk: _Walk, by: Decided, expression: Expression, depth: int) -> tuple[bool, _Stop | None]:
    """What an expression does that does more than to look: whether the rule goes on, and how it ends, or what is unsure."""
    unsure = _Stop("unsure", by) if by.word else None
    if isinstance(expression, (SetMark, MarkBits)):
        end = unsure or _marked(walk, by, expression)
        return end is None, end
    if isinstance(expression, Lookup):
        judged, verdict = _looked_up(walk, by.chain, expression)
        if judged is None:
            return True, unsure or _Stop("unsure", by._replace(word="lookup"))
        if not judged or verdict is None:
            return judged, unsure if judged else None
        return False, unsure or _acted(walk, by._replace(word=verdict.word), verdict, depth)
    if isinstance(expression, (Judgement, Translate)):
        word = expression.word if isinstance(expression, Judgement) else expression.kind
        return False, unsure or _acted(walk, by._replace(word=word), expression, depth)
    name, acts = (expression.name, expression.acts) if isinstance(expression, Opaque) else (type(expression).__name__, True)
    return not acts, unsure or _Stop("unsure", by._replace(word=name))


def _looked_up(walk: _Walk, chain: Chain, lookup: Lookup) -> tuple[bool | None, Judgement | None]:
    """Whether the key is in the set; raises MissingElement where that is to be asked first."""
    place: ChainKey = chain.family, chain.table, lookup.set
    length = walk.ruleset.sets.get(place)
    key = None if length is None else walk.registers.value(lookup.register, length)
    if key is None:
        return None, None
    if (place, key) not in walk.around.elements:
        raise MissingElement(place, key)
    told = walk.around.elements[place, key]
    if told is None:
        return None, None
    if lookup.target is not None and lookup.target != 0 and told.found:
        walk.registers.put(lookup.target, told.value)
    return told.found is not lookup.inverted, told.verdict


def _acted(walk: _Walk, by: Decided, action: Judgement | Translate, depth: int) -> _Stop | None:
    if isinstance(action, Translate):
        return _translated(walk, by, action)
    if action.word not in {"jump", "goto"}:
        return _Stop(action.word, by) if action.word in _ENDS or action.word == "return" else None
    target = walk.ruleset.chains.get((by.chain.family, _table(by.chain), action.chain or ""))
    if target is None:
        return _Stop("unsure", by._replace(word=f"chain {action.chain} is not known"))
    end = _chain(walk, target, depth + 1)
    return end or (_Stop("return", by) if action.word == "goto" else None)


def _table(chain: Chain) -> str:
    """Where its chains are kept: those of iptables-legacy beside those of the same name."""
    return f"legacy {chain.table}" if chain.legacy else chain.table


def _marked(walk: _Walk, by: Decided, action: SetMark | MarkBits) -> _Stop | None:
    if isinstance(action, MarkBits):
        mark = (walk.packet.flow.mark & ~action.mask) ^ action.value
    else:
        value = walk.registers.value(action.register, 4)
        if value is None:
            return _Stop("unsure", by._replace(word="mark"))
        mark = int.from_bytes(value, sys.byteorder)
    walk.change(replace(walk.packet.flow, mark=mark))
    walk.notes.append(by._replace(word=f"mark {mark:#x}"))
    return None


def _translated(walk: _Walk, by: Decided, action: Translate) -> _Stop:
    address = _new_address(walk, action)
    port = _new_port(walk, action)
    if address == "?" or port == -1:
        return _Stop("unsure", by._replace(word=f"{action.kind} to what is not known"))
    flow = walk.packet.flow
    if action.kind in {"dnat", "redirect"}:
        flow = replace(flow, destination=address or flow.destination, port=port or flow.port)
    else:
        flow = replace(flow, source=address or flow.source, source_port=port or flow.source_port)
    walk.change(flow)
    to = address or "" if port is None else f"{address or ''}:{port}"
    walk.notes.append(by._replace(word=f"{action.kind} to {to}"))
    return _Stop("translated", by)


def _new_address(walk: _Walk, action: Translate) -> str | None:
    """The address it gets; None: it keeps its own; "?": nobody knows."""
    family = walk.packet.flow.family
    length = 16 if family is Family.INET6 else 4
    if action.kind == "masquerade":
        return _own_address(walk, None if walk.packet.oif is None else walk.packet.oif.ifindex)
    if action.kind == "redirect":
        if walk.hook == "output":
            return "::1" if family is Family.INET6 else "127.0.0.1"
        return _own_address(walk, None if walk.packet.iif is None else walk.packet.iif.ifindex)
    if action.address is None:
        return None
    value = walk.registers.value(action.address, length) if isinstance(action.address, int) else action.address[:length]
    return "?" if value is None else str(ip_address(value))


def _own_address(walk: _Walk, ifindex: int | None) -> str:
    family = walk.packet.flow.family
    own = [one for one in walk.around.tables.addresses if one.ifindex == ifindex and one.family is family]
    return next((one.address for one in own if one.scope == "global"), "?")


def _new_port(walk: _Walk, action: Translate) -> int | None:
    """The port it gets; None: it keeps its own, or the kernel chooses one; -1: nobody knows."""
    if action.port is None or walk.packet.flow.protocol in {"icmp", "icmpv6"}:
        return None
    if isinstance(action.port, tuple):
        return action.port[0] if action.port[0] == action.port[1] else -1 if action.kind in {"dnat", "redirect"} else None
    value = walk.registers.value(action.port, 2)
    return -1 if value is None else int.from_bytes(value, "big")
