"""A look at what a rule compares: most of thousands are about another address, port or link."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from netview.derive.netfilter.headers import Seen
from netview.derive.netfilter.matching import CHECKS, known
from netview.model.ruleset import Chain, Compare, Counter, IpSet, Lookup, Meta, NftRule, Passive, Payload, Ports, Ruleset

_PURE = (*CHECKS, Counter, IpSet, Lookup, Passive)
"""Expressions that change nothing, so that it does no harm not to come to them."""
_L4PROTO, _TRANSPORT, _NETWORK = 16, 2, 1


class Load(NamedTuple):
    """Bytes that rules compare."""

    base: int
    """Of a header, as in Payload; -1: what the kernel knows (NFT_META_*)."""
    at: int
    """The offset, or which one."""
    length: int


Check = tuple[int, bytes, bool]
"""The number of a load, what it is compared with, and whether the rule fails where both are the same."""


class Quick:
    """What the rules of one namespace surely compare, found out chain by chain."""

    def __init__(self) -> None:
        self._numbers: dict[Load, int] = {}
        self._loads: list[Load] = []
        self._chains: dict[int, tuple[tuple[Check, ...], ...]] = {}

    def checks(self, chain: Chain) -> tuple[tuple[Check, ...], ...]:
        """Those of each rule of one of the namespace's chains."""
        found = self._chains.get(id(chain))
        if found is None:
            found = self._chains[id(chain)] = tuple(tuple(self._of(rule)) for rule in chain.rules)
        return found

    def fails(self, checks: tuple[Check, ...], seen: Seen) -> bool:
        """Whether one of them surely does not hold."""
        values = seen.loaded
        for load, value, negated in checks:
            if load in values:
                got = values[load]
            else:
                got = values[load] = _value(self._loads[load], seen)
            if got is not None and (got == value) is negated:
                return True
        return False

    def _of(self, rule: NftRule) -> Iterator[Check]:
        before = None
        for expression in rule.expressions:
            if not isinstance(expression, _PURE):
                return
            if isinstance(expression, Ports):
                yield from self._of_ports(expression)
            elif isinstance(expression, Compare) and expression.operator <= 1:
                load = _loaded(before, expression)
                if load is not None:
                    yield self._number(load), expression.value, expression.operator == 1
            before = expression

    def _of_ports(self, ports: Ports) -> Iterator[Check]:
        yield self._number(Load(-1, _L4PROTO, 1)), bytes([ports.protocol]), False
        first, last = ports.destination
        if first == last and not ports.inverted & 2:
            yield self._number(Load(_TRANSPORT, 2, 2)), first.to_bytes(2, "big"), False

    def _number(self, load: Load) -> int:
        if load not in self._numbers:
            self._numbers[load] = len(self._loads)
            self._loads.append(load)
        return self._numbers[load]


@lru_cache(maxsize=16)
def quick(_ruleset: Ruleset) -> Quick:
    """The one of some rules, which are another object once they have changed."""
    return Quick()


def _loaded(load: object, check: Compare) -> Load | None:
    """The bytes that are compared; None: they come from elsewhere."""
    if isinstance(load, Payload) and load.base in {_NETWORK, _TRANSPORT} and load.register == check.register:
        return Load(load.base, load.offset, len(check.value)) if len(check.value) <= load.length else None
    return Load(-1, load.key, len(check.value)) if isinstance(load, Meta) and load.register == check.register else None


def _value(load: Load, seen: Seen) -> bytes | None:
    """What it is of a packet; None: not known, or it has no such part."""
    if load.base < 0:
        told = known(load.at, seen)
        return None if told is None else told[: load.length]
    header = seen.network if load.base == _NETWORK else seen.transport
    cells = header[load.at : load.at + load.length]
    sure = bytes(cell for cell in cells if cell is not None and cell >= 0)
    return sure if len(sure) == load.length else None
