"""Tables of iptables' own kind (IPT_SO_GET_ENTRIES, IP6T_SO_GET_ENTRIES), as chains of nftables."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from struct import Struct
from typing import NamedTuple

from netview.decode import fields, xtables
from netview.decode.netlink import MalformedError
from netview.model.ruleset import Bitwise, Chain, Compare, Counter, Expression, Judgement, Meta, NftRule, Opaque, Passive, Payload

INFO = Struct("=32sI5I5III")
"""struct ipt_getinfo: name, valid hooks, entry and underflow of each, number of entries, their size."""
ENTRIES = 40
"""Bytes of struct ipt_get_entries before the entries."""
_HOOKS = ("prerouting", "input", "forward", "output", "postrouting")
_PRIORITIES = {"raw": -300, "mangle": -150, "filter": 0, "security": 50}
# Addresses and masks, links and masks, protocol, flags and what is inverted, where what follows begins, and packets so far.
_ENTRY = {"ip": Struct("=4s4s4s4s16s16s16s16sHBB4xHH4xQ8x"), "ip6": Struct("=16s16s16s16s16s16s16s16sHxBB3x4xHH8xQ8x")}
_ADDRESSES = {"ip": (12, 16), "ip6": (8, 24)}
_PART = Struct("=H29sB")
_GOTO = {"ip": 2, "ip6": 4}
_FRAGMENT, _IN, _OUT, _SOURCE, _DESTINATION, _PROTOCOL = 0x01, 0x01, 0x02, 0x08, 0x10, 0x40
_ENDS = {-1: "drop", -2: "accept", -4: "queue", -5: "return"}
_IIFNAME, _OIFNAME, _L4PROTO = 6, 7, 16
_EQUAL, _UNEQUAL = 0, 1


class _Header(NamedTuple):
    """What an entry itself looks for."""

    source: bytes
    destination: bytes
    source_mask: bytes
    destination_mask: bytes
    iif: bytes
    oif: bytes
    iif_mask: bytes
    oif_mask: bytes
    protocol: int
    flags: int
    inverted: int
    target: int
    following: int
    packets: int


class _Entry(NamedTuple):
    at: int
    after: int
    """Where the next one begins."""
    checks: tuple[Expression, ...]
    goto: bool
    target: str
    data: bytes
    revision: int


def chains(family: str, info: bytes, data: bytes) -> list[Chain]:
    """The chains of one table; raises MalformedError."""
    if len(info) < INFO.size:
        raise MalformedError("a table of iptables without a description")
    name, valid, *numbers = INFO.unpack_from(info)
    table = fields.name(name)
    begins = {numbers[hook]: hook for hook in range(5) if valid >> hook & 1}
    policies = {numbers[5 + hook] for hook in range(5) if valid >> hook & 1}
    entries = list(_entries(family, data))
    names = {entry.after: fields.name(entry.data) for entry in entries if entry.target == "ERROR"}
    found: list[Chain] = []
    rules: list[NftRule] = []
    chain: Chain | None = None
    for entry in entries:
        begin = begins.get(entry.at)
        if begin is not None or entry.at in names:
            found += _finished(chain, rules)
            chain, rules = _begun(family, table, begin, names.get(entry.at, "")), []
        if entry.target == "ERROR":
            found += _finished(chain, rules)
            chain = None
        elif chain is not None and entry.at in policies:
            chain = replace(chain, policy=_ENDS.get(_verdict(entry), "drop"))
        elif chain is not None:
            rules.append(NftRule(len(rules) + 1, (*entry.checks, _action(entry, names))))
    return found


def _begun(family: str, table: str, hook: int | None, name: str) -> Chain:
    word = None if hook is None else _HOOKS[hook]
    priority = (100 if word in {"input", "postrouting"} else -100) if table == "nat" else _PRIORITIES.get(table, 0)
    return Chain(
        family, table, name or (word or "").upper(), word, priority, type="nat" if table == "nat" else "filter", legacy=True
    )


def _finished(chain: Chain | None, rules: list[NftRule]) -> list[Chain]:
    return [] if chain is None else [replace(chain, rules=tuple(rules))]


def _entries(family: str, data: bytes) -> Iterator[_Entry]:
    layout, at = _ENTRY[family], 0
    while at + layout.size <= len(data):
        header = _Header._make(layout.unpack_from(data, at))
        target, end = header.target, at + header.following
        if end > len(data) or not layout.size <= target <= header.following - _PART.size:
            raise MalformedError("an entry of iptables that is cut off")
        matches = tuple(_matches(data, at + layout.size, at + target))
        size, name, revision = _PART.unpack_from(data, at + target)
        body = data[at + target + _PART.size : at + target + max(size, _PART.size)]
        yield _Entry(
            at,
            end,
            (*_checks(family, header), *matches, Counter(header.packets)),
            bool(header.flags & _GOTO[family]),
            fields.name(name),
            body,
            revision,
        )
        at = end


def _matches(data: bytes, at: int, end: int) -> Iterator[Expression]:
    while at + _PART.size <= end:
        size, name, revision = _PART.unpack_from(data, at)
        if size < _PART.size:
            raise MalformedError("a match of iptables that is cut off")
        yield xtables.match(fields.name(name), revision, data[at + _PART.size : at + size])
        at += size


def _checks(family: str, told: _Header) -> list[Expression]:
    """Addresses, links and protocol."""
    at, inverted = _ADDRESSES[family], told.inverted
    checks = [
        *_address(at[0], told.source, told.source_mask, inverted & _SOURCE),
        *_address(at[1], told.destination, told.destination_mask, inverted & _DESTINATION),
        *_link(_IIFNAME, told.iif, told.iif_mask, inverted & _IN),
        *_link(_OIFNAME, told.oif, told.oif_mask, inverted & _OUT),
    ]
    if told.protocol:
        checks += [Meta(1, _L4PROTO), Compare(1, _UNEQUAL if inverted & _PROTOCOL else _EQUAL, bytes([told.protocol & 0xFF]))]
    if family == "ip" and told.flags & _FRAGMENT:
        checks.append(Opaque("fragment"))
    return checks


def _address(offset: int, address: bytes, mask: bytes, inverted: int) -> list[Expression]:
    if not any(mask):
        return []
    length = len(mask)
    masking = [] if mask == b"\xff" * length else [Bitwise(1, 1, mask, bytes(length))]
    return [Payload(1, 1, offset, length), *masking, Compare(1, _UNEQUAL if inverted else _EQUAL, address)]


def _link(key: int, name: bytes, mask: bytes, inverted: int) -> list[Expression]:
    length = len(mask.rstrip(b"\0"))
    return [Meta(1, key), Compare(1, _UNEQUAL if inverted else _EQUAL, name[:length])] if length else []


def _verdict(entry: _Entry) -> int:
    return fields.s32(entry.data)


def _action(entry: _Entry, names: Mapping[int, str]) -> Expression:
    if entry.target:
        return xtables.target(entry.target, entry.revision, entry.data)
    verdict = _verdict(entry)
    if verdict < 0:
        word = _ENDS.get(verdict)
        return Opaque("verdict", acts=True) if word is None else Judgement(word)  # type: ignore[arg-type]
    if verdict == entry.after:
        return Passive("nothing")
    name = names.get(verdict)
    return Opaque("jump", acts=True) if name is None else Judgement("goto" if entry.goto else "jump", name)
