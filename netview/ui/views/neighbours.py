"""The tab Neighbours: ARP and NDP."""

from netview.derive.filter import Subject
from netview.model import Neighbour, NeighbourState
from netview.ui.columns import Cell, Column, Context, Item, Target, View
from netview.ui.subjects import item_subject
from netview.ui.views.facts import facts
from netview.ui.views.words import LINK

_GOOD = NeighbourState.REACHABLE | NeighbourState.PERMANENT
_BAD = NeighbourState.FAILED | NeighbourState.INCOMPLETE


def _state(item: Item, _context: Context) -> Cell:
    state: NeighbourState = item.fact.state
    words = ",".join(bit.name for bit in NeighbourState if bit & state and bit.name) or "NONE"
    return Cell(words, "bad" if state & _BAD else "good" if state & _GOOD else "dim")


def _subject(item: Item, context: Context) -> Subject:
    entry: Neighbour = item.fact
    return item_subject(item, context, ips=(entry.ip,), macs=(entry.mac,), words=(_state(item, context).text, entry.family.word))


NEIGHBOURS = View(
    "neighbours",
    "Neighbours",
    (
        Column("ip", "ADDRESS", lambda item, _: Cell(item.fact.ip, "name"), lambda item, _: item.fact.ip, least=12, most=40),
        Column("mac", "MAC", lambda item, _: item.fact.mac or "", lambda item, _: item.fact.mac, least=17),
        LINK,
        Column("state", "STATE", _state, lambda item, context: _state(item, context).text, least=9),
        Column("router", "ROUTER", lambda item, _: "router" if item.fact.router else "", rank=7),
    ),
    facts(
        lambda namespace: namespace.tables.neighbours,
        lambda entry: (entry.ifindex, entry.ip),
        lambda entry: entry.ifindex,
    ),
    _subject,
    brief="Neighs",
    empty="no neighbours: nothing was resolved here yet",
    target=lambda item, _: Target(link=item.link),
)
