"""Matches that depend on what the kernel keeps besides the rules: limits, lists of addresses, sets of ipset."""

from collections.abc import Iterable
from ipaddress import ip_address

from netview.derive.netfilter.surroundings import Noted, asked
from netview.derive.netfilter.walk import Decided, Walk
from netview.derive.path.questions import AskMember, AskRecent, AskRule
from netview.model.ruleset import Counter, Expression, IpSet, Limit, Membership, NftRule, Passive, Recent, Remembered

STATEFUL = (Limit, Recent, IpSet)
"""Expressions that are judged here."""
_NOTHING = Noted(removed=False, stamps=0)


def kept(walk: Walk, by: Decided, at: int, *, surely: bool) -> bool | None:
    """Whether one expression of a rule matches; None: it cannot be told. `surely`: whether all before it match."""
    expression = by.rule.expressions[at] if by.rule is not None else None
    if isinstance(expression, Limit):
        return _limited(walk, by, at, surely=surely)
    if isinstance(expression, Recent):
        return _recent(walk, expression, surely=surely)
    return _member(walk, expression) if isinstance(expression, IpSet) else None


def ipset_place(number: int) -> tuple[str, str]:
    """Where it is noted that a rule has put something into a set of ipset."""
    return "ipset", str(number)


def _member(walk: Walk, match: IpSet) -> bool | None:
    if ipset_place(match.number) in walk.noted or ipset_place(match.number) in walk.around.noted:
        return None
    told = asked(walk.around, AskMember(walk.around.namespace, match, walk.packet))
    if not isinstance(told, Membership) or told.found is None:
        return None
    return told.found is not match.inverted


def _limited(walk: Walk, by: Decided, at: int, *, surely: bool) -> bool | None:
    """A bucket is full when its rule is made: while fewer packets came than it holds, there is room."""
    place = f"limit {at} of {by.chain.family} {by.chain.table} {by.chain.name}", str(by.rule and by.rule.handle)
    noted = _noted(walk, place)
    told = _taken(walk, by, at)
    if told is None or noted.stamps is None or told[0] + noted.stamps >= told[1]:
        walk.noted[place] = noted._replace(stamps=None)
        return None
    walk.noted[place] = noted._replace(stamps=noted.stamps + 1 if surely else None)
    return not told[2]


def _taken(walk: Walk, by: Decided, at: int) -> tuple[int, int, bool] | None:
    """How many packets a limit has let through at most, how many it lets through at first, and whether it is inverted."""
    rule = by.rule
    if rule is not None and not by.chain.legacy:
        chain = by.chain.family, by.chain.table, by.chain.name
        answer = asked(walk.around, AskRule(walk.around.namespace, chain, rule.handle))
        rule = answer if isinstance(answer, NftRule) and len(answer.expressions) == len(rule.expressions) else None
    limit = None if rule is None else rule.expressions[at]
    if rule is None or not isinstance(limit, Limit) or limit.burst is None:
        return None
    before = (one.packets for one in rule.expressions[:at] if isinstance(one, Counter))
    # What is counted behind a limit is what it let through.
    behind = () if limit.inverted else _counted_next(rule.expressions[at + 1 :])
    taken = min((*before, *behind), default=None)
    return None if taken is None else (taken, limit.burst, limit.inverted)


def _noted(walk: Walk, place: tuple[str, str]) -> Noted:
    return walk.noted.get(place) or walk.around.noted.get(place, _NOTHING)


def _counted_next(expressions: Iterable[Expression]) -> tuple[int, ...]:
    """What a counter tells that nothing else stands before."""
    for one in expressions:
        if isinstance(one, Counter):
            return (one.packets,)
        if not isinstance(one, Passive):
            break
    return ()


def _recent(walk: Walk, match: Recent, *, surely: bool) -> bool | None:
    flow = walk.packet.flow
    address = _masked(flow.source if match.source else flow.destination, match.mask)
    place = match.name, address
    noted = _noted(walk, place)
    known: int | None = None if noted.removed else _stamps(walk, match, address)
    found = _found(match, noted, known)
    judged = None if found is None else found is not match.inverted
    if not surely or (judged is None and match.action in {"remove", "update"}):
        walk.noted[place] = noted._replace(stamps=None)
    elif match.action == "remove":
        walk.noted[place] = Noted(removed=True, stamps=0)
    elif match.action == "set" or (match.action == "update" and judged and found):
        walk.noted[place] = noted._replace(stamps=None if noted.stamps is None else noted.stamps + 1)
    return judged


def _stamps(walk: Walk, match: Recent, address: str) -> int | None:
    """How often an address was seen before; None: never; -1: nobody can tell."""
    if match.action == "set":
        return -1
    told = asked(walk.around, AskRecent(walk.around.namespace, match.name, address))
    return told.stamps if isinstance(told, Remembered) else -1


def _found(match: Recent, noted: Noted, known: int | None) -> bool | None:
    """Whether the address is in the list as the match wants it."""
    if match.action == "set":
        return True
    if noted.stamps is None or known == -1 or (match.same_ttl and known is not None):
        return None
    total, least = (known or 0) + noted.stamps, max(1, match.hits)
    if known is None and not noted.stamps:
        return False
    if match.action == "remove" or noted.stamps >= least:
        return True
    # Nobody outside the kernel knows how long ago the others were.
    return False if total < least else None if match.seconds else True


def _masked(address: str, mask: bytes) -> str:
    packed = ip_address(address).packed
    return str(ip_address(bytes(one & bits for one, bits in zip(packed, mask, strict=False))))
