"""What the chains of one hook do with a packet, in the kernel's order."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import NamedTuple

from netview.derive.netfilter.matching import NEW, MissingElement, Surroundings, match
from netview.derive.netfilter.registers import Registers
from netview.model import Family, Packet
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
    packet: Packet
    hook: Hook
    notes: list[Decided]
    left: int = _MOST


class _Stop(NamedTuple):
    """The end of a chain's walk, and what ended it."""

    word: str
    by: Decided


def at_hook(ruleset: Ruleset, hook: Hook, packet: Packet, around: Surroundings) -> Outcome:
    """Walk all chains of a hook; those of nat only see a connection's first packet, and only until one translates it."""
    walk = _Walk(ruleset, around, packet, hook, [])
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
        end = _rule(walk, chain, rule, depth)
        if end is not None:
            return None if end.word == "return" else end
    return None


def _rule(walk: _Walk, chain: Chain, rule: NftRule, depth: int) -> _Stop | None:
    registers, doubt = Registers(), None
    for expression in rule.expressions:
        if isinstance(expression, SetMark | MarkBits):
            end = _Stop("unsure", Decided(chain, rule, doubt)) if doubt else _marked(walk, chain, rule, registers, expression)
            if end is not None:
                return end
            continue
        if isinstance(expression, Judgement | Translate):
            by = Decided(chain, rule, doubt or (expression.word if isinstance(expression, Judgement) else expression.kind))
            return _Stop("unsure", by) if doubt else _acted(walk, by, expression, registers, depth)
        if isinstance(expression, Passive):
            continue
        if isinstance(expression, Opaque) and expression.acts:
            return _Stop("unsure", Decided(chain, rule, doubt or expression.name))
        judged, verdict = _judged(walk, chain, expression, registers)
        if judged is False:
            return None
        if judged and verdict is not None:
            by = Decided(chain, rule, doubt or verdict.word)
            return _Stop("unsure", by) if doubt else _acted(walk, by, verdict, registers, depth)
        if judged is None and doubt is None:
            doubt = getattr(expression, "name", type(expression).__name__.lower())
    # What only counts does nothing, whether it matches or not.
    return None


def _judged(walk: _Walk, chain: Chain, expression: Expression, registers: Registers) -> tuple[bool | None, Judgement | None]:
    """Whether an expression matches, and the verdict that a map has for it."""
    if isinstance(expression, Lookup):
        return _looked_up(walk, chain, expression, registers)
    return match(expression, walk.packet, walk.around, registers), None


def _looked_up(walk: _Walk, chain: Chain, lookup: Lookup, registers: Registers) -> tuple[bool | None, Judgement | None]:
    """Whether the key is in the set; raises MissingElement where that is to be asked first."""
    place: ChainKey = chain.family, chain.table, lookup.set
    length = walk.ruleset.sets.get(place)
    key = None if length is None else registers.value(lookup.register, length)
    if key is None:
        return None, None
    if (place, key) not in walk.around.elements:
        raise MissingElement(place, key)
    told = walk.around.elements[place, key]
    if told is None:
        return None, None
    if lookup.target is not None and lookup.target != 0 and told.found:
        registers.put(lookup.target, told.value)
    return told.found is not lookup.inverted, told.verdict


def _acted(walk: _Walk, by: Decided, action: Judgement | Translate, registers: Registers, depth: int) -> _Stop | None:
    if isinstance(action, Translate):
        return _translated(walk, by, action, registers)
    if action.word not in {"jump", "goto"}:
        return _Stop(action.word, by) if action.word in _ENDS or action.word == "return" else None
    target = walk.ruleset.chains.get((by.chain.family, by.chain.table, action.chain or ""))
    if target is None:
        return _Stop("unsure", by._replace(word=f"chain {action.chain} is not known"))
    end = _chain(walk, target, depth + 1)
    return end or (_Stop("return", by) if action.word == "goto" else None)


def _marked(walk: _Walk, chain: Chain, rule: NftRule, registers: Registers, action: SetMark | MarkBits) -> _Stop | None:
    if isinstance(action, MarkBits):
        mark = (walk.packet.flow.mark & ~action.mask) ^ action.value
    else:
        value = registers.value(action.register, 4)
        if value is None:
            return _Stop("unsure", Decided(chain, rule, "mark"))
        mark = int.from_bytes(value, sys.byteorder)
    walk.packet = replace(walk.packet, flow=replace(walk.packet.flow, mark=mark))
    walk.notes.append(Decided(chain, rule, f"mark {mark:#x}"))
    return None


def _translated(walk: _Walk, by: Decided, action: Translate, registers: Registers) -> _Stop:
    address = _new_address(walk, action, registers)
    port = _new_port(walk, action, registers)
    if address == "?" or port == -1:
        return _Stop("unsure", by._replace(word=f"{action.kind} to what is not known"))
    flow = walk.packet.flow
    if action.kind in {"dnat", "redirect"}:
        flow = replace(flow, destination=address or flow.destination, port=port or flow.port)
    else:
        flow = replace(flow, source=address or flow.source, source_port=port or flow.source_port)
    walk.packet = replace(walk.packet, flow=flow)
    to = address or "" if port is None else f"{address or ''}:{port}"
    walk.notes.append(by._replace(word=f"{action.kind} to {to}"))
    return _Stop("translated", by)


def _new_address(walk: _Walk, action: Translate, registers: Registers) -> str | None:
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
    value = registers.value(action.address, length) if isinstance(action.address, int) else action.address[:length]
    return "?" if value is None else str(ip_address(value))


def _own_address(walk: _Walk, ifindex: int | None) -> str:
    family = walk.packet.flow.family
    own = [one for one in walk.around.tables.addresses if one.ifindex == ifindex and one.family is family]
    return next((one.address for one in own if one.scope == "global"), "?")


def _new_port(walk: _Walk, action: Translate, registers: Registers) -> int | None:
    """The port it gets; None: it keeps its own, or the kernel chooses one; -1: nobody knows."""
    if action.port is None or walk.packet.flow.protocol in {"icmp", "icmpv6"}:
        return None
    if isinstance(action.port, tuple):
        return action.port[0] if action.port[0] == action.port[1] else -1 if action.kind in {"dnat", "redirect"} else None
    value = registers.value(action.port, 2)
    return -1 if value is None else int.from_bytes(value, "big")
