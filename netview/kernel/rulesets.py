"""The rules of a namespace; reading them loads no module and makes no table."""

import errno
import os
from contextlib import suppress
from dataclasses import replace

from netview.decode.nftables import (
    GETCHAIN,
    GETGEN,
    GETRULE,
    GETSET,
    GETSETELEM,
    NEWCHAIN,
    NEWRULE,
    NEWSET,
    ask_element,
    ask_rule,
    chain,
    element,
    generation,
    rule,
    set_key,
)
from netview.derive.path.questions import Revision
from netview.kernel.legacy_rules import legacy_chains
from netview.kernel.modules import is_at_hand
from netview.kernel.netlink import RouteSocket
from netview.kernel.place import HERE, Place
from netview.model.ruleset import Chain, ChainKey, Element, NftRule, Ruleset

_NETFILTER = 12
_EVERYTHING = bytes(4)  # struct nfgenmsg: of all families.
_TRIES = 4
_met: set[int] = set()
"""Protocols of netlink that the kernel was seen to speak: modules that are in use are not unloaded."""


class NetfilterSocket(RouteSocket):
    """NETLINK_NETFILTER."""

    protocol = _NETFILTER
    guarded = True


def ruleset(place: Place = HERE, known: Ruleset | None = None) -> Ruleset:
    """All rules, read between two changes; raises OSError, also where they change all the time.

    `known`: what was read before, which is the answer where nothing has changed.
    """
    tables = _legacy(place)
    # Through another process nobody asks for them.
    unread = frozenset(tables) if place is not HERE else frozenset[str]()
    own = {} if unread else {(one.family, f"legacy {one.table}", one.name): one for one in _legacy_chains(tables)}
    if not has_nftables(place):
        return Ruleset(own, legacy=unread)  # Asking would load the module.
    with NetfilterSocket(place) as socket:
        for _ in range(_TRIES):
            before = _generation(socket)
            if known is not None and known.generation == before and not tables:
                return known
            chains, rules = _chains(socket), _rules(socket)
            sets = dict(set_key(*message) for message in socket.dump(GETSET, NEWSET, _EVERYTHING))
            if before == _generation(socket):
                whole = {key: replace(one, rules=tuple(rules.get(key, ()))) for key, one in chains.items()}
                return Ruleset(whole | own, sets, unread, before)
    raise OSError(errno.EAGAIN, "the rules change all the time")


def revision(place: Place = HERE) -> Revision:
    """Which state all rules are in; raises OSError. Rules of iptables-legacy change within it, and nothing tells."""
    legacy = frozenset((family, table) for family, tables in _legacy(place).items() for table in tables)
    if not has_nftables(place):
        return Revision(None, legacy)
    with NetfilterSocket(place) as socket:
        return Revision(_generation(socket), legacy)


def element_of(of: ChainKey, key: bytes, place: Place = HERE) -> Element:
    """What a set says of a key; raises OSError. No set is ever read as a whole."""
    with NetfilterSocket(place) as socket:
        try:
            answer = socket.request(GETSETELEM, ask_element(of, key))
        except FileNotFoundError:
            return Element(found=False)
        return Element(found=False) if answer is None else element(*answer)


def rule_of(of: ChainKey, handle: int, place: Place = HERE) -> NftRule:
    """One rule as it is now, with what it has counted; raises OSError."""
    with NetfilterSocket(place) as socket:
        answer = socket.request(GETRULE, ask_rule(of, handle))
    if answer is None:
        raise OSError(errno.ENODATA, os.strerror(errno.ENODATA))
    return rule(*answer)[1]


def has_nftables(place: Place = HERE) -> bool:
    """Whether asking for rules loads nothing: conntrack and ipset speak NETLINK_NETFILTER, too."""
    return listens(_NETFILTER, place) and is_at_hand("nf_tables")


def _chains(socket: NetfilterSocket) -> dict[ChainKey, Chain]:
    found = [chain(*message) for message in socket.dump(GETCHAIN, NEWCHAIN, _EVERYTHING)]
    return {(one.family, one.table, one.name): one for one in found}


def _rules(socket: NetfilterSocket) -> dict[ChainKey, list[NftRule]]:
    found: dict[ChainKey, list[NftRule]] = {}
    for message in socket.dump(GETRULE, NEWRULE, _EVERYTHING):
        key, one = rule(*message)
        found.setdefault(key, []).append(one)
    return found


def _generation(socket: NetfilterSocket) -> int:
    """15 µs."""
    answer = socket.request(GETGEN, _EVERYTHING)
    if answer is None:
        raise OSError(errno.ENODATA, os.strerror(errno.ENODATA))
    return generation(*answer)


def listens(protocol: int, place: Place) -> bool:
    """Whether the kernel itself has a netlink socket of a protocol here; where it has one, it has one in every namespace."""
    if protocol in _met:
        return True
    # The file costs as much as there are sockets in all namespaces together.
    with place.table("netlink") as file:
        lines = file.readlines()[1:]
    _met.update(int(number) for _, number, port, *_ in map(bytes.split, lines) if int(port) == 0)
    return protocol in _met


def _legacy(place: Place) -> dict[str, list[str]]:
    """The tables of iptables' own kind that exist, by family."""
    found: dict[str, list[str]] = {}
    for name, family in (("ip_tables_names", "ip"), ("ip6_tables_names", "ip6")):
        with suppress(FileNotFoundError), place.table(name) as file:
            tables = file.read().decode("ascii", "replace").split()
            if tables:
                found[family] = tables
    return found


def _legacy_chains(tables: dict[str, list[str]]) -> list[Chain]:
    return [one for family, names in tables.items() for one in legacy_chains(family, names)]
