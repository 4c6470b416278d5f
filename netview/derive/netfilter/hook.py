"""What the chains of one hook do with a packet, in the kernel's order."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from netview.derive.netfilter.headers import Seen
from netview.derive.netfilter.matching import CHECKS, match
from netview.derive.netfilter.quick import quick
from netview.derive.netfilter.stateful import STATEFUL, ipset_place, kept
from netview.derive.netfilter.surroundings import NEW, Missing, Noted, Notes, NotYetError, Surroundings, asked
from netview.derive.netfilter.translation import translated
from netview.derive.netfilter.walk import Decided, Stop, Walk
from netview.derive.path.questions import AskElement
from netview.model import Family, Packet
from netview.model.ruleset import (
    Chain,
    ChainKey,
    Element,
    Expression,
    Hook,
    Judgement,
    Lookup,
    MarkBits,
    NftRule,
    Opaque,
    Ruleset,
    SetMark,
    Touch,
    TouchIpSet,
    Translate,
)

FAMILIES: Mapping[Family, frozenset[str]] = {Family.INET: frozenset({"ip", "inet"}), Family.INET6: frozenset({"ip6", "inet"})}
_DEEPEST, _MOST_SUPPOSED = 16, 3
_NAT_PRIORITIES: Mapping[Hook, int] = {"prerouting": -100, "output": -100, "input": 100, "postrouting": 100}
"""NF_IP_PRI_NAT_DST and NF_IP_PRI_NAT_SRC."""
_ENDS = frozenset({"accept", "drop", "reject", "queue", "stolen"})
_ACTIONS = (Judgement, Translate, SetMark, MarkBits, Opaque)


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
    noted: Notes = field(default_factory=dict)
    """What it did to lists of the match recent, and to limits."""


class _Doubtful(Exception):  # noqa: N818 - it is no error
    """A rule that does something, of which nobody can tell whether it matches."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def at_hook(ruleset: Ruleset, hook: Hook, packet: Packet, around: Surroundings) -> Outcome:
    """Walk all chains of a hook; a rule that nobody can judge matters only where all comes to something else without it.

    Raises Missing where something has to be asked for first.
    """

    def walked(supposed: tuple[bool, ...]) -> Outcome:
        return _through(Walk(ruleset, around, Seen(packet, opening=around.state == NEW), hook, supposed))

    outcome = _either(walked, ())
    if around.wanted:
        raise Missing(tuple(around.wanted))
    return outcome


def _either(walked: Callable[[tuple[bool, ...]], Outcome], supposed: tuple[bool, ...]) -> Outcome:
    try:
        return walked(supposed)
    except _Doubtful as doubtful:
        if len(supposed) < _MOST_SUPPOSED:
            without = _either(walked, (*supposed, False))
            same = None if without.unsure is not None else _same(without, _either(walked, (*supposed, True)))
            return doubtful.outcome if same is None else same
        return doubtful.outcome


def _same(one: Outcome, other: Outcome) -> Outcome | None:
    """What two ways come to; None: not to the same."""
    ends = [None if outcome.lost is None else outcome.lost.word for outcome in (one, other)]
    if other.unsure is not None or ends[0] != ends[1] or one.packet.flow != other.packet.flow:
        return None
    unsettled = {key for key in one.noted.keys() | other.noted.keys() if one.noted.get(key) != other.noted.get(key)}
    return replace(one, noted={**one.noted, **dict.fromkeys(unsettled, Noted(removed=False, stamps=None))})


def _through(walk: Walk) -> Outcome:
    """Those of nat only see a connection's first packet, and only until one translates it."""
    done, around = False, walk.around
    for chain in _chains(walk.ruleset, walk.hook, walk.packet.flow.family):
        if chain.type == "nat" and (around.state != NEW or around.bound or done):
            continue
        end = _chain(walk, chain, 0)
        if end is not None and end.word == "unsure":
            return _outcome(walk, unsure=end.by)
        if end is not None and end.word in {"drop", "reject", "queue", "stolen"}:
            return _outcome(walk, lost=end.by)
        if (end is None or end.word == "return") and chain.policy == "drop":
            return _outcome(walk, lost=Decided(chain, None, "drop"))
        done = done or (end is not None and end.word == "translated")
    return _outcome(walk)


def _outcome(walk: Walk, lost: Decided | None = None, unsure: Decided | None = None) -> Outcome:
    return Outcome(walk.packet, tuple(walk.notes), lost, unsure, walk.noted)


def _chains(ruleset: Ruleset, hook: Hook, family: Family) -> list[Chain]:
    families = FAMILIES[family]
    found = [chain for chain in ruleset.chains.values() if chain.hook == hook and chain.family in families]
    # The kernel's own translation calls chains of nat, whatever their priority: that orders them among each other alone.
    return sorted(found, key=lambda one: (_NAT_PRIORITIES.get(hook, 0) if one.type == "nat" else one.priority, one.priority))


def _chain(walk: Walk, chain: Chain, depth: int) -> Stop | None:
    """How a chain ends; None: it lets the packet go on."""
    sieve = quick(walk.ruleset)
    for rule, checks in zip(chain.rules, sieve.checks(chain), strict=True):
        walk.left -= 1
        if walk.left < 0 or depth > _DEEPEST:
            return Stop("unsure", Decided(chain, rule, "there are too many rules"))
        end = None if sieve.fails(checks, walk.seen) else _rule(walk, chain, rule, depth)
        if end is not None:
            return None if end.word == "return" else end
    return None


def _rule(walk: Walk, chain: Chain, rule: NftRule, depth: int) -> Stop | None:
    doubt: str | None = None
    for at, expression in enumerate(rule.expressions):
        try:
            judged, action = _tested(walk, chain, rule, at, surely=doubt is None)
        except NotYetError:
            return None
        if judged is False:
            return None
        if judged is None:
            doubt = doubt or _called(expression)
        elif isinstance(action, _ACTIONS):
            by = Decided(chain, rule, doubt or "")
            if doubt is not None and not _supposed(walk, by):
                return None
            doubt, end = None, _done(walk, by, action, depth)
            if end is not None or not isinstance(action, (SetMark, MarkBits)):
                return end
    # What only counts does nothing, whether it matches or not.
    return None


def _tested(walk: Walk, chain: Chain, rule: NftRule, at: int, *, surely: bool) -> tuple[bool | None, Expression]:
    """Whether one expression lets the rule go on, None: nobody can tell, and what is to be done then."""
    expression = rule.expressions[at]
    if isinstance(expression, CHECKS):
        return match(expression, walk.seen, walk.around, walk.registers), expression
    if isinstance(expression, STATEFUL):
        return kept(walk, Decided(chain, rule, ""), at, surely=surely), expression
    if isinstance(expression, Lookup):
        judged, verdict = _looked_up(walk, chain, expression)
        if judged is None and expression.target == 0:
            return True, Opaque("lookup", acts=True)
        if judged is None:
            walk.registers.forget()
        return judged, verdict or expression
    if isinstance(expression, Touch):
        walk.noted[_touched(chain, expression.set)] = Noted(removed=False, stamps=None)
    elif isinstance(expression, TouchIpSet):
        walk.noted.update(dict.fromkeys(map(ipset_place, expression.numbers), Noted(removed=False, stamps=None)))
    if isinstance(expression, Opaque) and not expression.acts:
        walk.registers.forget()  # It writes into one, nobody knows which and what.
        return None, expression
    return True, expression


def _supposed(walk: Walk, by: Decided) -> bool:
    """Whether a rule that nobody can judge is taken to match, this time."""
    walk.met += 1
    if walk.met > len(walk.supposed):
        raise _Doubtful(_outcome(walk, unsure=by))
    return walk.supposed[walk.met - 1]


def _called(expression: Expression) -> str:
    return expression.name if isinstance(expression, Opaque) else type(expression).__name__.lower()


def _done(walk: Walk, by: Decided, action: Expression, depth: int) -> Stop | None:
    """How the rule ends that does this; None: it goes on."""
    if isinstance(action, (SetMark, MarkBits)):
        return _marked(walk, by, action)
    if isinstance(action, (Judgement, Translate)):
        word = action.word if isinstance(action, Judgement) else action.kind
        return _acted(walk, by._replace(word=word), action, depth)
    return Stop("unsure", by._replace(word=_called(action)))


def _looked_up(walk: Walk, chain: Chain, lookup: Lookup) -> tuple[bool | None, Judgement | None]:
    """Whether the key is in the set; None: nobody can tell."""
    place: ChainKey = chain.family, chain.table, lookup.set
    touched = _touched(chain, lookup.set)
    if touched in walk.noted or touched in walk.around.noted:
        return None, None
    length = walk.ruleset.sets.get(place)
    key = None if length is None else walk.registers.value(lookup.register, length)
    told = None if key is None else asked(walk.around, AskElement(walk.around.namespace, place, key))
    if not isinstance(told, Element):
        return None, None
    if lookup.target is not None and lookup.target != 0 and told.found:
        if told.value is None:
            walk.registers.forget()
        else:
            walk.registers.put(lookup.target, told.value)
    return told.found is not lookup.inverted, told.verdict


def _touched(chain: Chain, name: str) -> tuple[str, str]:
    """A set of which nobody can tell what it holds since a rule has put something into it."""
    return f"set {chain.family} {chain.table}", name


def _acted(walk: Walk, by: Decided, action: Judgement | Translate, depth: int) -> Stop | None:
    if isinstance(action, Translate):
        return translated(walk, by, action)
    if action.word not in {"jump", "goto"}:
        return Stop(action.word, by) if action.word in _ENDS or action.word == "return" else None
    target = walk.ruleset.chains.get((by.chain.family, _table(by.chain), action.chain or ""))
    if target is None:
        return Stop("unsure", by._replace(word=f"chain {action.chain} is not known"))
    end = _chain(walk, target, depth + 1)
    return end or (Stop("return", by) if action.word == "goto" else None)


def _table(chain: Chain) -> str:
    """Where its chains are kept: those of iptables-legacy beside those of the same name."""
    return f"legacy {chain.table}" if chain.legacy else chain.table


def _marked(walk: Walk, by: Decided, action: SetMark | MarkBits) -> Stop | None:
    if isinstance(action, MarkBits):
        mark = (walk.packet.flow.mark & ~action.mask) ^ action.value
    else:
        value = walk.registers.value(action.register, 4)
        if value is None:
            return Stop("unsure", by._replace(word="mark"))
        mark = int.from_bytes(value, sys.byteorder)
    walk.change(replace(walk.packet.flow, mark=mark))
    walk.notes.append(by._replace(word=f"mark {mark:#x}"))
    return None
