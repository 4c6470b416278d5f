"""A look at how a rule begins: most of thousands are about another address or link."""

from netview.derive.netfilter.headers import Seen
from netview.derive.netfilter.matching import known
from netview.model.ruleset import Compare, Expression, Meta, NftRule, Payload


def fails(rule: NftRule, seen: Seen) -> bool:
    """Whether one of its first comparisons surely does not match."""
    expressions = rule.expressions
    for at in range(0, len(expressions) - 1, 2):
        check = expressions[at + 1]
        if type(check) is not Compare or check.operator > 1:
            return False
        got = _loaded(expressions[at], check, seen)
        if got is None:
            return False
        if (got == check.value) is (check.operator == 1):
            return True
    return False


def _loaded(load: Expression, check: Compare, seen: Seen) -> bytes | None:
    """The bytes that are compared; None: they are not known, or come from elsewhere."""
    if type(load) is Payload and load.base == 1 and load.offset >= seen.addresses_at and load.register == check.register:
        return seen.addresses[load.offset : load.offset + len(check.value)]
    if type(load) is Meta and load.register == check.register:
        told = known(load.key, seen)
        return None if told is None else told[: len(check.value)]
    return None
