"""The tab Addresses."""

from netview.derive.filter import Subject
from netview.ui.columns import Cell, Column, Context, Item, Target, View
from netview.ui.subjects import item_subject
from netview.ui.views.facts import facts
from netview.ui.views.words import LINK

_FLAGS = {0x80: "permanent", 0x40: "tentative", 0x20: "deprecated", 0x08: "dadfailed", 0x01: "secondary"}


def _address(item: Item, _context: Context) -> Cell:
    address = item.fact
    return Cell(f"{address.address}/{address.prefixlen}", "name")


def _flags(item: Item, _context: Context) -> str:
    return " ".join(word for bit, word in _FLAGS.items() if item.fact.flags & bit)


def _subject(item: Item, context: Context) -> Subject:
    address = item.fact
    cidr = f"{address.address}/{address.prefixlen}"
    return item_subject(item, context, ips=(cidr, address.peer), words=(address.family.word, address.scope, address.label))


ADDRESSES = View(
    "addresses",
    "Addresses",
    (
        Column("address", "ADDRESS", _address, lambda item, _: item.fact.address, least=14, most=44),
        LINK,
        Column("family", "FAMILY", lambda item, _: item.fact.family.word, lambda item, _: item.fact.family.word, least=6),
        Column("scope", "SCOPE", lambda item, _: item.fact.scope, lambda item, _: item.fact.scope, least=6),
        Column("broadcast", "BROADCAST", lambda item, _: item.fact.broadcast or "", lambda item, _: item.fact.broadcast, rank=6),
        Column("peer", "PEER", lambda item, _: item.fact.peer or "", lambda item, _: item.fact.peer, rank=7),
        Column("flags", "FLAGS", _flags, lambda item, context: _flags(item, context) or None, rank=8),
    ),
    facts(
        lambda namespace: namespace.tables.addresses,
        lambda address: (address.ifindex, address.address, address.prefixlen),
        lambda address: address.ifindex,
    ),
    _subject,
    brief="Addrs",
    empty="no address here",
    target=lambda item, _: Target(link=item.link),
    steady=True,
)
