"""The tab Ports of a bridge."""

from collections.abc import Callable
from typing import Any

from netview.derive.filter import Told
from netview.derive.pair import flow
from netview.model import BridgePort, Link, LinkKey, Snapshot
from netview.ui.columns import Cell, Column, Context, Item, SortValue, Target, View
from netview.ui.subjects import link_subject
from netview.ui.traffic import Ends, is_busy, traffic_columns
from netview.ui.views.fdb import behind
from netview.ui.views.words import is_down, main_address, state

_ABSENT = ""


def _rows(context: Context) -> tuple[Item, ...]:
    if context.bridge is None:
        return ()
    snapshot = context.snapshot
    known = ((port, snapshot.link(port)) for port in snapshot.ports_of(context.bridge))
    return tuple(
        Item(port, port.namespace, port, link)
        for port, link in known
        if link is not None and (not context.busy_only or is_busy(context, port))
    )


def port_state(link: Link) -> Cell:
    """The STP state of a port; of one that is down its link's."""
    if link.port is None or is_down(link):
        return state(link)
    word = link.port.state.word
    return Cell(word, "good" if word == "forwarding" else "warn")


def inside(context: Context, port: LinkKey | None) -> LinkKey | None:
    """The container's end of a port."""
    peer = None if port is None else context.snapshot.peer(port)
    return None if peer is None else peer.key


def inside_address(context: Context, port: LinkKey | None) -> str:
    """The address that a port leads to."""
    key = inside(context, port)
    namespace = None if key is None else context.snapshot.namespaces.get(key.namespace)
    return "" if key is None or namespace is None else main_address(namespace.addresses_of(key.ifindex))


def _port(name: str, title: str, get: Callable[[BridgePort], Any], *, right: bool = False, rank: int = 5) -> Column:
    def value(item: Item, _context: Context) -> SortValue | None:
        found = None if item.fact.port is None else get(item.fact.port)
        return found if isinstance(found, str | float | int) else None

    def cell(item: Item, context: Context) -> Cell:
        found = value(item, context)
        if isinstance(found, bool):
            return Cell("on" if found else "off", "" if found else "dim")
        return Cell(_ABSENT if found is None else str(found))

    return Column(name, title, cell, value, least=min(len(title), 6), right=right, rank=rank)


def _ends(item: Item, context: Context) -> Ends:
    found = flow(context.snapshot, item.key) if isinstance(item.key, LinkKey) else None
    return ((), False) if found is None else (found.links, found.swapped)


def _subject(item: Item, context: Context) -> Told:
    ends = [key for key in (item.link, inside(context, item.link)) if key is not None]
    return link_subject(context, ends, port_state(item.fact).text)


def _alive(item: Item, snapshot: Snapshot) -> bool:
    return item.link is not None and snapshot.master_of(item.link) is not None


PORTS = View(
    "ports",
    "Ports",
    (
        Column("name", "PORT", lambda item, _: Cell(item.fact.name, "name"), lambda item, _: item.fact.name, least=8, most=18),
        _port("number", "NO", lambda port: port.number, right=True, rank=6),
        Column("state", "STATE", lambda item, _: port_state(item.fact), lambda item, _: port_state(item.fact).text, least=6),
        Column("behind", "LEADS TO", lambda item, c: behind(c, item.link), lambda item, c: behind(c, item.link) or None, most=34),
        Column(
            "address",
            "ADDRESS",
            lambda item, context: inside_address(context, item.link),
            lambda item, context: inside_address(context, item.link) or None,
            least=12,
            most=40,
            rank=3,
        ),
        *traffic_columns(_ends, kernel=False),
        _port("cost", "COST", lambda port: port.cost, right=True, rank=7),
        _port("priority", "PRIORITY", lambda port: port.priority, right=True, rank=8),
        _port("hairpin", "HAIRPIN", lambda port: port.hairpin, rank=8),
        _port("isolated", "ISOLATED", lambda port: port.isolated, rank=8),
        _port("learning", "LEARNING", lambda port: port.learning, rank=8),
    ),
    _rows,
    _subject,
    empty="nothing is plugged in here",
    hides_quiet=True,
    target=lambda item, _: Target(link=item.link),
    crumbs=lambda item, _: (item.fact.name,),
    alive=_alive,
    steady=True,
)
